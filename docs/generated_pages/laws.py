"""Pages of the laws, registered and of the shipped mechanisms: unit, range, source and equation of each."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Sequence
from html import escape

import sympy

from mocoupled.chemistry import real_gases
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.chemistry.mechanism_paths import shipped_mechanisms
from mocoupled.closures import fugacity
from mocoupled.closures.law_types import Law, NumericLaw
from mocoupled.closures.melt_classes import measured_on
from mocoupled.closures.registry import registered
from mocoupled.closures.solubility import solubility_law
from mocoupled.constants import SOLAR_LUMINOSITY, SOLAR_MASS, YEAR
from mocoupled.dae.leaves.external import numeric

from .buffer_comparison import comparison
from .law_pages import PAGES
from .mathml import block, equation, word

NUMERICAL = "No closed formula: it is solved for, or interpolated, when it is called."

_GASES = ("H2", "H2O", "CO2", "CH4")
# K, Pa; of the table of fugacity coefficients.
_CONDITIONS = ((1000.0, 1e7), (2000.0, 1e7), (2000.0, 1e8), (2000.0, 1e9))
# Attributes that the table of a law does not list.
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
    """Path in the site -> Markdown, of every page of laws that has any."""
    laws = all_laws()
    texts, rows = {}, []
    listed = {kind for page in PAGES for kind in page.kinds}
    for page in PAGES:
        if page.kinds:
            of_page = [law for law in laws if law.kind in page.kinds]
        else:
            of_page = [law for law in laws if law.kind not in listed]
        if not of_page:
            continue
        beside = ["## Buffers at 1 bar", comparison()] if "buffer" in page.kinds else []
        parts = [f"# {page.title}", page.first, *beside, *_sections(of_page, page.kinds)]
        texts[page.path] = "\n\n".join(parts) + "\n"
        kinds = ", ".join(dict.fromkeys(_plain(law.kind) for law in of_page))
        rows.append(f"| [{page.title}]({page.path.removeprefix('laws/')}) | {len(of_page)} | {kinds} |")
    texts["laws/index.md"] = _index(rows, len(laws))
    return texts


def all_laws() -> list[Law]:
    """Every law: of the registry, by kind and name, and of the shipped mechanisms."""
    for folder in ("closures", "interior", "atmosphere", "melt", "lower_mantle"):
        package = importlib.import_module(f"mocoupled.{folder}")
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"mocoupled.{folder}.{module.name}")
    laws = {(law.kind, _species(law), law.name): law for law in registered()}
    for mechanism in shipped_mechanisms():
        for species in read_mechanism(mechanism).species.values():
            for name, data in species.melt.items():
                if name != "none":
                    law = solubility_law(species.name, name, data)
                    laws["solubility", species.name, name] = law
    return sorted(laws.values(), key=lambda law: (law.kind, _head(law), law.name))


def _index(rows: Sequence[str], count: int) -> str:
    """The page that lists the pages. rows: of its table; count: of the laws."""
    first = (
        f"These pages are written from the program: {count} laws, each read from the very object that a run "
        "calls, so that they cannot say anything else than what is computed. The equations are the laws' "
        "own expressions, with their numbers multiplied out where the program does so; every argument is in "
        "SI. *Calibrated for* is the range that the source states: outside it a law is computed all the "
        "same, and every result says for which share of the run. [Add a law](../add-a-law.md) shows how to "
        "use one of your own."
    )
    head = ["# Laws and their sources", "", first, "", "| page | laws | kinds |", "|---|---|---|"]
    return "\n".join([*head, *rows]) + "\n"


def _sections(laws: Sequence[Law], kinds: Sequence[str]) -> Iterator[str]:
    """Laws below the heading of their kind (of their species, for solubilities)."""
    before = None
    for law in laws:
        head = _head(law)
        if head != before and (len(kinds) != 1 or law.kind in ("solubility", "buffer")):
            yield f"## {_plain(head)}"
        before = head
        yield entry(law)


def entry(law: Law) -> str:
    """A law as Markdown."""
    rows = [
        ("unit", _unit(law.unit)),
        ("arguments", ", ".join(f"`{a}`" for a in law.arguments)),
        ("calibrated for", _ranges(law)),
    ]
    rows += [(key, _value(value)) for key, value in _facts(law).items() if _value(value)]
    if not isinstance(law, NumericLaw) and law.pressure:
        rows.append(("with a pressure", "`redox.buffer_pressure`"))
    rows += [
        ("conditions", law.conditions),
        ("outside", law.outside),
        ("source", law.reference),
    ]
    table = "\n".join(f"| {key} | {_cell(text)} |" for key, text in rows if text)
    description = escape(law.doc, quote=False).replace("*", r"\*").replace("_", r"\_")
    return "\n\n".join([f"### {law.name}", description, f"| | |\n|---|---|\n{table}", formula(law)])


def _facts(law: Law) -> dict[str, object]:
    """What a law states in addition to its formula, range and conditions: label -> value."""
    if isinstance(law, NumericLaw):
        return {"species": law.gases.species if law.gases else (), "note": law.note}
    minerals, dissolution = law.mineral_buffer, law.dissolution
    return {
        "family": law.family,
        "reaction": minerals.reaction if minerals else "",
        "species": law.species,
        "coefficient": dissolution.coefficient if dissolution else None,
        "exponent": dissolution.exponent if dissolution else None,
        "melt": measured_on(law),
        "note": law.note,
    }


def formula(law: Law) -> str:
    """The equation of a law as HTML, or some of its values where it has none in closed form."""
    if law.kind == "fugacity":
        return _coefficients(law)
    if law.kind == "luminosity":
        return _luminosities(law)
    if law.name == "clear-sky":
        return "A mean of tabulated columns: [its values](../stars.md#albedo)."
    symbols: dict[str, object] = {name: sympy.Symbol(name, positive=True) for name in law.arguments}
    if law.name == "radiogenic-Ruedas2017":
        isotopes = ("Al26", "Fe60", "K40", "Th232", "U235", "U238")
        symbols["mass_fractions"] = {n: sympy.Symbol(f"x_{n}", positive=True) for n in isotopes}
    try:
        expression = law.function(**symbols)
    except TypeError:  # a spline takes numbers only
        return _tabulated(law)
    if law.kind == "solubility":
        left = f"mass fraction of {_species(law)}"
    else:
        left = {
            "buffer": "log₁₀ fO₂ [bar]",
            **dict.fromkeys(("saturation", "sublimation"), "ln p [bar]"),
        }.get(law.kind, _plain(law.kind))
    written = equation(left, expression)
    if "composition" in inspect.signature(law.function).parameters:
        return f"{written}\n\nfor the melt of a bulk silicate Earth (`melt.composition` sets another)."
    return written


def _luminosities(law: Law) -> str:
    """The luminosity of some stars at some ages, over that of the Sun."""
    ages = (10.0, 50.0, 100.0, 1000.0, 5000.0)
    head = " | ".join(f"{age:g} Myr" for age in ages)
    lines = [f"| L/L☉ | {head} |", f"|---|{'---|' * len(ages)}"]
    for mass in (0.09, 0.3, 0.7, 1.0):
        expression = law(mass=mass * SOLAR_MASS, age=sympy.Symbol("age", real=True))
        value = numeric([sympy.Symbol("age", real=True)], expression)
        values = " | ".join(f"{float(value(age * 1e6 * YEAR)) / SOLAR_LUMINOSITY:.3g}" for age in ages)
        lines.append(f"| {mass:g} solar masses | {values} |")
    return f"{NUMERICAL} Some of its values:\n\n" + "\n".join(lines)


def _tabulated(law: Law) -> str:
    """A melting curve at some pressures."""
    low, high = law.ranges["P"]
    steps = [low + (high - low) * k / 5 for k in range(6)]
    head = " | ".join(f"{p / 1e9:g}" for p in steps)
    values = " | ".join(f"{float(law(P=p)):.1f}" for p in steps)
    return f"{NUMERICAL} Its values:\n\n| P, GPa | {head} |\n|---|{'---|' * 6}\n| T, K | {values} |"


def _coefficients(law: Law) -> str:
    """Fugacity coefficients of some gases at some conditions, or that there are none."""
    if law.name == "ideal":
        return block(word("ln φ"), "<mn>0</mn>")
    head = " | ".join(f"{T:g} K, {P / 1e5:g} bar" for T, P in _CONDITIONS)
    lines = [f"| φ | {head} |", f"|---|{'---|' * len(_CONDITIONS)}"]
    for gas in _GASES:
        if not fugacity.covers(law.name, gas):
            continue
        ln_phi = fugacity.ln_phi(law.name, real_gases.critical_point(gas))
        values = " | ".join(f"{sympy.exp(float(ln_phi(T, P))):.4f}" for T, P in _CONDITIONS)
        lines.append(f"| {gas} | {values} |")
    return f"{NUMERICAL} Some of its values:\n\n" + "\n".join(lines)


def _head(law: Law) -> str:
    """The heading above a law: the species that dissolves, the family of a buffer, or its kind."""
    family = "" if isinstance(law, NumericLaw) else law.family
    return _species(law) or family or law.kind


def _species(law: Law) -> str:
    """The species that dissolves; "" for a law of another kind."""
    return law.species if law.kind == "solubility" and not isinstance(law, NumericLaw) else ""


def _scale(name: str, high: float) -> tuple[float, str]:
    """Factor and unit in which the range of an argument is shown. high: the end of the range in SI."""
    if name == "T":
        return 1.0, " K"
    if name == "P" and high >= 1e9:
        return 1e-9, " GPa"
    if name[0] in "pP" and name != "porosity":
        return 1e-5, " bar"
    return 1.0, ""


def _ranges(law: Law) -> str:
    """The ranges of calibration, in words."""
    texts = []
    for name, (low, high) in law.ranges.items():
        factor, unit = _scale(name, high)
        labels = {
            "dIW": "log10 fO2 above IW",
            "p": "its own fugacity",
            "P": "pressure" if unit == " GPa" else "total pressure",
        }
        first, last = f"{low * factor:.6g}", f"{high * factor:.6g}"
        span = first if first == last else f"{first} to {last}"
        texts.append(f"{labels.get(name, name)} {span}{unit}")
    gases = law.gases if isinstance(law, NumericLaw) else None
    if gases is not None:
        for name, spans in gases.ranges.items():
            T, P = spans["T"], spans["P"]
            texts.append(f"{name}: {T[0]:g} to {T[1]:g} K, {P[0] / 1e5:.6g} to {P[1] / 1e5:.6g} bar")
        if gases.reduced_temperature is not None:
            low, high = gases.reduced_temperature
            end = "" if high == float("inf") else f" to {high:g}"
            texts.append(f"T/T_critical from {low:g}{end}")
    relative = None if isinstance(law, NumericLaw) else law.iron_wustite
    if relative is not None:
        pressure = "the total pressure" if relative.total_pressure else "1 bar"
        texts.append(f"IW by {relative.name} at {pressure}")
    return "; ".join(texts)


def _value(value: object) -> str:
    """An attribute as text; "" for one that is neither text, number nor a list of these."""
    if isinstance(value, (tuple, list)):
        return ", ".join(map(str, value))
    return str(value) if isinstance(value, (str, float, int)) else ""


def _unit(unit: str) -> str:
    return "pure number" if unit == "1" else unit


def _plain(text: str) -> str:
    return text.replace("_", " ")


def _cell(text: str) -> str:
    """The text of a cell of a Markdown table; code as it is."""
    if text.startswith("`"):
        return text
    return escape(text, quote=False).replace("|", r"\|").replace("*", r"\*").replace("_", r"\_")
