"""Our value of each claim of Bower et al. 2022, computed from runs or equilibria, in the unit of the claim.

VALUES: key of a claim in validation/published/bower2022_claims.csv -> function(source) -> number. A source is
a `Runs`, or an `Equilibria` for the same quantity without a run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ...closures import saturation
from ...closures.redox import parse_oxygen_fugacity
from ...closures.registry import find
from ...comparison.factsage import find_table, read_table
from ...constants import BAR, YEAR
from ...interior.static_structure import structure
from ...results.diagnostics import CARBON_SPECIES, HYDROGEN_SPECIES, at_time, bar, mixing_ratio
from ..value_sources import NotComputed, Source
from .cases import CARBON, FEW, OFFSETS, REDOX_OCEANS, name

if TYPE_CHECKING:
    import xarray

    from ...case import Case

SOLID_TEMPERATURE = 1388.0  # K, of "no melt": inferred, as all of Table E follows from it
PPM, PERCENT, KYR = 1e-6, 0.01, 1e3
EARLY = 0.9  # melt fraction
XUV = 40.0  # inferred: the printed factor is lost
MOLAR_MASS_H2 = 2.01588e-3  # kg/mol

_viscosity = find("viscosity", "tanh-Bower2018")
_escape = find("escape", "Zahnle2019")
_condensation = find("saturation", "Bower2022-Eq12")


def _depletion(state: xarray.Dataset) -> float:
    """Interior depletion of hydrogen [%]."""
    return float(state.interior_depletion) / PERCENT


def _hydrogen(state: xarray.Dataset) -> float:
    """Gases of hydrogen in the gas [%]."""
    return float(state.hydrogen_share) / PERCENT


def _solid(source: Source, case: str) -> xarray.Dataset:
    """A planet without melt."""
    return source.state(case, SOLID_TEMPERATURE, 0.0)


def _ratio(state: xarray.Dataset, above: str, below: str) -> float:
    """Partial pressure of a species over that of another."""
    return bar(state, above) / bar(state, below)


def _solubility(source: Source) -> tuple[float, float]:
    """(coefficient [ppmw/bar^(1/n)], exponent n) of the power law between two states of E1 and E10."""
    low, high = source.state("E1", 2173.0, 1.0), source.state("E10", 2173.0, 1.0)
    share = [float(x.dissolved_share.sel(species="H2O")) / PPM for x in (low, high)]
    exponent = math.log(bar(high, "H2O") / bar(low, "H2O")) / math.log(share[1] / share[0])
    return share[0] / bar(low, "H2O") ** (1 / exponent), exponent


def _tracks(source: Source) -> float:
    """Time [kyr] at which p(H2O) of F1 first differs by a tenth from that of E1; else the end of the shorter
    run."""
    E1, F1 = source.run("E1"), source.run("F1")
    time = E1.time.values[1:]
    time = time[time <= float(F1.time[-1])]
    ratio = _log_pressure(F1, time) - _log_pressure(E1, time)
    apart = np.flatnonzero(np.abs(ratio) > math.log(1.1))
    return float(time[apart[0] if apart.size else -1]) / YEAR / KYR


def _log_pressure(run: xarray.Dataset, time: np.ndarray) -> np.ndarray:
    """ln p(H2O) of a run at times [s], by linear interpolation."""
    return np.interp(time, run.time.values, np.log(run.pressure.sel(species="H2O").values))


def _gas_mass_after(source: Source, case: str, time: float) -> float:
    """Mass of the gas at a time [s] over that at the start."""
    state = at_time(source.run(case), time)
    if state is None:
        raise NotComputed(f"the run of {case} ends before")
    return float(state.gas_mass.sum("species") / source.start(case).gas_mass.sum("species"))


def _difference_from_factsage(source: Source) -> float:
    """Largest difference [%] between our five gases and FactSage, over what the table prints to 2 % or
    better."""
    largest = 0.0
    for record in read_table(find_table("bower2022_appendix_E")):
        if record.program != "FactSage":
            continue
        state = _solid(source, _table_case(record.name))
        for species, pressure in record.pressures.items():
            if record.rounding[species] < 0.02 * pressure:
                difference = abs(bar(state, species) / (pressure / BAR) - 1) / PERCENT
                largest = max(largest, difference)
    return largest


def _table_case(label: str) -> str:
    """The case of a row of Table E, such as 3oc-C1-IW-2.0."""
    oceans, rest = label.split("oc-C")
    carbon, offset = rest.split("-IW")
    return name(int(oceans), float(carbon), float(offset))


def _inventory_of_half(source: Source) -> float:
    """Oceans of H at C/H = 0.1 above which H2 and H2O are more than half of the gas over an all-molten
    planet."""
    case = source.case(name(1, 0.1))
    oceans = np.linspace(0.5, 10.0, 381)
    temperature = np.full(oceans.size, case.run.initial_surface_temperature)
    hydrogen = oceans * case.volatiles.hydrogen.amount
    state = source.state(name(1, 0.1), temperature, np.ones(oceans.size), hydrogen=hydrogen)
    return float(np.interp(0.5, state.hydrogen_share.values, oceans))


def _coefficient(source: Source) -> float:
    """A of D = A X^2/X0, the depletion D of a planet with H2O alone (Eq. C15)."""
    state = source.state("WE1", 2000.0, 0.5)
    share = float(state.dissolved_share.sel(species="H2O"))
    total = float((state.dissolved_mass + state.gas_mass).sum("species"))
    mantle = float(state.melt_mass / state.melt_fraction)
    return float(state.interior_depletion) * total / mantle / share**2


def _highest(source: Source, names: Iterable[str], quantity: str) -> float:
    """The highest value of a variable along any of the cases."""
    return max(float(source.along(n)[quantity].max()) for n in names)


def _highest_carbonate(source: Source, case: str) -> float:
    """The highest CO2 in the melt along a case [ppm by mass]."""
    return float(source.along(case).dissolved_share.sel(species="CO2").max()) / PPM


def _lost(source: Source, case: str) -> float:
    """Hydrogen that escaped, in per cent of the inventory at the start."""
    run = source.run(case)
    return (1 - float(source.end(case).hydrogen_moles / run.hydrogen_moles[0])) / PERCENT


def _wet(source: Source, case: str) -> float:
    """H2O in the melt at the end, in per cent by mass."""
    return float(source.end(case).dissolved_share.sel(species="H2O")) / PERCENT


def _carbonate(state: xarray.Dataset) -> float:
    """CO2 in the melt [ppm by mass]."""
    return float(state.dissolved_share.sel(species="CO2")) / PPM


def _span(source: Source, fraction: float, first: str, last: str) -> float:
    """Growth of the depletion between two cases at a melt fraction, in percentage points."""
    return _depletion(source.at(last, fraction)) - _depletion(source.at(first, fraction))


def _reduced_over_oxidised(source: Source, oceans: int, fraction: float) -> float:
    """Depletion at IW-2 over that at IW+4, at a melt fraction and C/H = 1."""
    reduced = _depletion(source.at(name(oceans, 1.0, -2.0), fraction))
    oxidised = _depletion(source.at(name(oceans, 1.0, 4.0), fraction))
    return reduced / oxidised


def _most_reduced(source: Source, species: str) -> float:
    """Mixing ratio of a species at the start of the reduced case with the most hydrogen."""
    return mixing_ratio(source.start(name(10, 1.0, -2.0)), species)


def _solid_pressure(source: Source, case: str) -> float:
    """Surface pressure [Pa] above a planet without melt."""
    return float(_solid(source, case).surface_pressure)


def _loss_rate(mixing_ratio_H2: float, source: Source) -> float:
    """Escape of H2 [kg/s] by the law of escape, from the planet of case R."""
    radius = structure(source.case("R").planet).radius
    flux = float(_escape(mixing_ratio_H2=mixing_ratio_H2, xuv=XUV, prefactor=1.0))
    return flux * 4 * math.pi * radius**2 * MOLAR_MASS_H2


def _absorption_of_CO(source: Source) -> float:
    """Absorption coefficient of CO over the lowest of the other gases."""
    absorption = source.case(name(3, 0.1)).atmosphere.absorption
    return absorption["CO"] / min(k for s, k in absorption.items() if s != "CO")


def _midway(source: Source) -> float:
    """Melt fraction [%] at which log10 of the viscosity is half-way between its limits."""
    melt = np.linspace(0.0, 1.0, 101)
    values = np.array([float(_viscosity(melt_fraction=phi)) for phi in melt])
    return float(np.interp(-0.5 * sum(_limits()), -values, melt)) / PERCENT


def _limits() -> tuple[float, float]:
    """log10 of the viscosity of melt and of solid."""
    return float(_viscosity(melt_fraction=100.0)), float(_viscosity(melt_fraction=-100.0))


def _offset(case: Case) -> float:
    """Oxygen fugacity of a case, from its buffer [dex]."""
    setting = case.redox.oxygen_fugacity
    offset = None if setting is None else parse_oxygen_fugacity(setting, case.redox.buffer).offset
    if offset is None:
        raise NotComputed("the oxygen fugacity of the case does not follow a buffer")
    return offset


_OXIDISED = [name(n, c, d) for d in OFFSETS if d >= 0.5 for c in CARBON for n in FEW]
_REDUCED = [name(n, 1.0, -2.0) for n in REDOX_OCEANS]
_TABLE_E = (  # row, species; claims 73 and following, one for each
    ("3oc-C1-IW-2.0", ("CO", "CO2", "H2", "H2O", "CH4")),
    ("3oc-C1-IW+0.5", ("CO", "CO2", "H2", "H2O", "CH4")),
    ("1oc-C0.1-IW+2.0", ("CO", "CO2", "H2", "H2O")),
    ("1oc-C5-IW+4.0", ("CO", "CO2", "H2", "H2O")),
)
FIRST_OF_TABLE_E = 73

_VALUES: dict[str, Callable[[Source], float]] = {
    "1a": lambda s: float(s.run("E1").surface_temperature[0]),
    "1b": lambda s: float(s.lid("E1").surface_temperature),
    "2": _midway,
    "3a": lambda s: 10 ** _limits()[0],
    "3b": lambda s: 10 ** _limits()[1],
    "4a": lambda s: s.case("E1").mantle.crystal_size * 1e3,
    "4b": lambda s: s.case("F1").mantle.crystal_size * 1e2,
    "6a": lambda s: _solubility(s)[0],
    "6b": lambda s: _solubility(s)[1],
    "7a": lambda s: _wet(s, name(10, 5.0, 4.0)),
    "7b": lambda s: max(_wet(s, n) for n in _OXIDISED if n != name(10, 5.0, 4.0)),
    "7c": lambda s: 100 * float(s.at(name(10, 5.0, 4.0), 0.3).dissolved_share.sel(species="H2O")),
    "10": lambda s: _offset(s.case("E1")),
    "11": lambda s: _loss_rate(0.30, s),
    "12": lambda s: bar(s.state("WE1", 1500.0, 0.0), "H2O"),
    "13": lambda s: bar(s.at("E1", EARLY), "H2O", "H2"),
    "14": lambda s: s.lifetime("E1") / KYR,
    "15": lambda s: float(s.lid("E1").melt_fraction) / PERCENT,
    "16a": lambda s: bar(s.end("E1"), "H2O"),
    "16b": lambda s: bar(s.end("E1"), "H2"),
    "17": lambda s: s.lifetime("F1") / KYR,
    "18a": lambda s: bar(s.end("F1"), "H2O"),
    "18b": lambda s: bar(s.end("F1"), "H2"),
    "19": _tracks,
    "20": lambda s: _gas_mass_after(s, "E1", 1e3 * YEAR),
    "21": lambda s: bar(s.end("F1"), *HYDROGEN_SPECIES) / bar(s.end("E1"), *HYDROGEN_SPECIES),
    "24a": lambda s: s.lifetime("E10") / s.lifetime("E1"),
    "24b": lambda s: s.lifetime("F10") / s.lifetime("F1"),
    "24c": lambda s: max(s.lifetime("E10"), s.lifetime("F10")) / 1e6,
    "25a": lambda s: _depletion(s.at("E10", 0.3)),
    "25b": lambda s: _depletion(s.at("E1", 0.3)),
    "26a": lambda s: float(s.lid("F1").melt_fraction) / PERCENT,
    "26b": lambda s: float(s.lid("F10").melt_fraction) / PERCENT,
    "27a": lambda s: _depletion(s.end("F1")),
    "27b": lambda s: _depletion(s.end("F3")),
    "27c": lambda s: _depletion(s.end("F10")),
    "28": lambda s: max(_span(s, 0.3, f"WE{n}", f"E{n}") for n in FEW),
    "30": lambda s: _depletion(_solid(s, "F1")),
    "32": _difference_from_factsage,
    "33": lambda s: float(s.start(name(1, 0.1)).carbon_share) / PERCENT,
    "34": lambda s: _ratio(s.start(name(1, 0.1)), "CO", "CO2"),
    "35a": lambda s: bar(s.start("F1"), "H2"),
    "35b": lambda s: bar(s.start("F1"), "H2O"),
    "35c": lambda s: bar(s.start(name(1, 5.0)), "H2"),
    "35d": lambda s: bar(s.start(name(1, 5.0)), "H2O"),
    "36a": lambda s: _hydrogen(s.start(name(1, 5.0))),
    "36b": lambda s: _hydrogen(s.at(name(1, 5.0), 0.3)),
    "37": lambda s: _hydrogen(_solid(s, name(1, 5.0))) / _hydrogen(s.start(name(1, 5.0))),
    "38": lambda s: _hydrogen(_solid(s, name(1, 0.1))) / _hydrogen(s.start(name(1, 0.1))),
    "39a": lambda s: bar(_solid(s, "F1"), "H2"),
    "39b": lambda s: bar(_solid(s, "F1"), "H2O"),
    "39c": lambda s: bar(_solid(s, name(1, 5.0)), "H2"),
    "39d": lambda s: bar(_solid(s, name(1, 5.0)), "H2O"),
    "40": lambda s: _hydrogen(s.at(name(1, 0.1), 0.02)) / _hydrogen(s.at(name(1, 0.1), 0.3)),
    "41a": lambda s: _hydrogen(s.at(name(1, 5.0), 0.3)),
    "41b": lambda s: _hydrogen(s.at(name(1, 5.0), 0.02)),
    "42": lambda s: _solid_pressure(s, name(3, 0.1)) / _solid_pressure(s, name(1, 0.1)),
    "43a": lambda s: bar(s.start(name(3, 1.0)), *CARBON_SPECIES),
    "43b": lambda s: bar(s.start(name(3, 1.0)), *HYDROGEN_SPECIES),
    "44": lambda s: _span(s, 0.1, "F1", "F10"),
    "45": _absorption_of_CO,
    "47a": lambda s: _reduced_over_oxidised(s, 10, 0.3),
    "47b": lambda s: _reduced_over_oxidised(s, 3, 0.3),
    "47c": lambda s: _reduced_over_oxidised(s, 1, 0.3),
    "48a": lambda s: 100 * (_reduced_over_oxidised(s, 10, 0.02) - 1),
    "48b": lambda s: 100 * (_reduced_over_oxidised(s, 3, 0.02) - 1),
    "48c": lambda s: 100 * (_reduced_over_oxidised(s, 1, 0.02) - 1),
    "49": lambda s: _most_reduced(s, "H2") / _most_reduced(s, "CO"),
    "50a": lambda s: s.melt_where_dominant(name(10, 1.0, 4.0), "H2O") / PERCENT,
    "50b": lambda s: s.melt_where_dominant(name(3, 1.0, 4.0), "H2O") / PERCENT,
    "50c": lambda s: s.melt_where_dominant(name(1, 1.0, 4.0), "H2O") / PERCENT,
    "51": lambda s: s.lifetime("R0"),
    "52a": lambda s: _lost(s, "R"),
    "52b": lambda s: 100 * abs(bar(s.end("R"), "H2") / bar(s.end("R0"), "H2") - 1),
    "53": lambda s: _lost(s, "L"),
    "54": lambda s: float(s.run("L").escaped_mass[-1] / s.run("L").time[-1]),
    "55a": lambda s: float(s.start("L").carbon_to_hydrogen),
    "55b": lambda s: float(s.end("L").carbon_to_hydrogen),
    "56": _inventory_of_half,
    "57": lambda s: _highest(s, _OXIDISED, "graphite_activity"),
    "58": lambda s: _highest(s, _REDUCED, "graphite_activity"),
    "59": lambda s: s.saturation_temperature(name(10, 5.0, -2.0)),
    "60": lambda s: s.saturation_temperature(name(5, 5.0, -2.0)),
    "62a": lambda s: _carbonate(s.end(name(10, 5.0))),
    "62b": lambda s: _highest_carbonate(s, name(10, 5.0)),
    "64": lambda s: _highest_carbonate(s, name(10, 5.0, -2.0)),
    "65": lambda s: math.exp(float(_condensation.evaluate(T=1400.0))),
    "66a": lambda s: saturation.CRITICAL_TEMPERATURE,
    "66b": lambda s: saturation.CRITICAL_PRESSURE / BAR,
    "70a": lambda s: _ratio(s.start("F1"), "H2O", "H2"),
    "70b": lambda s: _ratio(s.end("F1"), "H2O", "H2"),
    "72": _coefficient,
}


def _pressure_of_table(label: str, species: str) -> Callable[[Source], float]:
    """The function of a cell of Table E: partial pressure [bar] above the planet without melt."""
    return lambda s: bar(_solid(s, _table_case(label)), species)


def _of_table() -> dict[str, Callable[[Source], float]]:
    """The claims of Table E, in its order."""
    entries = [(label, species) for label, listed in _TABLE_E for species in listed]
    return {str(FIRST_OF_TABLE_E + k): _pressure_of_table(*entry) for k, entry in enumerate(entries)}


VALUES: Mapping[str, Callable[[Source], float]] = MappingProxyType(_VALUES | _of_table())
