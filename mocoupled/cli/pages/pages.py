"""What the commands print: pages that a person can read, from a prepared case or a stored result.

Every function writes to a rich Console; text of the user's goes in as Text, so that no bracket in it is read as markup.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...closures.redox import DEFAULT_IRON_WUSTITE
from ...constants import ATOMIC_MASS_CARBON, BAR, OCEAN_HYDROGEN, YEAR
from ...interior.static_structure import gravity_of_masses
from ...provenance.omissions import notable, omissions
from ...results.graphite import present
from ...results.summaries import summary

if TYPE_CHECKING:
    import xarray

    from ...case import Case
    from ...planet.assembly import Planet

GRAVITY_APART = (
    0.05  # of planet.gravity: how far the gravity of the masses may be off before the header says so
)
MANY, SHOWN = 12, 1e-6  # of more gases than this, those above this share of the total are printed
COMMON = ("H2", "H2O", "CO", "CO2", "CH4", "O2")  # are printed in any case
NAMES = {
    "H": "hydrogen",
    "C": "carbon",
    "N": "nitrogen",
    "S": "sulfur",
    "He": "helium",
    "Ne": "neon",
    "Ar": "argon",
}
ARGUMENTS = {
    "T": "temperature",
    "P": "total pressure",
    "melt_fraction": "melt fraction",
    "p": "its fugacity",
    "dIW": "log10 fO2 above IW",
}


def describe(planet: Planet, console: Console, full: bool = False):
    """The planet, its inventories, oxygen, chemistry and laws, before anything is solved; `full`: laws in detail."""
    case, inside, chemistry = planet.case, planet.structure, planet.chemistry
    console.print(plain(case.title or case.name, "bold"), plain(f"({case.source})", "dim"))
    size = f"radius {inside.radius / 1e3:.0f} km, core radius {inside.core_radius / 1e3:.0f} km, gravity {inside.gravity:g} m/s2"
    depth = f"{inside.mantle_mass:.4g} kg down to {inside.core_mantle_pressure / 1e9:.1f} GPa"
    masses = gravity_of_masses(case.planet)
    if abs(masses / inside.gravity - 1) > GRAVITY_APART:
        size += f" (mantle and core of these densities would have {masses:.3g} m/s2)"
    found = [("planet", f"{size}, equilibrium temperature {case.planet.equilibrium_temperature:g} K")]
    found.append(("mantle", f"{depth}, {_mantle(case)}"))
    found += [(NAMES.get(e, e), _inventory(planet, e)) for e in chemistry.elements]
    if not chemistry.elements:
        found.append(("volatiles", "none: the bare surface radiates"))
    if chemistry.species:
        found.append(("species", ", ".join(chemistry.species)))
    if chemistry.reactions or chemistry.imposed:
        found.append(("oxygen", _oxygen(planet)))
    if chemistry.reactions:
        found.append(("reactions", "\n".join(r.text for r in chemistry.reactions)))
    if planet.below is not None:
        found.append(("pile", _pile(case, planet.below)))
    found.append(("run", _ends(case)))
    console.print()
    rows(found, console)
    used = [
        (", ".join(roles), law_block(law) if full else f"{law.name}: {law.reference}")
        for law, roles in _laws(planet)
    ]
    if chemistry.reactions:
        sets, named = chemistry.mechanism.equilibrium_constants, chemistry.source
        origin = (
            sets[named].reference
            if named in sets
            else f"the species' polynomials in {chemistry.mechanism.name}.yaml"
        )
        used.insert(0, ("ln K", f"{named}: {origin}"))
    rows(used, console, "laws")
    rows(
        [(one.what, one.sentence) for one in omissions(planet.case, planet.chemistry, planet.laws)],
        console,
        "left out",
    )


def _mantle(case):
    """The model of the mantle, with what matters to its answer."""
    asked = case.mantle
    if asked.model == "lumped":
        return "model 'lumped' (well mixed at every instant; melt and crystals do not separate)"
    return (
        f"model 'column' of {asked.cells} cells, crystals of {asked.crystal_size:g} m, closure '{asked.closure}', "
        f"separation '{asked.separation}', availability '{asked.availability}'"
    )


def _pile(case, below):
    """What lies below the magma ocean, and which part of it the parameters set."""
    values = below.values
    material = f"bulk Fe# {100 * values['bulk_iron']:.4g}, KD {values['exchange_coefficient']:g}, viscosity {values['viscosity']:g} Pa s"
    if case.cumulates.crystals == "settle" and case.cumulates.remelting:
        material += f", on the core of the run, at most {values['core_temperature']:.0f} K"
    return f"cumulates of this planet's mantle; {material}; material and readings of '{below.name}', whose [planet] gives bulk_iron alone"


def _inventory(planet, element):
    chemistry = planet.chemistry
    if element in chemistry.pressures:
        kind, species, value = chemistry.pressures[element]
        return f"as much as a {kind} of {value / BAR:.4g} bar of {species} at the start asks for"
    if element not in chemistry.masses:  # oxygen, of the start of ferric iron
        return "what the volatiles and the ferric iron hold at the start"
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
        iron = planet.chemistry.iron
        more = (
            f"; {100 * iron.oxides['FeO']:.4g} % iron as FeO, Fe3+/Fe2+ of crystals over melt {iron.partition:g}"
            if iron
            else ""
        )
        return (
            f"{planet.chemistry.oxygen_label}{more}"
            if iron and iron.label == planet.chemistry.oxygen_label
            else f"{planet.chemistry.oxygen_label}, which sets its fugacity{more}"
        )
    if not oxygen.buffer:
        return f"{oxygen.label} (bar) at every temperature"
    values = [
        f"{float(oxygen.evaluate(T)):.3f} at {T:g} K"
        for T in (run.initial_surface_temperature, run.end_surface_temperature)
    ]
    return f"{oxygen.label}: log10 fO2 (bar) {', '.join(values)}"


def _ends(case):
    options = case.run
    ends = [f"{options.end_surface_temperature:g} K{' and on' if options.continue_past_lid else ''}"]
    if options.end_melt_fraction is not None:
        ends.append(f"a melt fraction of {options.end_melt_fraction:g}")
    if options.end_time is not None:
        ends.append(years(options.end_time))
    hot = f"{options.initial_surface_temperature:g} K"
    if options.initial_entropy is not None and case.mantle.model == "column":
        hot = f"{options.initial_entropy:g} J/kg/K"
    return f"the surface cools from {hot} to {', or until '.join(ends)}; rtol {options.rtol:g}"


def _laws(planet):
    """The laws in use, each with the roles it plays."""
    found: list[tuple] = []
    for role, law in planet.laws.items():
        if law.name == "none" or (
            role == "oxygen fugacity" and not (planet.chemistry.reactions or planet.chemistry.imposed)
        ):
            continue
        same = next(
            (roles for one, roles in found if (one.name, one.reference) == (law.name, law.reference)), None
        )
        if same is None:
            found.append((law, [role.replace("equation of state", "EOS")]))
        else:
            same.append(role)
    return found


def law_block(law):
    """A law as a block of lines: name, what it says, where it was calibrated, its source."""
    names = ARGUMENTS if law.kind == "solubility" else ARGUMENTS | {"P": "pressure"}
    ranges = [f"{names.get(a, a)} {_span(*span, _unit_of(a))}" for a, span in law.ranges.items()]
    conditions = [str(law.attributes[key]) for key in ("melt", "conditions", "note") if key in law.attributes]
    buffer = (
        [
            f"IW is {law.attributes['buffer']} at {'the total pressure' if 'buffer_pressure' in law.attributes else '1 bar'}"
        ]
        if "buffer" in law.attributes
        else []
    )
    held = "; ".join([*([f"holds for {', '.join(ranges)}"] if ranges else []), *buffer, *conditions])
    return "\n".join(line for line in (law.name, law.doc, held, law.reference) if line)


# ---- the keys of a case


def keys(case: Case, console: Console):
    """Every key that --set takes, with its value in the case, what is allowed and what it means."""
    from ...schema.keys import every_key as every

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
    console.print(plain("\n" + digest["status"], mark) + plain(f": {digest['end']}\n"))
    rows(_final(result, digest["final"], digest["passed_yr"]), console)
    if "pressure_bar" in digest["final"]:
        _species_table(result, console)
    work, drift = digest["statistics"], digest["largest_drift"]
    drifts = ", ".join(
        f"{name.removesuffix('_drift').replace('_', ' ')} {value:.0e}" for name, value in drift.items()
    )
    console.print(
        plain(
            f"\n{work['steps']} steps in {work['wall']:.2f} s, {work['rates']} rates, {work['jacobians']} Jacobians, {work['factorizations']} factorizations",
            "dim",
        )
    )
    console.print(plain(f"largest drift: {drifts}", "dim"))
    stretched: dict[str, list] = {}
    for one in digest["extrapolations"]:
        here = (
            f"{_span(*one['reached'], one['unit'])}, calibrated for {_span(*one['calibrated'], one['unit'])}"
        )
        name = ARGUMENTS.get(one["argument"], one["argument"]) + (
            f" ({one['buffer']})" if "buffer" in one else ""
        )
        stretched.setdefault(one["law"], []).append(
            (f"  {name}", f"{here}; {one['share']:.0%} of the steps outside")
        )
    console.print(plain("\nlaws outside their calibration" if stretched else "", "bold"))
    for law, found in stretched.items():
        console.print(plain(law, "yellow"))
        rows(found, console)

    rows([("", sentence) for sentence in notable(digest["left_out"])], console, "left out")


def _final(result, final, passed):
    """Rows of the last state."""
    found = [
        ("time", years(final["time_yr"] * YEAR)),
        *((f"{name} at", years(t * YEAR)) for name, t in passed.items()),
        ("surface temperature", f"{final['surface_temperature_K']:.2f} K"),
        ("melt fraction", f"{final['melt_fraction']:.4f}"),
        ("heat flux to space", f"{final['flux_W_m2']:.5g} W/m2"),
    ]
    if "rheological_front_depth_km" in final:
        found.append(("rheological front", f"{final['rheological_front_depth_km']:.5g} km deep"))
    if "surface_pressure_bar" in final:
        found.append(("optical depth", f"{final['optical_depth']:.4g}"))
        molar = 1e3 * float(result.mean_molar_mass[-1])
        found.append(
            (
                "surface pressure",
                f"{final['surface_pressure_bar']:.5g} bar, mean molar mass {molar:.4g} g/mol",
            )
        )
        if "log10_fO2_bar" in final:
            found.append(
                (
                    "log10 fO2",
                    f"{final['log10_fO2_bar']:.4f} (bar)"
                    + (
                        f", IW{final['delta_IW']:+.3f} ({DEFAULT_IRON_WUSTITE})"
                        if "delta_IW" in final
                        else ""
                    ),
                )
            )
    if "ferric_share" in final:
        since = f", {float(result.ferric_share[0]):.4f} at the start" if result.sizes["time"] > 1 else ""
        found.append(
            (
                "Fe3+/Fe of the melt",
                f"{final['ferric_share']:.4f}{since}; {final['ferric_oxygen_mass_kg']:.4g} kg of oxygen in ferric iron",
            )
        )
    if "iron_number" in final:
        iron, layer = final["iron_number"], final["basal_layer"]
        buffered = (
            f"no buffered value ({result.attrs['buffered_reason']})"
            if iron["buffered"] is None
            else f"buffered at {iron['buffered']:.1f}"
        )
        found.append(
            (
                "Fe#",
                ", ".join(f"{name} {iron[name]:.1f}" for name in ("ocean", "crystal", "pile") if name in iron)
                + f"; {buffered} if growth were slow",
            )
        )
        found.append(
            (
                "basal layer",
                f"{layer['verdict']}: {layer['density_anomaly_kg_m3']:.0f} kg/m3 denser than the pile, as {layer['structure']} ({layer['thresholds']})",
            )
        )
    if "graphite_mass_kg" in final:
        found.append(("graphite", graphite(result)))
    if "escaped_mass_kg" in final:
        found.append(("escaped", f"{final['escaped_mass_kg']:.4g} kg of H2"))
    return found


def graphite(result: xarray.Dataset) -> str:
    """The graphite of the last state in words."""
    mass, activity = present(result).values, float(result.graphite_activity[-1])
    carbon = result.element_moles.sel(element="C").values * ATOMIC_MASS_CARBON
    if mass[-1]:
        return f"{mass[-1]:.4g} kg, {mass[-1] / carbon[-1]:.2g} of the carbon"
    text = f"none (activity of carbon {activity:.2g})"
    most = int(mass.argmax())
    if mass[most]:
        text += f"; at most {mass[most]:.4g} kg, at {years(float(result.time[most]))}"
    return text


def _species_table(result, console):
    last = result.isel(time=-1)
    mantle = {
        name: where
        for name, where in (("dissolved_mass", "in the melt"), ("trapped_mass", "in the pile"))
        if name in last
    }
    found = []
    for species in result.species.values:
        one = last.sel(species=species)
        held = [float(one[name]) for name in mantle]
        found.append((species, f"{float(one.pressure) / BAR:.5g}", f"{float(one.mixing_ratio):.4g}",
                     f"{float(one.gas_mass):.4g}", *(f"{mass:.4g}" if mass else "-" for mass in held)))  # fmt: skip
    table(
        "",
        (
            "species",
            "pressure, bar",
            "mixing ratio",
            "in the gas, kg",
            *(f"{where}, kg" for where in mantle.values()),
        ),
        found,
        console,
    )


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
        made.add_column(plain(name), justify="right" if numeric else "left", overflow="fold")
    for row in body:
        made.add_row(*map(plain, row))
    console.print(plain(f"\n{title}" if title else "", "bold"))
    console.print(made)


def rows(pairs: list[tuple], console: Console, title: str = "", width: int = 24):
    """Print labels and text side by side, the text with a hanging indent; nothing where there are none. width: of the labels at most."""
    if not pairs:
        return
    if title:
        console.print(plain(f"\n{title}", "bold"))
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(style="cyan", max_width=width, min_width=width if width > 24 else None)
    made.add_column(overflow="fold")
    for label, text in pairs:
        made.add_row(plain(label), plain(text))
    console.print(made)


def plain(value, style="") -> Text:
    """Text as it is: no markup, no control characters but the line's end."""
    return Text(
        "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in str(value)),
        style=style,
    )


def _unit_of(argument):
    """SI unit of a law's argument, by its name."""
    return "K" if argument == "T" else "Pa" if argument in ("p", "P") or argument.startswith("p_") else "1"


def _span(low, high, unit):
    """A range with its unit; pressures in bar, or GPa where they are a mantle's."""
    if unit == "Pa":
        size, unit = (1e9, "GPa") if high >= 1e10 else (BAR, "bar")
        low, high = low / size, high / size
    ends = [f"{low:.4g}", f"{high:.4g}"]
    return " to ".join(dict.fromkeys(ends)) + ("" if unit == "1" else f" {unit}")


HEADS = {  # variable -> its head in the table of `static`, and its unit there
    "temperature": ("T, K", 1.0), "melt_fraction": ("melt", 1.0), "total_pressure": ("P, bar", BAR), "surface_pressure": ("total", BAR),
    "log10_fO2": ("log10 fO2", 1.0), "graphite_activity": ("a(C)", 1.0),
}  # fmt: skip


def static(result: xarray.Dataset, axes: list[str], quantity: str, console: Console):
    """Equilibria without time: one table, a row per point, pressures in bar."""
    species, hidden = _abundant(result, quantity)
    flat = (
        result.stack(row=[d for d in axes if d in result.dims])
        if any(d in result.dims for d in axes)
        else result.expand_dims("row")
    )
    asked = [(*_head(a), a) for a in axes if not a.startswith("pressure_")]
    found = [(*_head(n), n) for n in ("surface_pressure", "log10_fO2", "graphite_activity") if n in result]
    amounts = [
        (f"{label}, kg", label_of, "gas_mass")
        for label, label_of in (("C(gr)", "graphite_mass"), ("H2O(l)", "water_mass"))
        if label_of in result
    ]
    solid = [str(c) for c in result.condensate.values] if "condensate" in result.dims else []
    elements = [str(e) for e in result.element.values] if "element_mass" in result else []
    state = ["water"] if "water_state" in result else []
    heads = [
        *(h for h, *_ in asked),
        *species,
        *(h for h, *_ in found),
        *(h for h, *_ in amounts),
        *(f"{c}, mol" for c in solid),
    ]
    heads += [*state, *(f"{e}, kg" for e in elements)]
    body = []
    for k in range(min(flat.sizes["row"], 200)):
        row = flat.isel(row=k)
        cells = [f"{float(row[n]) / size:.6g}" for _, size, n in asked]
        cells += [f"{float(row[quantity].sel(species=s)) / BAR:.4g}" for s in species]
        cells += [f"{float(row[n]) / size:.4g}" for _, size, n in found]
        cells += [_amount(float(row[n]), float(row[beside].sum())) for _, n, beside in amounts]
        cells += [
            _amount(float(row.condensate_moles.sel(condensate=c)), float(row.gas_moles.sum())) for c in solid
        ]
        cells += [str(row.water_state.item()) for _ in state]
        cells += [f"{float(row.element_mass.sel(element=e)):.4g}" for e in elements]
        body.append(cells)
    for columns in _side_by_side(heads, body, len(asked), console.width):
        shown = Table(box=None, pad_edge=False)
        for c in columns:
            shown.add_column(plain(heads[c]), justify="right", no_wrap=True)
        for cells in body:
            shown.add_row(*(plain(cells[c]) for c in columns))
        console.print(shown)
    if flat.sizes["row"] > 200:
        console.print(f"... and {flat.sizes['row'] - 200} more rows: write them to a file with -o")
    if "engine_difference" in result:
        told = result.engine_difference
        console.print(
            f"Cantera solved {int(told.notnull().sum())} of {told.size}; largest |ln| difference of mole fractions above 1e-9: {float(told.max()):.1e}"
        )
    if hidden:
        console.print(
            f"{len(hidden)} gases below {SHOWN:g} of the total are not shown (write them to a file with -o)"
        )
    console.print("gases in bar" + ("; elements in kg, in gas, melt and condensates" if elements else ""))
    console.print(
        f"oxygen: {result.attrs.get('oxygen_fugacity', 'from the elements')}; mechanism {result.attrs['mechanism']}, largest residual {float(result.residual.max()):.1e}"
    )


def _abundant(result, quantity) -> tuple[list[str], list[str]]:
    """Gases that a table shows, and the others: of many those above a share of the total in a row, and the common ones."""
    names = [str(s) for s in result.species.values]
    if len(names) <= MANY:
        return names, []
    values = result[quantity].transpose("species", ...).values.reshape(len(names), -1)
    with np.errstate(all="ignore"):
        most = np.nan_to_num(values / np.nansum(values, axis=0)).max(axis=1, initial=0.0)
    shown = [s for s, x in zip(names, most) if x > SHOWN or s in COMMON]
    return shown, [s for s in names if s not in shown]


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
    if kind == "moles":
        return f"n({rest}), mol", 1.0
    return HEADS.get(name) or ((f"f({rest}), bar", BAR) if kind == "fugacity" else (f"{name}, kg", 1.0))


def _amount(value, beside):
    """An amount of condensate; "-" for the trace that the smooth complementarity leaves where there is none."""
    return f"{value:.4g}" if value > 1e-9 * beside else "-"
