"""Results as xarray Datasets and NetCDF folders, with units, provenance and their own residuals."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..conditions import path as path_of
from ..errors import InputError
from ..files import json_table, new_folder, write_text
from ..planet.assembly import Planet
from ..planet.losses_to_space import ESCAPING
from ..planet.pile_of_case import IRON
from ..provenance.calibration import extrapolations
from ..provenance.omissions import largest, omissions, weighed
from ..provenance.references import used_references
from ..provenance.sources import data_sources
from . import netcdf
from .conventions import CONVENTIONS, annotated
from .fronts import CRITICAL, rheological_front
from .graphite import present

if TYPE_CHECKING:
    import xarray

    from ..dae.solve.integrate import Trajectory
    from ..dae.solve.system import System

EVOLUTION, SUMMARY, CASE, LOG, FIGURES = "evolution.nc", "summary.json", "case.toml", "run.log", "figures"
SWEEP, MAP = "sweep.nc", "map.nc"  # of a sweep, and of a map of equilibria, in their folders
RUNNING = "running"  # status in summary.json of a run that has begun and not ended
LIBRARIES = ("cantera", "scipy", "numpy", "sympy", "xarray", "netCDF4", "pint", "pydantic")


def dataset(planet: Planet, system: System, trajectory: Trajectory) -> xarray.Dataset:
    """The trajectory as a Dataset along `time` [s], every variable with units and long_name (SI).

    Besides the model's outputs: element_drift (element) and energy_drift, |stored - (initial + exchanged)| over the
    initial amount; equilibrium_drift, largest |ln Q - ln K| of the stored state; integrator_equilibrium_drift, the
    same before the stored state was projected; escaped_mass where H2 escapes.
    """
    import xarray

    reports = [
        system.report(x, trajectory.totals, q, t)
        for t, x, q in zip(trajectory.time, trajectory.states, trajectory.accumulated)
    ]
    rows, drifts = zip(*reports)
    values = np.array([shown for shown, _ in rows], dtype=float).reshape(len(rows), len(planet.model.outputs))
    variables = _variables(planet.model.outputs, values)
    variables |= _drifts(planet, system, trajectory, variables, drifts)
    coordinates = {"time": ("time", trajectory.time, {"units": "s", "long_name": "time since the start"})}
    coordinates |= {dims[1]: list(labels) for _, (dims, _, _, labels) in variables.items() if len(dims) > 1}
    data = {name: (dims, values, attrs) for name, (dims, values, attrs, _) in variables.items()}
    if planet.model.field is not None:
        data |= _with_front(_field(system, trajectory), planet)
        places = planet.model.field.coordinates
        coordinates |= {
            name: ("cell", values, {"units": unit, "long_name": title})
            for name, (values, unit, title) in places.items()
        }
    result = xarray.Dataset(data, coords=coordinates)
    result.attrs = provenance(planet, system) | {
        "status": {"event": "complete", "time": "complete"}.get(trajectory.end.kind, trajectory.end.kind),
        "end_name": trajectory.end.name,
        "end_reason": trajectory.end.sentence,
        "passed": json.dumps(trajectory.marks),
        "statistics": json.dumps(trajectory.statistics),
        "extrapolations": json.dumps(
            extrapolations(planet.model.watches, np.array([w for _, w in rows], dtype=float).T)
        ),
        "left_out": json.dumps(_left_out(planet, result)),
    }
    if "ocean_iron" in result:
        from ..cumulates.basal_layer import with_verdict  # on use: it brings the model of remelting

        result = with_verdict(result, planet.below)
    history = f"mocoupled {result.attrs['source'].split()[-1]} evolved the case {planet.case.name}: {result.attrs['end_reason']}"
    return annotated(result, used_references(result), history)


def _left_out(planet, result) -> list[dict]:
    """What the run leaves out, with the largest share of the gas that it concerns."""
    if "mixing_ratio" not in result:
        return []
    shares = largest(
        result["mixing_ratio"].transpose("species", ...).values, [str(s) for s in result.species.values]
    )
    return weighed(
        omissions(planet.case, planet.chemistry, planet.laws), shares, float(result["surface_pressure"].max())
    )


def _field(system, trajectory):
    """What the model stores of every cell, along (time, cell), cells from the surface down."""
    rows = [system.field_outputs(x) for x in trajectory.states]
    found = {}
    for k, output in enumerate(system.field.outputs):
        found[output.name] = (
            ("time", "cell"),
            np.array([row[k] for row in rows]),
            {"units": output.unit, "long_name": output.long_name},
        )
    return found


def _with_front(found, planet):
    """The field's variables, and the pressure and depth of the rheological front."""
    melt, inside = found["local_melt_fraction"][1], planet.structure
    places = planet.model.field.coordinates
    pressure, radius = places["cell_pressure"][0], places["cell_radius"][0]
    ends = {
        "rheological_front_pressure": (pressure, inside.core_mantle_pressure, "Pa", "pressure"),
        "rheological_front_depth": (inside.radius - radius, inside.radius - inside.core_radius, "m", "depth"),
    }
    for name, (position, bottom, unit, what) in ends.items():
        title = f"{what} of the rheological front: top of what has frozen from the base to a melt fraction below {CRITICAL:g}"
        found[name] = (
            ("time",),
            rheological_front(melt, position, bottom, 0.0),
            {"units": unit, "long_name": title},
        )
    return found


def _variables(outputs, values):
    """name -> (dims, array, attributes, labels), gathering the entries of labelled outputs."""
    groups: dict[str, list[int]] = {}
    for column, output in enumerate(outputs):
        groups.setdefault(output.name, []).append(column)
    found = {}
    for name, columns in groups.items():
        first = outputs[columns[0]]
        attributes = {"units": first.unit, "long_name": first.long_name}
        if first.dimension:
            labels = tuple(outputs[c].label for c in columns)
            found[name] = (("time", first.dimension), values[:, columns], attributes, labels)
        else:
            found[name] = (("time",), values[:, columns[0]], attributes, ())
    return found


def _drifts(planet, system, trajectory, variables, drifts):
    """Residuals of the stored states, by law of nature."""
    balances = planet.model.balances
    names = [b.name for b in balances]
    sourced = [names[k] for k in system.sourced]
    energy = np.array([b[names.index("energy")] for b, _ in drifts])
    equilibrium = np.array([c.max(initial=0.0) for _, c in drifts])
    found = {
        "energy_drift": (
            ("time",),
            energy,
            _unitless("drift of the stored energy, over the initial heat"),
            (),
        ),
        "equilibrium_drift": (
            ("time",),
            equilibrium,
            _unitless("largest |ln Q - ln K| of the stored state"),
            (),
        ),
        "integrator_equilibrium_drift": (
            ("time",),
            trajectory.constraint_drift,
            _unitless("largest |ln Q - ln K| of the integrator's state before projection"),
            (),
        ),
    }
    heat = variables["heat"][1]
    changed = max(
        np.abs(heat - heat[0]).max(), np.finfo(float).eps * abs(heat[0])
    )  # a run cut off at once has lost none
    found["integrator_energy_drift"] = (
        ("time",),
        trajectory.balance_drift[:, names.index("energy")]
        * _number(balances[names.index("energy")].scale, system)
        / changed,
        _unitless(
            "drift of the integrator's own state before projection, over the largest change of the heat in the whole run"
        ),
        (),
    )
    if IRON in names:
        iron = np.array([b[names.index(IRON)] for b, _ in drifts])
        found["iron_drift"] = (
            ("time",),
            iron,
            _unitless("drift of the iron's balance: of the logarithm of the melt left, at its composition"),
            (),
        )
    if "element_moles" not in variables:
        return found
    _, held, _, elements = variables["element_moles"]
    lost, left = np.zeros_like(held), {}  # left: the mass of a species that is no longer in the planet
    for k, name in enumerate(sourced):
        if name in planet.chemistry.mechanism.species:
            left[name] = left.get(name, 0.0) - trajectory.accumulated[:, k] * _number(
                balances[names.index(name)].scale, system
            )
    trapped = variables.get("trapped_mass")
    pile = dict(zip(trapped[3], trapped[1].T)) if trapped else {}
    for name, mass in (*left.items(), *pile.items()):
        species = planet.chemistry.mechanism.species[name]
        for j, element in enumerate(elements):
            lost[:, j] += species.composition.get(element, 0) * mass / planet.chemistry.molar_mass(name)
    if "escape_rate" in variables:
        found["escaped_mass"] = (
            ("time",),
            left[ESCAPING],
            {"units": "kg", "long_name": f"mass of {ESCAPING} lost to space"},
            (),
        )
    drift = np.abs(held + lost - held[0]) / held[0]
    parts = (
        "gas, melt, graphite, what escaped and what is trapped"
        if trapped
        else "gas, melt, graphite and what escaped"
    )
    title = f"drift of the element's budget ({parts}), over the initial amount"
    return found | {"element_drift": (("time", "element"), drift, _unitless(title), elements)}


def _number_or_none(value):
    return value if np.isfinite(value) else None


def _number(expression, system) -> float:
    values = {p.symbol: p.value for p in system.model.parameters}
    return float(expression.subs(values)) if hasattr(expression, "subs") else float(expression or 1.0)


def _unitless(title):
    return {"units": "1", "long_name": title}


def provenance(planet: Planet, system: System) -> dict[str, str]:
    """What it takes to do a result again: versions, case, mechanism and the laws with their references."""
    from ..version import __version__

    chemistry = planet.chemistry
    compositions = {
        s: {
            e: n if isinstance(n, int) else float(n)
            for e, n in chemistry.mechanism.species[s].composition.items()
        }
        for s in chemistry.species
    }
    versions = {"mocoupled": __version__, "python": platform.python_version()}
    versions |= {name: metadata.version(name) for name in LIBRARIES}
    return {
        "Conventions": CONVENTIONS,
        "title": planet.case.title or planet.case.name,
        "source": f"mocoupled {__version__}",
        "case_name": planet.case.name,
        "case": planet.case.to_toml(),
        "versions": json.dumps(versions),
        "mechanism": chemistry.mechanism.name,
        "mechanism_sha256": chemistry.mechanism.checksum,
        "equations_sha256": hashlib.sha256(system.source.encode()).hexdigest(),
        "thermochemistry": chemistry.source,
        "oxygen_fugacity": chemistry.oxygen_label,
        "composition": json.dumps(compositions),
        "molar_masses": json.dumps({s: chemistry.molar_mass(s) for s in chemistry.species}),
        "laws": json.dumps(
            {role: {"name": one.name, "reference": one.reference} for role, one in planet.laws.items()}
        ),
        "data": json.dumps(data_sources(planet.case, planet.chemistry, planet.below)),
    }


def summary(result: xarray.Dataset) -> dict:
    """The end of a run in plain numbers with units in their names, for summary.json and people."""
    last = result.isel(time=-1)
    year = 365.25 * 86400.0
    end = {
        "time_yr": float(last.time) / year,
        "surface_temperature_K": float(last.surface_temperature),
        "melt_fraction": float(last.melt_fraction),
        "flux_W_m2": float(last.flux),
        "optical_depth": float(last.optical_depth),
    }
    if "surface_pressure" in result:
        end["surface_pressure_bar"] = float(last.surface_pressure) / 1e5
        if "log10_fO2" in result:  # not with a budget of oxygen among species without O2
            end["log10_fO2_bar"] = float(last.log10_fO2)
        end["pressure_bar"] = {
            str(s): float(last.pressure.sel(species=s)) / 1e5 for s in result.species.values
        }
        for name in ("dissolved_mass", "trapped_mass"):
            if name in result:
                end[f"{name}_kg"] = {str(s): float(last[name].sel(species=s)) for s in result.species.values}
    if "ferric_share" in result:
        end |= {name: float(last[name]) for name in ("delta_IW", "ferric_share", "mantle_ferric_share")}
        end["ferric_oxygen_mass_kg"] = float(last.ferric_oxygen_mass)
    if "rheological_front_depth" in result:
        end["rheological_front_depth_km"] = float(last.rheological_front_depth) / 1e3
    if "ocean_iron" in result:
        iron = {
            name: 100 * float(last[f"{name}_iron"])
            for name in ("ocean", "crystal", "pile")
            if f"{name}_iron" in result
        }
        end["iron_number"] = iron | {"buffered": _number_or_none(100 * result.attrs["buffered_ocean_iron"])}
        end["basal_layer"] = {
            "verdict": result.attrs["basal_layer"],
            "density_anomaly_kg_m3": float(result.attrs["basal_layer_density_anomaly"]),
            "thresholds": result.attrs["basal_layer_thresholds"],
        }
        end["basal_layer"] |= {
            "structure": result.attrs.get("basal_layer_structure", "bridgmanite")
        }  # 0.1 took bridgmanite always
    if "graphite_mass" in result:
        end["graphite_mass_kg"] = float(present(last))
    if "escaped_mass" in result:
        end["escaped_mass_kg"] = float(last.escaped_mass)
    drift = {n: float(result[n].max()) for n in result.data_vars if str(n).endswith("_drift")}
    return {
        "case": result.attrs["case_name"],
        "status": result.attrs["status"],
        "end": result.attrs["end_reason"],
        "passed_yr": {name: t / year for name, t in json.loads(result.attrs.get("passed", "{}")).items()},
        "final": end,
        "largest_drift": drift,
        "extrapolations": json.loads(result.attrs["extrapolations"]),
        "left_out": json.loads(result.attrs.get("left_out", "[]")),  # 0.1 does not store it
        "statistics": json.loads(result.attrs["statistics"]),
        "versions": json.loads(result.attrs["versions"]),
        "mechanism": {"name": result.attrs["mechanism"], "sha256": result.attrs["mechanism_sha256"]},
        "laws": json.loads(result.attrs["laws"]),
        "data": json.loads(result.attrs.get("data", "{}")),
    } | ({"pile": json.loads(result.attrs["pile"])} if "pile" in result.attrs else {})


def _finite(value):
    """The same with null for numbers that are not finite, which JSON does not have."""
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def claim(folder: str | os.PathLike, overwrite: bool = False) -> Path:
    """The output folder, checked and not yet made: InputError when it is a file, cannot be made, or holds a run already."""
    path = new_folder(folder)
    there = [name for name in (EVOLUTION, SUMMARY, CASE, LOG) if os.path.lexists(path / name)]
    if there and not overwrite:
        status = status_of(path)
        unfinished = status in (RUNNING, "interrupted")
        state = f"unfinished ({status!r})" if unfinished else ", ".join(there)
        cure = (
            f"continue it with 'mocoupled resume {path}', or replace it with --overwrite"
            if unfinished
            else "name another folder, or overwrite it with --overwrite"
        )
        raise InputError(f"output {path}", f"the folder holds a run already ({state}).", cure=cure)
    if there == [CASE]:
        raise InputError(
            f"output {path}",
            f"its {CASE} is of no run: no run has begun in this folder.",
            cure="name another folder, or move the file",
        )
    check_files(path, f"output {path}")
    return path


def check_files(folder: Path, where: str):
    """InputError where a folder has the name of a file that a run writes."""
    if odd := [name for name in (EVOLUTION, SUMMARY, CASE, LOG) if (folder / name).is_dir()]:
        raise InputError(where, f"{odd[0]} in it is a folder.", cure="move it, or name another folder")


def status_of(folder: Path) -> str:
    """What summary.json says of the run in a folder; "" where it says nothing."""
    try:
        return str(json_table(folder / SUMMARY)["status"])
    except (OSError, ValueError, KeyError):
        return ""


def write(result: xarray.Dataset, folder: Path, log: str = "") -> list[Path]:
    """Write evolution.nc, summary.json, case.toml and run.log; each file appears whole or not at all.

    summary.json comes last: where it says "complete", the others are there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = netcdf.write(result, folder / EVOLUTION)
    write_text(folder / CASE, result.attrs["case"])
    write_text(folder / LOG, log, durable=False)
    write_text(
        folder / SUMMARY,
        json.dumps(_finite(summary(result)), indent=1, allow_nan=False) + "\n",
        durable=False,
    )
    return [path, *(folder / name for name in (SUMMARY, CASE, LOG))]


def _runs_below(folder: Path, most: int = 8) -> str:
    """The runs in the folders of a folder, as a cure: "runs in it: ..."; "" where there are none."""
    try:
        runs = sorted(
            str(file.parent)
            for depth in ("*", "*/*", "*/*/*")
            for file in folder.glob(f"{depth}/{EVOLUTION}")
        )
    except OSError:
        return ""
    more = f" and {len(runs) - most} more" if len(runs) > most else ""
    return f"runs in it: {', '.join(runs[:most])}{more}" if runs else ""


def read_one(folder: str | os.PathLike) -> xarray.Dataset:
    """As `read`, for what takes one run: InputError for the folder of a sweep or map, with the runs in it."""
    path = path_of(folder, "run")
    if not (path / EVOLUTION).exists():
        for name, kind in ((SWEEP, "sweep"), (MAP, "map of equilibria")):
            if (path / name).exists():
                raise InputError(
                    f"{path}",
                    f"this is a {kind}, not a run.",
                    f"allowed: the folder of a run ({EVOLUTION})",
                    _runs_below(path),
                )
    return read(path)


def read(folder: str | os.PathLike) -> xarray.Dataset:
    """The stored result of a run, of a sweep (its table along the axes) or of an equilibrium: a folder, or the path of a file.

    attrs["status"] of a run is "complete", "interrupted" or "failed". Of a sweep, a case without a result is NaN, with its
    `status` and `reason`; a species that a case does not have is NaN there. A map is opened, its values read on demand.
    InputError for a file that was damaged or holds numbers that are not finite.
    """
    path = path_of(folder, "run")
    inside = path.is_dir()
    path = (
        next((path / name for name in (EVOLUTION, SWEEP, MAP) if (path / name).exists()), path / EVOLUTION)
        if inside
        else path
    )
    if not path.exists() and status_of(path.parent) == RUNNING:
        raise InputError(
            f"{path}",
            "the run has not ended.",
            cure=f"if it was cut off, 'mocoupled resume {path.parent}' continues it",
        )
    if not path.exists():
        raise InputError(
            f"{path}",
            "there is no stored run.",
            f"allowed: the folder of a run ({EVOLUTION}), sweep ({SWEEP}) or map ({MAP}), or a .nc file that mocoupled wrote",
            _runs_below(path.parent),
        )
    if path.name == MAP:
        return netcdf.open_on_demand(path)
    return netcdf.load(path, marked=inside and path.name == EVOLUTION)
