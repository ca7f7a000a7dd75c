"""Pages of the laws: every one that is registered or that a shipped mechanism holds, with unit, range, source, equation."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from html import escape

import sympy

from mocoupled.chemistry import real_gases
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.chemistry.mechanism_paths import shipped_mechanisms
from mocoupled.closures import fugacity, redox
from mocoupled.closures.law import Law, find, registered
from mocoupled.closures.solubility import solubility_law

from . import equations

NUMERICAL = "No closed formula: it is solved for, or interpolated, when it is called."
# file, title, kinds of laws, what the page says first
PAGES = (
    ("laws/redox.md", "Oxygen fugacity: buffers and ferric iron", ("buffer", "ferric_iron"),
     "log10 of the oxygen fugacity in bar at a temperature T [K]. `redox.oxygen_fugacity = \"IW+0.5\"` takes a family and an "
     "offset; `redox.buffer` says which of the family's laws. They differ by up to 1 log unit at magma-ocean temperatures. Below them: ln of FeO1.5 "
     "over FeO in the melt, by moles (`redox.ferric_iron`)."),
    ("laws/solubility.md", "Solubility in silicate melt", ("solubility",),
     "Mass fraction of a species in the melt. p is the fugacity of the species itself, P the total pressure [Pa]. Those of "
     "data files stand in `mechanisms/*.yaml`; [a page](../add-a-species.md) says how to add one, and which we would take."),
    ("laws/real-gas.md", "Real gases and liquid water", ("fugacity", "saturation"),
     "Fugacity coefficients of pure gases, mixed after Lewis and Randall (`chemistry.fugacity`), and the saturation of water "
     "(`chemistry.water`)."),
    ("laws/atmosphere.md", "Radiation and escape", ("radiation", "escape"),
     "Heat lost at the top of the atmosphere (`atmosphere.radiation`) and hydrogen lost to space (`escape.law`)."),
    ("laws/mantle.md", "Mantle", ("solidus", "liquidus", "equation_of_state", "viscosity", "eddy_diffusivity", "separation", "heating"),
     "Melting curves, equations of state, transport and heat sources of the mantle. [The mantle in depth](../mantle-column.md) "
     "says how a run puts them together."),
    ("laws/lower-mantle.md", "Melting of the lower mantle", ("end_member_energy", "liquid_mixing", "liquid_mixing_iron", "two_component_energy"),
     "Free energies behind `mocoupled melting` and `mo.melting`: MgO-FeO-SiO2 at 25–136 GPa, and the two-component model for 110–140 GPa."),
    ("laws/cumulates.md", "Iron, magnesium and cumulates", ("melting_lens", "melt_fraction", "melting_temperature", "cumulate_density"),
     "What `mocoupled mantle` and `cumulates.coupled` rest on; [Buffered magma oceans](../buffering.md) says how."),
    ("laws/other.md", "Other laws", (), "Laws of other kinds."),
)  # fmt: skip
_GASES = ("H2", "H2O", "CO2", "CH4")
_CONDITIONS = (
    (1000.0, 1e7),
    (2000.0, 1e7),
    (2000.0, 1e8),
    (2000.0, 1e9),
)  # K, Pa; of the table of fugacity coefficients
_TEMPERATURES = (1000.0, 1200.0, 1400.0, 1600.0, 2000.0, 2500.0, 3000.0)  # K
_MEASURED = {
    "IW": "Hirschmann2021",
    "QFM": "ONeill1987-QFM",
    "NNO": "ONeillPownceby1993-NNO",
}  # of a family: from measurements
_COMPARISON = (
    "The first law of a family is given as log10 fO2 [bar], the others as the difference from it, in dex; what lies outside a law's own range of "
    "temperature or pressure stands in parentheses. `ONeillPownceby1993`, `ONeill1987-QFM` and `ONeillPownceby1993-NNO` are measured with galvanic "
    "cells (0.01 to 0.03 dex); `Hirschmann2021` assesses all measurements of iron-wüstite and carries them to 3000 K. Laws relative to "
    "iron-wüstite, of solubility and of ferric iron, each name the buffer that they were calibrated with, and do not follow the case's. A buffer in "
    "use outside its range is computed, and every result reports it."
)
_HIDDEN = {
    "arguments",
    "conditions",
    "outside",
    "ranges",
    "slope",
    "volumes",
    "form",
    "family_default",
    "expression",
    "of",
    "reduced_T",
    "pressure",
    "buffer",
    "buffer_pressure",
}


def pages() -> dict[str, str]:
    """Path in the site → Markdown, of every page of laws that has any."""
    every, rows, made = laws(), [], {}
    known = {kind for _, _, kinds, _ in PAGES for kind in kinds}
    for path, title, kinds, first in PAGES:
        own = (
            [one for one in every if one.kind in kinds]
            if kinds
            else [one for one in every if one.kind not in known]
        )
        if not own:
            continue
        beside = ["## Buffers at 1 bar", comparison()] if "buffer" in kinds else []
        made[path] = "\n\n".join([f"# {title}", first, *beside, *_sections(own, kinds)]) + "\n"
        rows.append(
            f"| [{title}]({path.removeprefix('laws/')}) | {len(own)} | {', '.join(dict.fromkeys(_plain(one.kind) for one in own))} |"
        )
    made["laws/index.md"] = _index(rows, len(every))
    return made


def laws() -> list[Law]:
    """Every law: of the registry, by kind and name, and of the shipped mechanisms."""
    for room in ("closures", "interior", "atmosphere", "lower_mantle"):
        package = importlib.import_module(f"mocoupled.{room}")
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"mocoupled.{room}.{module.name}")
    found = {(one.kind, _species(one), one.name): one for one in registered()}
    for name in shipped_mechanisms():
        for species in read_mechanism(name).species.values():
            melt = {
                n: solubility_law(species.name, n, entry) for n, entry in species.melt.items() if n != "none"
            }
            found.update({("solubility", species.name, n): one for n, one in melt.items()})
    return sorted(found.values(), key=lambda one: (one.kind, _head(one), one.name))


def _index(rows, count):
    told = (
        f"These pages are written from the program: {count} laws, each read from the very object that a run calls, so that they cannot say "
        "anything else than what is computed. The equations are the laws' own expressions, with their numbers multiplied out where the program "
        "does so; every argument is in SI. *Calibrated for* is the range that the source states: outside it a law is computed all the same, and "
        "every result says for which share of the run. [Add a law](../add-a-law.md) shows how to use one of your own."
    )
    return (
        "\n".join(
            ["# Laws and their sources", "", told, "", "| page | laws | kinds |", "|---|---|---|", *rows]
        )
        + "\n"
    )


def _sections(own, kinds):
    """Laws below the heading of their kind (of their species, for solubilities)."""
    before = None
    for one in own:
        head = _head(one)
        if head != before and (len(kinds) != 1 or one.kind in ("solubility", "buffer")):
            yield f"## {_plain(head)}"
        before = head
        yield entry(one)


def entry(one: Law) -> str:
    """One law as Markdown."""
    rows = [
        ("unit", _unit(one.unit)),
        ("arguments", ", ".join(f"`{a}`" for a in one.arguments)),
        ("calibrated for", _ranges(one)),
    ]
    rows += [
        (_plain(key), _value(value))
        for key, value in one.attributes.items()
        if key not in _HIDDEN and _value(value)
    ]
    rows += [("with a pressure", "`redox.buffer_pressure`")] if one.attributes.get("pressure") else []
    rows += [
        ("conditions", str(one.attributes.get("conditions", ""))),
        ("outside", str(one.attributes.get("outside", ""))),
    ]
    rows += [("source", one.reference)]
    table = "\n".join(f"| {key} | {_cell(text)} |" for key, text in rows if text)
    return "\n\n".join(
        [
            f"### {one.name}",
            escape(one.doc, quote=False).replace("*", r"\*").replace("_", r"\_"),
            f"| | |\n|---|---|\n{table}",
            formula(one),
        ]
    )


def formula(one: Law) -> str:
    """The law's equation as HTML, or what stands in its place where it has none in closed form."""
    if one.kind == "fugacity":
        return _coefficients(one)
    symbols = {name: sympy.Symbol(name, positive=True) for name in one.arguments}
    if one.name == "radiogenic-Ruedas2017":
        symbols["mass_fractions"] = {
            n: sympy.Symbol(f"x_{n}", positive=True) for n in ("Al26", "Fe60", "K40", "Th232", "U235", "U238")
        }
    try:
        expression = one.function(**symbols)
    except TypeError:  # a spline takes numbers alone
        return _tabulated(one)
    if one.kind == "solubility":
        left = f"mass fraction of {_species(one)}"
    else:
        left = {"buffer": "log₁₀ fO₂ [bar]", "saturation": "ln p [bar]"}.get(one.kind, _plain(one.kind))
    written = equations.equation(left, expression)
    melt = one.kind == "ferric_iron" and "composition" in inspect.signature(one.function).parameters
    return (
        f"{written}\n\nfor the melt of a bulk silicate Earth (`redox.melt_oxides` sets another)."
        if melt
        else written
    )


def _tabulated(one):
    """A melting curve at some pressures."""
    low, high = one.ranges["P"]
    steps = [low + (high - low) * k / 5 for k in range(6)]
    head = " | ".join(f"{p / 1e9:g}" for p in steps)
    values = " | ".join(f"{float(one(P=p)):.1f}" for p in steps)
    return f"{NUMERICAL} Its values:\n\n| P, GPa | {head} |\n|---|{'---|' * 6}\n| T, K | {values} |"


def _coefficients(one):
    """Fugacity coefficients of some gases at some conditions, or that there are none."""
    if one.name == "ideal":
        return equations.block(equations.word("ln φ"), "<mn>0</mn>")
    head = " | ".join(f"{T:g} K, {P / 1e5:g} bar" for T, P in _CONDITIONS)
    lines = [f"| φ | {head} |", f"|---|{'---|' * len(_CONDITIONS)}"]
    for name in _GASES:
        if not fugacity.covers(one.name, name):
            continue
        law = fugacity.ln_phi(one.name, real_gases.critical_point(name))
        lines.append(
            f"| {name} | " + " | ".join(f"{sympy.exp(float(law(T, P))):.4f}" for T, P in _CONDITIONS) + " |"
        )
    return f"{NUMERICAL} Some of its values:\n\n" + "\n".join(lines)


def _head(one):
    """What a law stands below: the species that dissolves, the family of a buffer, or its kind."""
    return _species(one) or str(one.attributes.get("family", one.kind))


def _species(one):
    return str(one.attributes.get("species", "")) if one.kind == "solubility" else ""


def _ranges(one):
    told = []
    for name, (low, high) in one.ranges.items():
        factor, unit = {"T": (1, " K"), "dIW": (1, "")}.get(
            name,
            (1e-9, " GPa")
            if name == "P" and high >= 1e9
            else (1e-5, " bar")
            if name[0] in "pP" and name != "porosity"
            else (1, ""),
        )
        label = {
            "dIW": "log10 fO2 above IW",
            "p": "its own fugacity",
            "P": "pressure" if unit == " GPa" else "total pressure",
        }.get(name, name)
        low, high = f"{low * factor:.6g}", f"{high * factor:.6g}"
        told.append(f"{label} {low}{'' if low == high else f' to {high}'}{unit}")
    for name, spans in one.attributes.get("ranges", {}).items():
        T, P = spans["T"], spans["P"]
        told.append(f"{name}: {T[0]:g} to {T[1]:g} K, {P[0] / 1e5:.6g} to {P[1] / 1e5:.6g} bar")
    if "reduced_T" in one.attributes:
        low, high = one.attributes["reduced_T"]
        told.append(f"T/T_critical from {low:g}" + ("" if high == float("inf") else f" to {high:g}"))
    if "buffer" in one.attributes:
        told.append(
            f"IW by {one.attributes['buffer']} at {'the total pressure' if 'buffer_pressure' in one.attributes else '1 bar'}"
        )
    return "; ".join(told)


def comparison() -> str:
    """Every buffer at 1 bar beside the measured values of its family, as Markdown."""
    head = ["buffer", "beside", *(f"{T:g} K" for T in _TEMPERATURES)]
    rows = []
    for family, names in redox.families().items():
        base = _MEASURED.get(family, names[0])
        for name in sorted(names, key=lambda n: (n != base, n)):
            law, alone = find("buffer", name), name == base
            cells = []
            for T in _TEMPERATURES:
                value = float(law(T=T)) - (0.0 if alone else float(find("buffer", base)(T=T)))
                low, high = law.ranges.get("T", (T, T))
                outside = not low <= T <= high or law.ranges.get("P", (1e5, 1e5))[0] > 1e5
                cells.append(f"{value:.3f}" if alone else f"{value:+.3f}")
                cells[-1] = f"({cells[-1]})" if outside else cells[-1]
            rows.append([f"`{name}`", "" if alone else f"`{base}`", *cells])
    lines = [head, ["---"] * len(head), *rows]
    return _COMPARISON + "\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _value(value):
    return (
        ", ".join(map(str, value))
        if isinstance(value, (tuple, list))
        else str(value)
        if isinstance(value, (str, float, int))
        else ""
    )


def _unit(unit):
    return "pure number" if unit == "1" else unit


def _plain(text):
    return text.replace("_", " ")


def _cell(text):
    return (
        text
        if text.startswith("`")
        else escape(text, quote=False).replace("|", r"\|").replace("*", r"\*").replace("_", r"\_")
    )
