"""A run as one HTML page that needs nothing else: figures, tables of states, sources and drift."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..constants import BAR, YEAR
from ..errors import InputError
from ..files import new_file, write_text
from ..plots import draw, figures_of
from ..plots.style import formula, number
from ..provenance.references import keys, used_references
from ..provenance.weighed_omissions import notable
from ..results.graphite import present
from ..results.summaries import summary

if TYPE_CHECKING:
    import xarray

TEMPLATE = Path(__file__).with_name("templates") / "report.html"
MILESTONES = (0.95, 0.40, 0.05)  # melt fractions by mass; the page has the first stored state below each
LEFT_OUT = ("overview",)  # figures whose panels are all among the others, larger
# variable, title, unit, factor
SCALARS = (
    ("time", "time", "yr", 1 / YEAR),
    ("surface_temperature", "surface temperature", "K", 1),
    ("core_mantle_temperature", "core–mantle boundary", "K", 1),
    ("melt_fraction", "melt fraction, by mass", "1", 1),
    ("flux", "heat flux to space", "W/m²", 1),
    ("outgoing_flux", "outgoing radiation", "W/m²", 1),
    ("absorbed_flux", "absorbed starlight", "W/m²", 1),
    ("optical_depth", "optical depth", "1", 1),
    ("rheological_front_depth", "depth of the rheological front", "km", 1e-3),
    ("surface_pressure", "surface pressure", "bar", 1 / BAR),
    ("mean_molar_mass", "mean molar mass", "g/mol", 1e3),
    ("log10_fO2", "log₁₀ fO₂", "bar", 1),
    ("graphite_mass", "graphite", "kg", 1),
    ("escaped_mass", "escaped H₂", "kg", 1),
)

# variable, dimension, title, unit: of escape by element
ESCAPED = (
    ("escaped_element_mass", "escaping_element", "escaped {}", "kg"),
    ("tracer_ratio", "tracer", "{}/H, atoms", "1"),
)


class Cell(NamedTuple):
    """A number as people read it, and as the program reads it."""

    text: str
    value: str


class Row(NamedTuple):
    """A row of numbers: what they are, their unit, one for each column."""

    name: str
    unit: str
    cells: list[Cell]


class Figure(NamedTuple):
    """A picture as a data URI, and its description."""

    title: str
    source: str


def html(result: xarray.Dataset, figures: bool = True) -> str:
    """The page of a run, of `mocoupled.run` or `mocoupled.read`. InputError for a Dataset that is no run.

    It has no script and no address of anything outside. Text of the case stays text.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    if "time" not in result.dims or "status" not in result.attrs:
        raise InputError(
            "result",
            "this is not a run: it has no time, or no status.",
            "allowed: a run, as 'mocoupled run' stores it",
        )
    environment = Environment(
        loader=FileSystemLoader(TEMPLATE.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(TEMPLATE.name).render(
        content(result) | {"figures": pictures(result) if figures else []}
    )


def write(result: xarray.Dataset, path: str | Path) -> Path:
    """Write the page of a run to a file, whole or not at all; its path."""
    target = new_file(path, overwrite=True)
    text = html(result)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_text(target, text)
    return target


def content(result: xarray.Dataset) -> dict[str, object]:
    """What the page says, apart from its pictures: name in the template -> value."""
    digest, attrs = summary(result), result.attrs
    titles, moments = _moments(result)
    passed = [(name, number(time, 5, " yr")) for name, time in digest["passed_yr"].items()]
    references = [
        (role, reference, ", ".join(keys(reference))) for role, reference in used_references(result).items()
    ]
    return {
        "title": attrs.get("title") or digest["case"],
        "case_name": digest["case"],
        "status": digest["status"],
        "end": digest["end"],
        "source": attrs.get("source", ""),
        "moments": titles,
        "rows": _states(result, moments),
        "passed": passed,
        "lid": digest.get("lid", ""),
        "masses": _masses(result),
        "drift": [
            (name.removesuffix("_drift").replace("_", " "), _cell(value, 2))
            for name, value in digest["largest_drift"].items()
        ],
        "extrapolations": [_extrapolation(record) for record in digest["extrapolations"]],
        "left_out": notable(digest["left_out"]),
        "statistics": digest["statistics"].items(),
        "references": references,
        "versions": digest["versions"].items(),
        "checksums": [
            (n.removesuffix("_sha256"), attrs[n])
            for n in ("mechanism_sha256", "equations_sha256")
            if n in attrs
        ],
        "mechanism": digest["mechanism"]["name"],
        "case": attrs.get("case", ""),
    }


def pictures(result: xarray.Dataset) -> list[Figure]:
    """The figures of the run as PNG in data URIs."""
    names = [name for name in figures_of(result) if name not in LEFT_OUT]
    with tempfile.TemporaryDirectory() as folder:
        files = draw(result, folder, names, format="png")
        return [
            Figure(
                name.replace("-", " "),
                "data:image/png;base64," + base64.b64encode(file.read_bytes()).decode("ascii"),
            )
            for name, file in zip(names, files)
        ]


def _cell(value: float, digits: int = 5) -> Cell:
    return Cell(number(float(value), digits), repr(float(value)))


def _moments(result: xarray.Dataset) -> tuple[list[str], list[int]]:
    """The stored states that the table shows: start, milestones on the way, end; titles and indices."""
    melt, last = result["melt_fraction"].values, result.sizes["time"] - 1
    titles, indices = ["start"], [0]
    for level in MILESTONES:
        below = np.flatnonzero(melt <= level)
        if melt[0] > level and below.size and indices[-1] < below[0] < last:
            titles.append(f"{100 * level:g} % melt")
            indices.append(int(below[0]))
    return [*titles, "end"], [*indices, last]


def _states(result: xarray.Dataset, moments: list[int]) -> list[Row]:
    """Scalars and pressures at these indices of time."""
    rows = []
    for name, title, unit, scale in SCALARS:
        if _shown(result, name):
            values = (present(result) if name == "graphite_mass" else result[name]).values
            rows.append(Row(title, unit, [_cell(values[k] * scale) for k in moments]))
    for name, dimension, title, unit in ESCAPED:
        if name in result:
            rows += [
                Row(title.format(label), unit, [_cell(row[k]) for k in moments])
                for label, row in zip(
                    result[dimension].values, result[name].transpose(dimension, "time").values
                )
            ]
    if "pressure" in result:
        pressures = result["pressure"].transpose("time", "species").values / BAR
        rows += [
            Row(f"pressure of {formula(str(s))}", "bar", [_cell(pressures[k, j]) for k in moments])
            for j, s in enumerate(result.species.values)
        ]
    return rows


def _shown(result: xarray.Dataset, name: str) -> bool:
    """Whether the run has the variable; for graphite: whether any forms."""
    return name in result and (name != "graphite_mass" or bool(present(result).any()))


def _masses(result: xarray.Dataset) -> list[Row]:
    """Gas and melt at the end, species by species."""
    if "gas_mass" not in result:
        return []
    last = result.isel(time=-1)
    names = ["mixing_ratio", "gas_mass", "dissolved_mass"]
    if "trapped_mass" in result:
        names.append("trapped_mass")
    return [
        Row(formula(str(s)), "", [_cell(float(last[name].sel(species=s))) for name in names])
        for s in result.species.values
    ]


def _extrapolation(record: Mapping[str, Any]) -> dict[str, str]:
    """A law outside its calibration, as text. record: of the attribute `extrapolations`."""
    unit = "" if record["unit"] == "1" else f" {record['unit']}"

    def span(ends: Iterable[float]) -> str:
        return " to ".join(dict.fromkeys(number(float(end), 4) for end in ends)) + unit

    return {
        "law": record["law"],
        "argument": record["argument"],
        "calibrated": span(record["calibrated"]),
        "reached": span(record["reached"]),
        "share": f"{100 * record['share']:.0f} %",
    }
