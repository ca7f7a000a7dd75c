"""The last page of `mocoupled run`: why the run ended, its last state, and how well it was solved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ...closures.redox import DEFAULT_IRON_WUSTITE
from ...constants import ATOMIC_MASS_CARBON, BAR, YEAR
from ...errors import InputError
from ...provenance.weighed_omissions import notable
from ...results.condensates import METAL, Amount, amounts
from ...results.graphite import present
from ...results.lid_text import LID
from ...results.sensitivities_of_run import END_TIME
from ...results.summaries import summary
from .text import ARGUMENTS, plain, rows, span, table, years

if TYPE_CHECKING:
    import xarray
    from rich.console import Console

Rows = Iterator[tuple[str, str]]
GRAPHITE = "C(gr)"  # it has its line
Summary = Mapping[str, Any]  # as JSON: a part of `results.summaries.summary`


def print_end(result: xarray.Dataset, console: Console) -> None:
    """Print the end of a run: why, when, what is where, how exact, and which laws were extrapolated."""
    digest = summary(result)
    mark = {"complete": "bold green", "interrupted": "bold yellow"}.get(digest["status"], "bold red")
    console.print(plain("\n" + digest["status"], mark) + plain(f": {digest['end']}\n"))
    final = digest["final"]
    last_state = [
        ("time", years(final["time_yr"] * YEAR)),
        *((f"{name} at", years(time * YEAR)) for name, time in digest["passed_yr"].items()),
        *([("lid", digest["lid"])] if "lid" in digest else []),
        *_surface(final),
        *_gas(result, final),
        *_ferric_iron(result, final),
        *_pile(result, final),
        *_losses(result, final),
        *_error_bars(result),
    ]
    rows(last_state, console)
    if "pressure_bar" in final:
        _species_table(result, console)
    _numerics(digest, console)
    _extrapolations(digest, console)
    rows([("", sentence) for sentence in notable(digest["left_out"])], console, "left out")


def _surface(final: Summary) -> Rows:
    yield "surface temperature", f"{final['surface_temperature_K']:.2f} K"
    yield "melt fraction", f"{final['melt_fraction']:.4f}"
    yield "net flux to space", f"{final['flux_W_m2']:.5g} W/m2"
    if "outgoing_flux_W_m2" in final:
        outgoing, absorbed = final["outgoing_flux_W_m2"], final["absorbed_flux_W_m2"]
        yield "of it", f"{outgoing:.5g} W/m2 outgoing less {absorbed:.5g} W/m2 absorbed"
    if "rheological_front_depth_km" in final:
        yield "rheological front", f"{final['rheological_front_depth_km']:.5g} km deep"


def _gas(result: xarray.Dataset, final: Summary) -> Rows:
    if "surface_pressure_bar" not in final:
        return
    if "optical_depth" in final:
        yield "optical depth", f"{final['optical_depth']:.4g}"
    molar = 1e3 * float(result.mean_molar_mass[-1])
    yield "surface pressure", f"{final['surface_pressure_bar']:.5g} bar, mean molar mass {molar:.4g} g/mol"
    if "rock_vapour_share" in final:
        share, most = final["rock_vapour_share"], final["largest_rock_vapour_share"]
        at = years(final["largest_rock_vapour_share_at_yr"] * YEAR)
        model = result.attrs["activity_model"]
        yield "rock vapour", f"{share:.2g} of the pressure; at most {most:.2g}, at {at} ({model})"
    if "log10_fO2_bar" in final:
        distance = ""
        if "delta_IW" in final:
            distance = f", IW{final['delta_IW']:+.3f} ({DEFAULT_IRON_WUSTITE})"
        yield "log10 fO2", f"{final['log10_fO2_bar']:.4f} (bar){distance}"


def _ferric_iron(result: xarray.Dataset, final: Summary) -> Rows:
    if "mantle_ferric_share" not in final:
        return
    start = ""
    if result.sizes["time"] > 1:
        start = f", {float(result.ferric_share[0]):.4f} at the start"
    oxygen = f"{final['ferric_oxygen_mass_kg']:.4g} kg of oxygen in ferric iron"
    if "ferric_share" not in final:  # above a closed lid
        yield "Fe3+/Fe of the mantle", f"{final['mantle_ferric_share']:.4f}; {oxygen}"
        return
    yield "Fe3+/Fe of the melt", f"{final['ferric_share']:.4f}{start}; {oxygen}"


def _pile(result: xarray.Dataset, final: Summary) -> Rows:
    if "iron_number" not in final:
        return
    iron, layer = final["iron_number"], final["basal_layer"]
    buffered = f"no buffered value ({result.attrs['buffered_reason']})"
    if iron["buffered"] is not None:
        buffered = f"buffered at {iron['buffered']:.1f}"
    numbers = ", ".join(f"{name} {iron[name]:.1f}" for name in ("ocean", "crystal", "pile") if name in iron)
    yield "Fe#", f"{numbers}; {buffered} if growth were slow"
    if iron["buffered"] is not None and "calibration" in result.attrs:
        yield "buffered value", result.attrs["calibration"]
    anomaly = f"{layer['density_anomaly_kg_m3']:.0f} kg/m3 denser than the pile, as {layer['structure']}"
    if "thresholds" in layer:  # of version 0.1
        yield "basal layer", f"{layer['verdict']}: {anomaly} ({layer['thresholds']})"
        return
    yield "last melt", f"{anomaly}, at 1 bar and 300 K"
    yield "basal layer", layer["verdict"]


def _losses(result: xarray.Dataset, final: Summary) -> Rows:
    if "graphite_mass_kg" in final:
        yield "graphite", graphite(result)
    for condensate in amounts(result):
        if condensate.name != GRAPHITE and (condensate.name != METAL or condensate.mass.any()):
            yield condensate.name, _condensate(result, condensate)
    if "escaped_mass_kg" in final:
        yield "escaped", f"{final['escaped_mass_kg']:.4g} kg of H2"
    if "escaped_element_mass_kg" in final:
        masses = final["escaped_element_mass_kg"].items()
        yield "escaped", ", ".join(f"{mass:.4g} kg of {e}{_share_lost(result, e)}" for e, mass in masses)
    if "tracer_over_hydrogen" in final:
        ratios, start = final["tracer_over_hydrogen"].items(), result.tracer_ratio.isel(time=0)
        yield (
            "tracers",
            ", ".join(
                f"{name}/H {ratio:.6g} ({ratio / float(start.sel(tracer=name)):.5g} times that at the start)"
                for name, ratio in ratios
            ),
        )


def _error_bars(result: xarray.Dataset) -> Rows:
    """What published errors make of the end of a run with sensitivities."""
    if END_TIME not in result:
        return
    from ...inference.error_bars import ERROR, uncertainty

    try:
        bars = uncertainty(result)
    except InputError:  # none of the parameters has a published error
        yield "error bars", "mocoupled uncertainty RUN --input NAME=ERROR: no published errors here"
        return
    parts = [f"time +- {years(float(bars[f'{ERROR}end_time']))}"]
    for name, unit, size in (("surface_pressure", " bar", BAR), ("melt_fraction", "", 1.0)):
        parts.append(f"{name.replace('_', ' ')} +- {float(bars[f'{ERROR}at_end_{name}']) / size:.2g}{unit}")
    sources = ", ".join(map(str, bars.parameter.values))
    yield "error bars", f"{', '.join(parts)}, by the published errors of {sources}"


def _share_lost(result: xarray.Dataset, element: str) -> str:
    """Which share of its inventory an element has lost; "" for oxygen, and where it has no inventory."""
    if element == "O" or element not in result.element:
        return ""
    moles = result.element_moles.sel(element=element).values
    lost = 1 - moles[-1] / moles[0] if moles[0] > 0 else 0.0
    return f" ({100 * lost:.3g} %)" if lost > 1e-12 else ""


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


def _condensate(result: xarray.Dataset, condensate: Amount) -> str:
    """A condensate of the last state in words."""
    mass = condensate.mass
    if mass[-1]:
        return f"{mass[-1]:.4g} kg{', from the start' if mass.all() else ''}"
    text = f"none (activity {condensate.activity[-1]:.2g})"
    most = int(mass.argmax())
    if mass[most]:
        text += f"; at most {mass[most]:.4g} kg, at {years(float(result.time[most]))}"
    return text


def _species_table(result: xarray.Dataset, console: Console) -> None:
    """Pressure, mixing ratio and masses of every species at the end."""
    last = result.isel(time=-1)
    places = {"dissolved_mass": "in the melt", "trapped_mass": "in the pile"}
    if LID in result.attrs:
        places["dissolved_mass"] = "in the mantle"
    mantle = {name: place for name, place in places.items() if name in last}
    body = []
    for species in result.species.values:
        state = last.sel(species=species)
        row = [str(species), f"{float(state.pressure) / BAR:.5g}", f"{float(state.mixing_ratio):.4g}"]
        row.append(f"{float(state.gas_mass):.4g}")
        for name in mantle:
            mass = float(state[name])
            row.append(f"{mass:.4g}" if mass else "-")
        body.append(row)
    head = ["species", "pressure, bar", "mixing ratio", "in the gas, kg"]
    table("", [*head, *(f"{place}, kg" for place in mantle.values())], body, console)


def _numerics(digest: Summary, console: Console) -> None:
    """Work of the solver, and the largest drifts."""
    work, drifts = digest["statistics"], []
    for name, value in digest["largest_drift"].items():
        drifts.append(f"{name.removesuffix('_drift').replace('_', ' ')} {value:.0e}")
    effort = (
        f"\n{work['steps']} steps in {work['wall']:.2f} s, {work['rates']} rates, "
        f"{work['jacobians']} Jacobians, {work['factorizations']} factorizations"
    )
    console.print(plain(effort, "dim"))
    console.print(plain(f"largest drift: {', '.join(drifts)}", "dim"))


def _extrapolations(digest: Summary, console: Console) -> None:
    """Laws that were used outside their calibration: where, and for which share of the steps."""
    laws: dict[str, list[tuple[str, object]]] = {}
    for record in digest["extrapolations"]:
        unit = record["unit"]
        reached, calibrated = span(record["reached"], unit), span(record["calibrated"], unit)
        name = ARGUMENTS.get(record["argument"], record["argument"])
        if "buffer" in record:
            name += f" ({record['buffer']})"
        text = f"{reached}, calibrated for {calibrated}; {record['share']:.0%} of the steps outside"
        if "melt" in record:
            text = f"{reached}, measured on {record['melt']} with {calibrated}"
        laws.setdefault(record["law"], []).append((f"  {name}", text))
    console.print(plain("\nlaws outside their calibration" if laws else "", "bold"))
    for law, pairs in laws.items():
        console.print(plain(law, "yellow"))
        rows(pairs, console)
