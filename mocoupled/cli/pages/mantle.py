"""What `mocoupled mantle` prints: the case and what calibrated it, the buffered magma ocean, the growth in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...constants import YEAR
from ...schema.buffering_case import BufferingCase
from ...schema.buffering_keys import DEFAULTS, QUANTITIES, READINGS
from .pages import rows, table, years

if TYPE_CHECKING:
    import xarray
    from rich.console import Console

FACTOR, STRUCTURES = 100.0, ("bridgmanite", "akimotoite", "pyroxene")


def keys(case: BufferingCase, console: Console):
    """Every key: its value here, what is allowed, what it means."""
    body = [
        (
            f"{q.section}.{name}",
            f"{case.values[name]:.6g} {'' if q.unit == '1' else q.unit}".strip(),
            f"{q.low:g} to {q.high:g}",
            q.long_name,
        )
        for name, q in QUANTITIES.items()
    ]
    table("values", ("key", "value", "allowed", "meaning"), body, console)
    told = [
        (f"readings.{name}", case.readings[name], "; ".join(f"{c}: {text}" for c, text in choices.items()))
        for name, choices in READINGS.items()
    ]
    table(
        "readings of the paper's text", ("key", "value", "allowed; the first is recommended"), told, console
    )


def describe(case: BufferingCase, console: Console):
    """The case, and what calibrated it."""
    console.print(f"{case.title}\n")
    v = case.values
    own = {name: choice for name, choice in case.readings.items() if choice != DEFAULTS[name]}
    told = case.attributes
    pairs = [
        ("planet", f"mantle of {v['mantle_thickness'] / 1e3:g} km, bulk Fe# {FACTOR * v['bulk_iron']:g}, core {v['core_temperature']:g} K, gravity {v['gravity']:g} m/s2, density {v['density']:g} kg/m3"),
        ("pile", f"viscosity {v['viscosity']:g} Pa s, expansivity {v['expansivity']:g} 1/K, heat capacity {v['heat_capacity']:g} J/kg/K, latent heat {v['latent_heat']:g} J/kg"),
        ("melting", f"KD {v['exchange_coefficient']:g}; Mg end-member {v['magnesium_temperature']:g} K + {1e9 * v['magnesium_slope']:g} K/GPa, Fe end-member {v['iron_temperature']:g} K + {1e9 * v['iron_slope']:g} K/GPa"),
        ("readings", "; ".join(f"{k} = {c} ({READINGS[k][c]})" for k, c in own.items()) or "the recommended ones"),
        ("calibration", f"{told['calibration']}; {told['calibration_provenance']}"),
    ]  # fmt: skip
    if "calibration_spread" in told:
        pairs.append(
            (
                "spread",
                f"Fe# {told['calibration_spread']}; with other readings {told['calibration_readings']}",
            )
        )
    rows(pairs, console)


def crossings(static: xarray.Dataset, timed: xarray.Dataset, console: Console):
    """The buffered magma ocean, static and for each timescale; reasons where there is none."""
    points = [
        ("static", static),
        *((years(float(t)), timed.isel(timescale=k)) for k, t in enumerate(timed.timescale.values)),
    ]
    body, missing, others = [], [], []
    for name, point in points:
        if not bool(point.converged):
            missing.append((name, str(point.reason.item())))
        else:
            body.append(_row(name, point))
            if "molten" in str(point.reason.item()):
                others.append((name, str(point.reason.item())))
        if int(point.crossings) > 1:
            told = zip(
                point.crossing_solid_fraction.values,
                point.crossing_ocean_iron.values,
                point.crossing_buffers.values,
            )
            others.append(
                (
                    name,
                    "all crossings: "
                    + "; ".join(
                        f"solid {f:.3f}, Fe# {FACTOR * X:.2f}, {'buffers' if b else 'releases'}"
                        for f, X, b in told
                        if f == f
                    ),
                )
            )
    if body:
        table(
            "buffered magma ocean",
            (
                "growth in",
                "solid",
                "Fe# ocean",
                "crystals",
                "melts",
                "pile",
                *(f"kg/m3 {s}" for s in STRUCTURES),
            ),
            [row for row, _ in body],
            console,
        )
        console.print(
            "kg/m3: density of the crystallised ocean above that of the pile, both as the mineral named"
        )
        table(
            "the pile there",
            ("growth in", "thickness, km", "top, GPa", "melts on the axis", "elsewhere", "mantle remelts in"),
            [row for _, row in body],
            console,
        )
    if missing or others:
        rows([*missing, *others], console, "no buffered magma ocean" if missing else "further")


def _row(name, point):
    percent = (
        f"{FACTOR * float(point[k]):.2f}" for k in ("ocean_iron", "crystal_iron", "melt_iron", "pile_iron")
    )
    anomaly = (f"{float(point.density_anomaly.sel(structure=s)):.0f}" for s in STRUCTURES)
    rate = float(point.remelting_rate)
    pile = (
        f"{float(point.thickness) / 1e3:.0f}",
        f"{float(point.top_pressure) / 1e9:.1f}",
        f"{float(point.plume_melt_fraction):.2f}",
        f"{float(point.ambient_melt_fraction):.2f}",
    )
    return (name, f"{float(point.solid_fraction):.3f}", *percent, *anomaly), (
        name,
        *pile,
        years(1 / rate) if rate > 0 else "never",
    )


def histories(runs: list[xarray.Dataset], console: Console):
    """The end of the growth in time, for each timescale."""
    body = []
    for run in runs:
        end = run.isel(time=-1)
        body.append((
            years(run.attrs["timescale_s"]), f"{float(end.solid_fraction):.3f}", years(float(end.time)), f"{FACTOR * float(end.ocean_iron):.2f}", f"{FACTOR * float(end.pile_iron):.2f}",
            f"{float(end.density_anomaly.sel(structure='bridgmanite')):.0f}", f"{float(run.iron_drift.max()):.0e}", run.attrs["end"],
        ))  # fmt: skip
    table(
        "growth with remelting, in time",
        ("growth in", "solid", "after", "Fe# ocean", "pile", "kg/m3", "iron drift", "end"),
        body,
        console,
    )
    console.print(
        "after the crossing the pile drifts towards the bulk and the ocean with it: the buffered value is no plateau of the run"
    )


def myr(seconds: float) -> str:
    """A timescale for a file's name: "10Myr"."""
    return f"{seconds / YEAR / 1e6:g}Myr"
