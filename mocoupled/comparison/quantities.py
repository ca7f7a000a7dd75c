"""What a record has besides partial pressures, beside ours: moles and volume of the gas, activities, fO2."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from ..constants import BAR, GAS_CONSTANT
from .answers import Answer, Quantity, State
from .factsage import Record
from .modelled_parts import GRAPHITE

APART = 0.01  # relative; a fugacity of an ideal gas that differs from the partial pressure by more is named
COUNTED = 1e-3  # of the pressure; fugacity coefficients of gases above this are printed


def record_quantities(
    record: Record, state: State, answers: Mapping[str, Answer], fugacities: Mapping[str, float]
) -> Iterator[Quantity]:
    """The other quantities of the record that the methods give too. fugacities: method -> log10 fO2 [bar]."""
    gas = {m: a.gas_moles for m, a in answers.items() if math.isfinite(a.gas_moles)}
    closed = record.table.oxygen == "closed"
    if record.gas_moles and closed:
        yield Quantity("gas, mol", record.gas_moles, gas)
    if record.volume and closed:
        yield Quantity("V, dm3", 1e3 * record.volume, _volumes(record, state, gas))
    for name, amount in record.condensates.items():
        if name != GRAPHITE and amount > 0:
            amounts = {m: a.condensates[name] for m, a in answers.items() if name in a.condensates}
            yield Quantity(f"{name}, mol", amount, amounts)
    for name, activity in record.activities.items():
        activities = {m: a.activities.get(name, math.nan) for m, a in answers.items()}
        finite = {m: value for m, value in activities.items() if math.isfinite(value)}
        yield Quantity(f"a {name}", activity, finite)
    if record.log10_fO2 is not None and closed and "O2" not in record.pressures:
        computed = {m: v for m, v in fugacities.items() if m != "table"}
        yield Quantity("log10 fO2", record.log10_fO2, computed, logarithm=True)


def _volumes(record: Record, state: State, gas: Mapping[str, float]) -> dict[str, float]:
    """Method -> volume of an ideal gas [dm3]; {} for a real one. gas: method -> mol."""
    if state.law != "ideal":
        return {}
    volumes = {m: n * GAS_CONSTANT * record.temperature / state.pressure for m, n in gas.items()}
    return {m: 1e3 * volume for m, volume in volumes.items()}


def printed_otherwise(record: Record, state: State, full: Answer) -> Iterator[str]:
    """Sentences on printed fugacities, laws outside their calibration, and on a volume that is not
    compared."""
    if full.stretched:
        yield f"outside their calibration: {', '.join(full.stretched)}."
    if record.volume:
        sentence = f"the volume {1e3 * record.volume:.5g} dm3 is not compared"
        if state.law != "ideal":
            yield f"{sentence}: the law {state.law} gives none here."
        if record.table.oxygen != "closed":
            yield f"{sentence}: the gas of a planet has no volume here."
    ratios = {
        s: f / record.pressures[s]
        for s, f in record.fugacities.items()
        if record.pressures.get(s, 0.0) > COUNTED * state.pressure and f > 0
    }
    if record.table.gas == "real" and ratios:
        listed = ", ".join(_coefficient(s, x, full, state.law) for s, x in ratios.items())
        yield f"fugacity coefficients of the table: {listed}."
    elif ratios:
        different = [
            f"{s} {record.fugacities[s] / BAR:.5g} bar"
            for s, x in ratios.items()
            if abs(x - 1) > APART + record.rounding[s] / record.pressures[s]
        ]
        if different:
            listed = ", ".join(different)
            yield f"fugacities that are not the partial pressures, though the gas is ideal: {listed}."
    missing = sorted(record.fugacities.keys() - record.pressures.keys())
    if missing:
        yield f"fugacities of {', '.join(missing)} without partial pressures are not compared."


def _coefficient(species: str, value: float, full: Answer, law: str) -> str:
    """The fugacity coefficient of a species, with ours where the law gives it."""
    ours = full.coefficients.get(species, math.nan)
    text = f"{species} {value:.4g}"
    return f"{text} ({ours:.4g} by {law})" if math.isfinite(ours) else text
