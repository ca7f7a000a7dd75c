"""The page of `mocoupled mantle`: case and calibration, the buffered magma ocean, growth in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...constants import YEAR
from ...schema.buffering_case import EXCHANGE_KEY, BufferingCase
from ...schema.buffering_keys import DEFAULTS, QUANTITIES, READINGS
from .text import rows, table, years

if TYPE_CHECKING:
    import xarray
    from rich.console import Console

FACTOR, STRUCTURES = 100.0, ("bridgmanite", "akimotoite", "pyroxene")


def print_keys(case: BufferingCase, console: Console) -> None:
    """Print every key: its value here, what is allowed, what it means."""
    quantities = []
    for name, quantity in QUANTITIES.items():
        unit = "" if quantity.unit == "1" else quantity.unit
        value = f"{case.values[name]:.6g} {unit}".strip()
        if name == EXCHANGE_KEY:
            value = _exchange(case)
        allowed = f"{quantity.low:g} to {quantity.high:g}"
        quantities.append((f"{quantity.section}.{name}", value, allowed, quantity.long_name))
    table("values", ("key", "value", "allowed", "meaning"), quantities, console)
    readings = []
    for name, choices in READINGS.items():
        allowed = "; ".join(f"{choice}: {text}" for choice, text in choices.items())
        readings.append((f"readings.{name}", case.readings[name], allowed))
    head = ("key", "value", "allowed; the first is recommended")
    table("readings of the paper's text", head, readings, console)


def print_case(case: BufferingCase, console: Console) -> None:
    """Print the case, and what calibrated it."""
    console.print(f"{case.title}\n")
    v, attributes = case.values, case.attributes
    changed = [
        f"{name} = {choice} ({READINGS[name][choice]})"
        for name, choice in case.readings.items()
        if name in DEFAULTS and choice != DEFAULTS[name]
    ]
    planet = (
        f"mantle of {v['mantle_thickness'] / 1e3:g} km, bulk Fe# {FACTOR * v['bulk_iron']:g}, "
        f"core {v['core_temperature']:g} K, gravity {v['gravity']:g} m/s2, density {v['density']:g} kg/m3"
    )
    pile = (
        f"viscosity {v['viscosity']:g} Pa s, expansivity {v['expansivity']:g} 1/K, "
        f"heat capacity {v['heat_capacity']:g} J/kg/K, latent heat {v['latent_heat']:g} J/kg"
    )
    melting = (
        f"KD {_exchange(case)}; "
        f"Mg end-member {v['magnesium_temperature']:g} K + {1e9 * v['magnesium_slope']:g} K/GPa, "
        f"Fe end-member {v['iron_temperature']:g} K + {1e9 * v['iron_slope']:g} K/GPa"
    )
    pairs = [
        ("planet", planet),
        ("pile", pile),
        ("melting", melting),
        ("readings", "; ".join(changed) or "the recommended ones"),
        ("calibration", f"{attributes['calibration']}; {attributes['calibration_provenance']}"),
    ]
    if "calibration_spread" in attributes:
        spread = f"Fe# {attributes['calibration_spread']}"
        pairs.append(("spread", f"{spread}; with other readings {attributes['calibration_readings']}"))
    rows(pairs, console)


def _exchange(case: BufferingCase) -> str:
    """K_D as a number, or the name of its law."""
    return case.exchange if isinstance(case.exchange, str) else f"{case.exchange:g}"


def print_crossings(static: xarray.Dataset, timed: xarray.Dataset, console: Console) -> None:
    """Print the buffered magma ocean, static and for each timescale; reasons where there is none."""
    points = [("static", static)]
    for k, time in enumerate(timed.timescale.values):
        points.append((years(float(time)), timed.isel(timescale=k)))
    oceans, piles, missing, others = [], [], [], []
    for name, point in points:
        reason = str(point.reason.item())
        if not bool(point.converged):
            missing.append((name, reason))
        else:
            oceans.append(_ocean(name, point))
            piles.append(_pile(name, point))
            if "molten" in reason:
                others.append((name, reason))
        if int(point.crossings) > 1:
            others.append((name, f"all crossings: {_all_crossings(point)}"))
    if oceans:
        structures = [f"kg/m3 {structure}" for structure in STRUCTURES]
        head = ("growth in", "solid", "Fe# ocean", "crystals", "melts", "pile", *structures)
        table("buffered magma ocean", head, oceans, console)
        console.print(
            "kg/m3: density of the crystallised ocean above that of the pile, both as the mineral named"
        )
        head = ("growth in", "thickness, km", "top, GPa", "melts on the axis", "elsewhere")
        table("the pile there", (*head, "mantle remelts in"), piles, console)
    if missing or others:
        rows([*missing, *others], console, "no buffered magma ocean" if missing else "further")


def print_spread(static: xarray.Dataset, console: Console) -> None:
    """Print the static buffered ocean with each law of K_D."""
    body, missing = [], []
    for law in static.exchange_law.values:
        point = static.sel(exchange_law=law)
        iron = float(point.ocean_iron_of_law)
        if iron != iron:
            missing.append((str(law), str(point.reason_of_law.values)))
            continue
        density = [f"{float(point.density_anomaly_of_law.sel(structure=name)):.0f}" for name in STRUCTURES]
        body.append((str(law), f"{FACTOR * iron:.2f}", *density))
    head = ("law of KD", "Fe# ocean", *(f"kg/m3 {name}" for name in STRUCTURES))
    table("static value with each law of KD", head, body, console)
    rows(missing, console, "not possible here")


def _all_crossings(point: xarray.Dataset) -> str:
    """Every solid fraction at which melts and crystals balance, and whether it buffers."""
    crossings = zip(
        point.crossing_solid_fraction.values,
        point.crossing_ocean_iron.values,
        point.crossing_buffers.values,
    )
    parts = []
    for solid, iron, buffers in crossings:
        if solid == solid:  # NaN: no further crossing
            verb = "buffers" if buffers else "releases"
            parts.append(f"solid {solid:.3f}, Fe# {FACTOR * iron:.2f}, {verb}")
    return "; ".join(parts)


def _ocean(name: str, point: xarray.Dataset) -> list[str]:
    """A row of the buffered magma ocean."""
    row = [name, f"{float(point.solid_fraction):.3f}"]
    for iron in ("ocean_iron", "crystal_iron", "melt_iron", "pile_iron"):
        row.append(f"{FACTOR * float(point[iron]):.2f}")
    for structure in STRUCTURES:
        row.append(f"{float(point.density_anomaly.sel(structure=structure)):.0f}")
    return row


def _pile(name: str, point: xarray.Dataset) -> list[str]:
    """A row of the pile below it."""
    rate = float(point.remelting_rate)
    return [
        name,
        f"{float(point.thickness) / 1e3:.0f}",
        f"{float(point.top_pressure) / 1e9:.1f}",
        f"{float(point.plume_melt_fraction):.2f}",
        f"{float(point.ambient_melt_fraction):.2f}",
        years(1 / rate) if rate > 0 else "never",
    ]


def print_histories(runs: Sequence[xarray.Dataset], console: Console) -> None:
    """Print the end of the growth in time, for each timescale, and what the heat of the pile became."""
    body = []
    for run in runs:
        end = run.isel(time=-1)
        anomaly = float(end.density_anomaly.sel(structure="bridgmanite"))
        body.append(
            (
                years(run.attrs["timescale_s"]),
                f"{float(end.solid_fraction):.3f}",
                years(float(end.time)),
                f"{FACTOR * float(end.ocean_iron):.2f}",
                f"{FACTOR * float(end.pile_iron):.2f}",
                f"{anomaly:.0f}",
                f"{float(run.iron_drift.max()):.0e}",
                run.attrs["end"],
            )
        )
    head = ("growth in", "solid", "after", "Fe# ocean", "pile", "kg/m3", "iron drift", "end")
    energy = runs[0].attrs["energy"]
    table(f"growth with remelting, in time; heat of the pile {energy}", head, body, console)
    _print_heat(runs, console)
    if energy == "prescribed":
        console.print(
            "after the crossing the pile drifts towards the bulk and the ocean with it: "
            "the buffered value is no plateau of the run; nobody pays for the latent heat of the melts: "
            "--energy conserved"
        )


def _print_heat(runs: Sequence[xarray.Dataset], console: Console) -> None:
    """Print the melt that was returned in masses of the mantle, its latent heat, and who paid for it."""
    body = []
    for run in runs:
        end = run.isel(time=-1)
        returned = float(end.melt_returned)
        row = [years(run.attrs["timescale_s"]), f"{returned:.3g}"]
        if "energy_drift" in run:
            superheat = float(end.interior_temperature - end.top_temperature)
            row += [
                f"{float(end.latent_heat_returned) / 1e6:.3g}",
                f"{float(end.heat_delivered) / 1e6:.3g}",
                f"{float(end.core_heat_lost) / 1e6:.3g}",
                f"{float(end.core_mantle_temperature):.0f}",
                f"{superheat:.0f}",
                f"{float(run.energy_drift.max()):.0e}",
            ]
        body.append(row)
    head = ["growth in", "melt returned"]
    if "energy_drift" in runs[0]:
        head += [
            "its latent heat",
            "heat to the ocean",
            "of the core",
            "core, K",
            "pile less top, K",
            "drift",
        ]
    table("melt returned, masses of the mantle; heat, MJ for each kg of mantle", head, body, console)


def print_layers(runs: Sequence[xarray.Dataset], console: Console) -> None:
    """Print the verdict on a basal layer, for each timescale."""
    pairs = []
    for run in runs:
        pairs.append((years(run.attrs["timescale_s"]), run.attrs["basal_layer"]))
        if "basal_layer_of_mixed_pile" in run.attrs:
            pairs.append(("the same, pile mixed", run.attrs["basal_layer_of_mixed_pile"]))
    rows(pairs, console, "basal layer, when the last melt has frozen (pile as it was deposited)")


def million_years(seconds: float) -> str:
    """A timescale for a file's name: "10Myr"."""
    return f"{seconds / YEAR / 1e6:g}Myr"
