"""What the commands print: pages that a person can read, from a prepared case or a stored result.

Every function writes to a rich Console; text of the user's goes in as Text, so that no bracket in it is read as markup.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .constants import BAR, OCEAN_HYDROGEN, YEAR
from .output import summary

if TYPE_CHECKING:
    import xarray

    from .case import Case
    from .planet import Planet
    from .run import Prepared

GRAPHITE_TRACE = 1e-9  # of the carbon; below it graphite is the tail of the smooth switch, and there is none
NAMES = {"H": "hydrogen", "C": "carbon", "N": "nitrogen", "S": "sulfur", "He": "helium", "Ne": "neon", "Ar": "argon"}
ARGUMENTS = {"T": "temperature", "P": "total pressure", "melt_fraction": "melt fraction", "p": "its fugacity", "dIW": "log10 fO2 above IW"}


def describe(planet: Planet, console: Console, full: bool = False):
    """The planet, its inventories, oxygen, chemistry and laws, before anything is solved; `full`: laws in detail."""
    case, inside, chemistry = planet.case, planet.structure, planet.chemistry
    console.print(_text(case.title or case.name, "bold"), _text(f"({case.source})", "dim"))
    size = f"radius {inside.radius / 1e3:.0f} km, core radius {inside.core_radius / 1e3:.0f} km, gravity {inside.gravity:g} m/s2"
    depth = f"{inside.mantle_mass:.4g} kg down to {inside.core_mantle_pressure / 1e9:.1f} GPa"
    mixed = " (well mixed at every instant; melt and crystals do not separate)" if case.mantle.model == "lumped" else ""
    found = [("planet", f"{size}, equilibrium temperature {case.planet.equilibrium_temperature:g} K")]
    found.append(("mantle", f"{depth}, model '{case.mantle.model}'{mixed}"))
    found += [(NAMES.get(e, e), _inventory(planet, e)) for e in chemistry.elements]
    if not chemistry.elements:
        found.append(("volatiles", "none: the bare surface radiates"))
    if chemistry.species:
        found.append(("species", ", ".join(chemistry.species)))
    if chemistry.reactions:
        found.append(("oxygen", _oxygen(planet)))
        found.append(("reactions", "\n".join(r.text for r in chemistry.reactions)))
    found.append(("run", _ends(case)))
    console.print()
    rows(found, console)
    used = [(", ".join(roles), _law(law) if full else f"{law.name}: {law.reference}") for law, roles in _laws(planet)]
    if chemistry.reactions:
        sets, named = chemistry.mechanism.equilibrium_constants, chemistry.source
        origin = sets[named].reference if named in sets else f"the species' polynomials in {chemistry.mechanism.name}.yaml"
        used.insert(0, ("ln K", f"{named}: {origin}"))
    rows(used, console, "laws")


def _inventory(planet, element):
    chemistry = planet.chemistry
    if element in chemistry.pressures:
        kind, species, value = chemistry.pressures[element]
        return f"as much as a {kind} of {value / BAR:.4g} bar of {species} at the start asks for"
    mass = chemistry.masses[element]
    parts = [f"{mass:.4g} kg"]
    if element == "H":
        parts.append(counted(f"{mass / OCEAN_HYDROGEN:.4g}", "ocean"))
    elif "H" in chemistry.masses:
        parts.append(f"{element}/H = {mass / chemistry.masses['H']:.4g} by mass")
    return ", ".join([*parts, f"{1e6 * mass / planet.structure.mantle_mass:.4g} ppmw of the mantle"])


def _oxygen(planet):
    oxygen, run = planet.chemistry.oxygen, planet.case.run
    if oxygen is None:
        return f"{planet.chemistry.oxygen_label}, which sets its fugacity"
    if not oxygen.buffer:
        return f"{oxygen.label} (bar) at every temperature"
    values = [f"{float(oxygen.evaluate(T)):.3f} at {T:g} K" for T in (run.initial_surface_temperature, run.end_surface_temperature)]
    return f"{oxygen.label}: log10 fO2 (bar) {', '.join(values)}"


def _ends(case):
    options = case.run
    ends = [f"{options.end_surface_temperature:g} K"]
    if options.end_melt_fraction is not None:
        ends.append(f"a melt fraction of {options.end_melt_fraction:g}")
    if options.end_time is not None:
        ends.append(years(options.end_time))
    return f"the surface cools from {options.initial_surface_temperature:g} K to {', or until '.join(ends)}; rtol {options.rtol:g}"


def _laws(planet):
    """The laws in use, each with the roles it plays."""
    found: list[tuple] = []
    for role, law in planet.laws.items():
        if law.name == "none" or (role == "oxygen fugacity" and not planet.chemistry.reactions):
            continue
        same = next((roles for one, roles in found if (one.name, one.reference) == (law.name, law.reference)), None)
        if same is None:
            found.append((law, [role.replace("equation of state", "EOS")]))
        else:
            same.append(role)
    return found


# ---- the page of `mocoupled show`


def declaration(prepared: Prepared, console: Console):
    """What is solved: planet, laws, species, equilibria, unknowns and equations, each with its source."""
    planet, model = prepared.planet, prepared.system.model
    describe(planet, console, full=True)
    if planet.chemistry.species:
        rows([(s, _species(planet, s)) for s in planet.chemistry.species], console, "species")
    if planet.chemistry.reactions:
        _equilibria(planet, console)
    start = [(u.name, f"{x:.8g}{_unit(u)}, {u.long_name}{_in_bar(u, x)}") for u, x in zip(model.unknowns, prepared.start)]
    rows(start, console, f"{counted(len(start), 'unknown')}, at the start", 36)
    rows([(p.name, f"{p.value:.8g}{_unit(p)}, {p.long_name}") for p in model.parameters], console, "parameters", 36)
    _equations(planet, model, console)


def _law(law):
    """A law as a block of lines: name, what it says, where it was calibrated, its source."""
    names = ARGUMENTS if law.kind == "solubility" else ARGUMENTS | {"P": "pressure"}
    ranges = [f"{names.get(a, a)} {_span(*span, _unit_of(a))}" for a, span in law.ranges.items()]
    conditions = [str(law.attributes[key]) for key in ("melt", "conditions") if key in law.attributes]
    held = "; ".join([*([f"holds for {', '.join(ranges)}"] if ranges else []), *conditions])
    return "\n".join(line for line in (law.name, law.doc, held, law.reference) if line)


def _species(planet, name):
    chemistry, one = planet.chemistry, planet.chemistry.mechanism.species[name]
    parts = [f"{1e3 * chemistry.molar_mass(name):.7g} g/mol"]
    if name in chemistry.absorption:
        law = chemistry.solubility[name].name
        parts.append(f"absorbs {chemistry.absorption[name]:g} m2/kg at 101325 Pa")
        parts.append("does not dissolve" if law == "none" else f"dissolves by {law}")
    if chemistry.partition.get(name):
        parts.append(f"crystals/melt {chemistry.partition[name]:g} by mass")
    lines = [", ".join(parts), f"{one.temperature_range[0]:g} to {one.temperature_range[1]:g} K: {one.reference}"]
    if one.radiation and name not in planet.case.atmosphere.absorption:
        lines.append(f"absorption: {one.radiation.get('reference', 'no reference given')}")
    return "\n".join(lines)


def _equilibria(planet, console):
    """log10 K of every reaction at the start and the end of the run."""
    from .thermochemistry import ln_K_values

    chemistry, run = planet.chemistry, planet.case.run
    ends = (run.initial_surface_temperature, run.end_surface_temperature)
    found = [
        (k, one.text, *(f"{value / math.log(10):.4f}" for value in ln_K_values(chemistry.mechanism, one, ends, chemistry.source)[0]))
        for k, one in enumerate(chemistry.reactions, 1)
    ]
    table("equilibria, fugacities in bar", ("", "reaction", *(f"log10 K, {T:g} K" for T in ends)), found, console)


def _equations(planet, model, console):
    """Balances, equilibria and starts, in pressures and temperature instead of the solver's logarithms."""
    shown = _readable(planet, model)
    reactions = {r.text: r for r in planet.chemistry.reactions}
    for balance in model.balances:
        rows([("", f"d/dt [ {shown(balance.storage)} ] = {shown(balance.source)}")], console, f"balance of {balance.name}, {balance.unit}")
    for one in model.constraints:
        known = reactions.get(one.name)
        left = _affinity(known, planet.chemistry) if known else shown(one.residual)
        rows([("", f"{left} = {'ln K(T)' if known else '0'}")], console, f"equilibrium {one.name}")
    rows([("", "; ".join(s.name for s in model.starts))], console, "given at the start")
    meant = ["T: surface temperature, K"]
    if planet.chemistry.species:
        meant += ["tau: optical depth", "p_X: pressure of X, bar", "mu: mean molar mass, kg/mol", "n_E: moles of element E"]
    if reactions:
        meant += ["x_k: extent of reaction k since the start, in units of its scarcest element", "fO2: as the buffer has it at T, bar"]
    if "C(gr)" in planet.chemistry.species:
        meant.append("graphite holds n_C (r + s)/2 moles at the activity exp(-(r - s)/2), r^2 = s^2 + 4e-14: either there is some or a < 1")
    console.print(_text("\n" + "; ".join(meant) + ".\nThe solver's own form, to the last digit: mocoupled show CASE --code", "dim"))


def _readable(planet, model):
    """A function that writes an expression with p_X, mu, tau, T, x_k, five digits and short names of tables."""
    import sympy

    def symbol(name):
        return sympy.Symbol(name, positive=True)

    def whole(expression):
        return expression.xreplace({f: sympy.Integer(int(f)) for f in expression.atoms(sympy.Float) if float(f).is_integer() and abs(f) < 1e6})

    outputs = {o.name: whole(sympy.sympify(o.expression)) for o in model.outputs if not o.dimension}
    steps = []
    if "surface_pressure" in outputs:
        total, mean = outputs["surface_pressure"], outputs["mean_molar_mass"]
        steps = [(outputs["optical_depth"], symbol("tau")), (whole(mean * total), 10**5 * symbol("mu") * symbol("P")), (total, 10**5 * symbol("P"))]
    tables = {leaf: sympy.Function(name.rsplit("_", 1)[0]) for name, leaf in model.externals.items()}
    plain = {u.symbol: sympy.log(symbol(f"p_{u.name[5:-1]}")) for u in model.unknowns if u.name.startswith("ln_p[")}
    plain |= {sympy.Symbol(f"extent[{r.text}]", real=True): symbol(f"x_{k}") for k, r in enumerate(planet.chemistry.reactions, 1)}
    plain |= {p.symbol: symbol(p.name.replace("moles_", "n_")) for p in model.parameters}
    plain |= {sympy.Symbol("surface_temperature", real=True): symbol("T"), sympy.Symbol("s[C(gr)]", real=True): symbol("s")}

    def shown(expression):
        expression = whole(sympy.sympify(expression))
        for old, new in steps:
            expression = expression.subs(old, new) if old.free_symbols else expression
        for leaf, name in tables.items():
            expression = expression.replace(leaf, name)
        expression = expression.xreplace(plain)
        return str(whole(expression.xreplace({f: sympy.Float(f, 5) for f in expression.atoms(sympy.Float)})))

    return shown


def _affinity(reaction, chemistry):
    """ln Q of a reaction as a chemist writes it."""
    kinds = {s: "fO2" if s == "O2" else f"{'p' if chemistry.mechanism.species[s].phase == 'gas' else 'a'}_{s}" for s, _ in reaction.stoichiometry}
    terms = [f"{'-' if c < 0 else '+'} {'' if abs(c) == 1 else f'{abs(c)} '}ln {kinds[s]}" for s, c in reaction.stoichiometry]
    return " ".join(terms).removeprefix("+ ")


def keys(case: Case, console: Console):
    """Every key that --set takes, with its value in the case, what is allowed and what it means."""
    from .schema import keys as every

    document = case.resolved()
    groups: dict[str, list] = {}
    for key in every():
        section, _, name = key.name.rpartition(".")
        value = json.dumps((document[section] if section else document)[name], ensure_ascii=False)
        allowed = f" ({key.allowed})" if key.allowed else ""
        groups.setdefault(section, []).append((key.name, f"{value}\n{key.description}{allowed}"))
    for section, found in groups.items():
        rows(found, console, f"[{section}]" if section else "at the top", 32)


# ---- the end of a run


def ending(result: xarray.Dataset, console: Console):
    """The end of a run: why, when, what is where, how well it was solved, and which laws were stretched."""
    digest = summary(result)
    mark = {"complete": "bold green", "interrupted": "bold yellow"}.get(digest["status"], "bold red")
    console.print(_text("\n" + digest["status"], mark) + _text(f": {digest['end']}\n"))
    rows(_final(result, digest["final"]), console)
    if "pressure_bar" in digest["final"]:
        _species_table(result, console)
    work, drift = digest["statistics"], digest["largest_drift"]
    drifts = ", ".join(f"{name.removesuffix('_drift').replace('_', ' ')} {value:.0e}" for name, value in drift.items())
    console.print(_text(f"\n{work['steps']} steps in {work['wall']:.2f} s, {work['rates']} rates, {work['jacobians']} Jacobians", "dim"))
    console.print(_text(f"largest drift: {drifts}", "dim"))
    stretched: dict[str, list] = {}
    for one in digest["extrapolations"]:
        here = f"{_span(*one['reached'], one['unit'])}, calibrated for {_span(*one['calibrated'], one['unit'])}"
        name = ARGUMENTS.get(one["argument"], one["argument"])
        stretched.setdefault(one["law"], []).append((f"  {name}", f"{here}; {one['share']:.0%} of the steps outside"))
    console.print(_text("\nlaws outside their calibration" if stretched else "", "bold"))
    for law, found in stretched.items():
        console.print(_text(law, "yellow"))
        rows(found, console)


def _final(result, final):
    """Rows of the last state."""
    found = [
        ("time", years(final["time_yr"] * YEAR)),
        ("surface temperature", f"{final['surface_temperature_K']:.2f} K"),
        ("melt fraction", f"{final['melt_fraction']:.4f}"),
        ("heat flux to space", f"{final['flux_W_m2']:.5g} W/m2"),
    ]
    if "surface_pressure_bar" in final:
        found.append(("optical depth", f"{final['optical_depth']:.4g}"))
        molar = 1e3 * float(result.mean_molar_mass[-1])
        found.append(("surface pressure", f"{final['surface_pressure_bar']:.5g} bar, mean molar mass {molar:.4g} g/mol"))
        found.append(("log10 fO2", f"{final['log10_fO2_bar']:.4f} (bar)"))
    if "graphite_mass_kg" in final:
        found.append(("graphite", graphite(result)))
    if "escaped_mass_kg" in final:
        found.append(("escaped", f"{final['escaped_mass_kg']:.4g} kg of H2"))
    return found


def graphite(result: xarray.Dataset) -> str:
    """The graphite of the last state in words; below GRAPHITE_TRACE of the carbon there is none."""
    mass, activity = result.graphite_mass.values, float(result.graphite_activity[-1])
    carbon = result.element_moles.sel(element="C").values * 0.012
    if mass[-1] > GRAPHITE_TRACE * carbon[-1]:
        return f"{mass[-1]:.4g} kg, {mass[-1] / carbon[-1]:.2g} of the carbon"
    text = f"none (activity of carbon {activity:.2g})"
    most = int(mass.argmax())
    if mass[most] > GRAPHITE_TRACE * carbon[most]:
        text += f"; at most {mass[most]:.4g} kg, at {years(float(result.time[most]))}"
    return text


def _species_table(result, console):
    last = result.isel(time=-1)
    found = []
    for species in result.species.values:
        one = last.sel(species=species)
        dissolved = float(one.dissolved_mass)
        found.append((species, f"{float(one.pressure) / BAR:.5g}", f"{float(one.mixing_ratio):.4g}",
                     f"{float(one.gas_mass):.4g}", f"{dissolved:.4g}" if dissolved else "-"))  # fmt: skip
    table("", ("species", "pressure, bar", "mixing ratio", "in the gas, kg", "in the melt, kg"), found, console)


# ---- text


def years(seconds: float) -> str:
    """A time with the unit that suits it."""
    value = seconds / YEAR
    for least, size, unit in ((1e9, 1e9, "Gyr"), (1e6, 1e6, "Myr"), (1e4, 1e3, "kyr")):
        if value >= least:
            return f"{value / size:.5g} {unit}"
    return f"{value:.5g} yr" if value >= 0.1 or not value else f"{seconds:.4g} s"


def counted(number, noun: str) -> str:
    """ "1 ocean", "3 oceans"."""
    return f"{number} {noun}{'' if str(number) == '1' else 's'}"


def table(title: str, head: tuple[str, ...], body: list[tuple], console: Console):
    """Print a table; columns of numbers are flush right."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="underline")
    for k, name in enumerate(head):
        numeric = all(str(row[k])[:1] in tuple("0123456789-") for row in body)
        made.add_column(_text(name), justify="right" if numeric else "left", overflow="fold")
    for row in body:
        made.add_row(*map(_text, row))
    console.print(_text(f"\n{title}" if title else "", "bold"))
    console.print(made)


def rows(pairs: list[tuple], console: Console, title: str = "", width: int = 24):
    """Print labels and text side by side, the text with a hanging indent. width: of the labels at most."""
    if title:
        console.print(_text(f"\n{title}", "bold"))
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(style="cyan", max_width=width, min_width=width if width > 24 else None)
    made.add_column(overflow="fold")
    for label, text in pairs:
        made.add_row(_text(label), _text(text))
    console.print(made)


def _text(value, style="") -> Text:
    """Text as it is: no markup, no control characters but the line's end."""
    return Text("".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in str(value)), style=style)


def _unit(item):
    return "" if item.unit == "1" else f" {item.unit}"


def _unit_of(argument):
    """SI unit of a law's argument, by its name."""
    return "K" if argument == "T" else "Pa" if argument[0] in "pP" else "1"


def _in_bar(unknown, x):
    return f": {math.exp(x):.4g} bar" if unknown.name.startswith("ln_p[") else ""


def _span(low, high, unit):
    """A range with its unit; pressures in bar, or GPa where they are a mantle's."""
    if unit == "Pa":
        size, unit = (1e9, "GPa") if high >= 1e10 else (BAR, "bar")
        low, high = low / size, high / size
    ends = [f"{low:.4g}", f"{high:.4g}"]
    return " to ".join(dict.fromkeys(ends)) + ("" if unit == "1" else f" {unit}")


HEADS = {  # variable -> its head in the table of `static`, and its unit there
    "temperature": ("T, K", 1.0), "melt_fraction": ("melt", 1.0), "pressure": ("P, bar", BAR), "surface_pressure": ("total", BAR),
    "log10_fO2": ("log10 fO2", 1.0), "graphite_activity": ("a(C)", 1.0),
}  # fmt: skip


def static(result: xarray.Dataset, axes: list[str], quantity: str, console: Console):
    """Equilibria without time: one table, a row per point, pressures in bar."""
    species = [str(s) for s in result.species.values]
    flat = result.stack(row=[d for d in axes if d in result.dims]) if any(d in result.dims for d in axes) else result.expand_dims("row")
    asked = [(*_head(a), "total_pressure" if a == "pressure" and "total_pressure" in result else a) for a in axes if not a.startswith("pressure_")]
    found = [(*_head(n), n) for n in ("surface_pressure", "log10_fO2", "graphite_activity") if n in result]
    amounts = [(f"{label}, kg", label_of, "gas_mass") for label, label_of in (("C(gr)", "graphite_mass"), ("H2O(l)", "water_mass")) if label_of in result]
    solid = [str(c) for c in result.condensate.values] if "condensate" in result.dims else []
    elements = [str(e) for e in result.element.values] if "element_mass" in result else []
    state = ["water"] if "water_state" in result else []
    heads = [*(h for h, *_ in asked), *species, *(h for h, *_ in found), *(h for h, *_ in amounts), *(f"{c}, mol" for c in solid)]
    heads += [*state, *(f"{e}, kg" for e in elements)]
    body = []
    for k in range(min(flat.sizes["row"], 200)):
        row = flat.isel(row=k)
        cells = [f"{float(row[n]) / size:.6g}" for _, size, n in asked]
        cells += [f"{float(row[quantity].sel(species=s)) / BAR:.4g}" for s in species]
        cells += [f"{float(row[n]) / size:.4g}" for _, size, n in found]
        cells += [_amount(float(row[n]), float(row[beside].sum())) for _, n, beside in amounts]
        cells += [_amount(float(row.condensate_moles.sel(condensate=c)), float(row.gas_moles.sum())) for c in solid]
        cells += [str(row.water_state.item()) for _ in state]
        cells += [f"{float(row.element_mass.sel(element=e)):.4g}" for e in elements]
        body.append(cells)
    for columns in _side_by_side(heads, body, len(asked), console.width):
        shown = Table(box=None, pad_edge=False)
        for c in columns:
            shown.add_column(_text(heads[c]), justify="right", no_wrap=True)
        for cells in body:
            shown.add_row(*(_text(cells[c]) for c in columns))
        console.print(shown)
    if flat.sizes["row"] > 200:
        console.print(f"... and {flat.sizes['row'] - 200} more rows: write them to a file with -o")
    if "engine_difference" in result:
        told = result.engine_difference
        console.print(f"Cantera solved {int(told.notnull().sum())} of {told.size}; largest |ln| difference of mole fractions above 1e-9: {float(told.max()):.1e}")
    console.print("gases in bar" + ("; elements in kg, in gas, melt and condensates" if elements else ""))
    console.print(f"oxygen: {result.attrs.get('oxygen_fugacity', 'from the elements')}; mechanism {result.attrs['mechanism']}, largest residual {float(result.residual.max()):.1e}")


def _side_by_side(heads, body, repeated, width) -> list[list[int]]:
    """Columns of the tables that a wide one is printed as, so that no digit is cut off; the first ones stand in each."""
    sizes = [max(len(head), *(len(cells[k]) for cells in body)) + 2 for k, head in enumerate(heads)]
    tables = [list(range(repeated))]
    for k in range(repeated, len(heads)):
        if len(tables[-1]) > repeated and sum(sizes[c] for c in tables[-1]) + sizes[k] > width + 2:
            tables.append(list(range(repeated)))
        tables[-1].append(k)
    return tables


def _head(name) -> tuple[str, float]:
    """The head of a variable in a table, and the size of its unit there."""
    kind, _, rest = name.partition("_")
    return HEADS.get(name) or ((f"f({rest}), bar", BAR) if kind == "fugacity" else (f"{name}, kg", 1.0))


def _amount(value, beside):
    """An amount of condensate; "-" for the trace that the smooth complementarity leaves where there is none."""
    return f"{value:.4g}" if value > 1e-9 * beside else "-"
