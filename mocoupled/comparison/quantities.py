"""What a record has besides partial pressures, beside ours: moles and volume of the gas, activities, fO2, fugacities."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ..constants import BAR, GAS_CONSTANT
from .answers import Answer, Quantity
from .modelled import GRAPHITE

APART = 0.01  # relative; a fugacity of an ideal gas that differs by more from the partial pressure is named
COUNTED = 1e-3  # of the pressure; fugacity coefficients of gases above this are printed


def quantities(record, state, answers: dict[str, Answer], fugacities) -> Iterator[Quantity]:
    """The record's other quantities that the methods give too."""
    gas = {m: a.gas_moles for m, a in answers.items() if math.isfinite(a.gas_moles)}
    closed = record.table.oxygen == "closed"
    if record.gas_moles and closed:
        yield Quantity("gas, mol", record.gas_moles, gas)
    if record.volume and closed:
        volumes = (
            {m: n * GAS_CONSTANT * record.temperature / state.pressure for m, n in gas.items()}
            if state.law == "ideal"
            else {}
        )
        yield Quantity("V, dm3", 1e3 * record.volume, {m: 1e3 * v for m, v in volumes.items()})
    for name, theirs in record.condensates.items():
        if name != GRAPHITE and theirs > 0:
            yield Quantity(
                f"{name}, mol",
                theirs,
                {m: a.condensates[name] for m, a in answers.items() if name in a.condensates},
            )
    for name, theirs in record.activities.items():
        yield Quantity(
            f"a {name}",
            theirs,
            {
                m: a.activities[name]
                for m, a in answers.items()
                if math.isfinite(a.activities.get(name, math.nan))
            },
        )
    if record.log10_fO2 is not None and closed and "O2" not in record.pressures:
        yield Quantity(
            "log10 fO2",
            record.log10_fO2,
            {m: v for m, v in fugacities.items() if m != "table"},
            logarithm=True,
        )


def printed_otherwise(record, state, full: Answer) -> Iterator[str]:
    """Sentences on printed fugacities, laws outside their calibration, and on a volume that has no counterpart."""
    if full.stretched:
        yield f"outside their calibration: {', '.join(full.stretched)}."
    if record.volume and state.law != "ideal":
        yield f"the volume {1e3 * record.volume:.5g} dm3 is not compared: the law {state.law} gives none here."
    if record.volume and record.table.oxygen != "closed":
        yield f"the volume {1e3 * record.volume:.5g} dm3 is not compared: the gas of a planet has no volume here."
    ratios = {
        s: f / record.pressures[s]
        for s, f in record.fugacities.items()
        if record.pressures.get(s, 0.0) > COUNTED * state.pressure and f > 0
    }
    if record.table.gas == "real" and ratios:
        ours = {s: full.coefficients.get(s, math.nan) for s in ratios}
        listed = ", ".join(
            f"{s} {x:.4g}" + (f" ({ours[s]:.4g} by {state.law})" if math.isfinite(ours[s]) else "")
            for s, x in ratios.items()
        )
        yield f"fugacity coefficients of the table: {listed}."
    elif ratios:
        off = [
            f"{s} {record.fugacities[s] / BAR:.5g} bar"
            for s, x in ratios.items()
            if abs(x - 1) > APART + record.rounding[s] / record.pressures[s]
        ]
        if off:
            yield f"fugacities that are not the partial pressures, though the gas is ideal: {', '.join(off)}."
    missing = sorted(record.fugacities.keys() - record.pressures.keys())
    if missing:
        yield f"fugacities of {', '.join(missing)} without partial pressures are not compared."
