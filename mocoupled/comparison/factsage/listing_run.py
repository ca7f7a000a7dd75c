"""A run of an Equilib listing while it is read, and the Record that it becomes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...constants import ATMOSPHERE, BAR
from ...errors import InputError
from .record import Record, Table, molar_mass
from .species_names import composition, elements_of, species_name, unknown_species

SUMS = 0.02  # relative; the sum of the constituents of a gas must be as near to 1, to P or to its moles
TRACE = 1e-4  # of the gas; a constituent whose name is not a formula may have less than this
BALANCE = 1e-3  # relative; streams and products whose elements differ by more are named
FLAGS = {
    "T": "its data were extrapolated beyond their range of temperature",
    "M": "metastable",
    "D": "dormant",
}


@dataclass
class Run:
    """A run while it is read; SI.

    gas: its name as printed, "" where there is none; gas_mass [kg]. shares: of its constituents, as (value,
    half of the last printed digit). by_mass: whether the shares are of the mass; fractions: whether they must
    be mole fractions. stream: input species -> mol; lost_stream: why the stream cannot be used. phases:
    solution -> amount as printed; phase, phase_unit: that which is being read. unread: lines that were not
    understood.
    """

    line: int
    temperature: float | None = None
    pressure: float | None = None
    pressure_unit: float = BAR
    volume: float | None = None
    gas: str = ""
    gas_moles: float | None = None
    gas_mass: float | None = None
    gas_line: int = 0
    shares: dict[str, tuple[float, float]] = field(default_factory=dict)
    fugacities: dict[str, float] = field(default_factory=dict)
    by_mass: bool = False
    fractions: bool = False
    stream: dict[str, float] = field(default_factory=dict)
    lost_stream: str = ""
    condensates: dict[str, float] = field(default_factory=dict)
    activities: dict[str, float] = field(default_factory=dict)
    phases: dict[str, str] = field(default_factory=dict)
    phase: str = ""
    phase_unit: str = ""
    passed: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    @property
    def begun(self) -> bool:
        """Whether products were read."""
        return bool(self.gas or self.condensates or self.phases or self.activities)

    def flag(self, name: str, letter: str) -> None:
        """Note the letter that Equilib prints beside a product."""
        if letter:
            meaning = f", {FLAGS[letter]}" if letter in FLAGS else ""
            self.remarks.append(f"{name}: flag {letter}{meaning}.")

    def gas_species(self, place: str, text: str, share: float) -> str:
        """Our name of a gas; "" for a trace whose name is not a formula, which is passed over."""
        name = species_name(text)
        if composition(name) is not None:
            return name
        if share > TRACE:
            raise unknown_species(place, text)
        self.passed[text] = "a trace of the gas whose name is no formula"
        return ""


def record_of_run(file: Path, run: Run, number: int, head: Table) -> Record:
    """The Record of a run. number: of the run, 0 where it is the only one; head: of the file.

    Raises InputError where the run has no temperature, no pressure or a gas without constituents.
    """
    place = f"{file.name} line {run.gas_line or run.line}"
    if run.temperature is None:
        raise _missing(place, "temperature", "T = 1388.00 K")
    if run.pressure is None:
        raise _missing(place, "pressure", "P = 794.0 bar")
    if run.gas and not run.shares and run.gas_moles != 0:
        raise InputError(place, "the gas has no constituents.", "allowed: lines such as '0.46000  H2O'")
    empty = not run.gas or run.gas_moles == 0 or (run.gas_moles is None and run.gas_mass == 0)
    pressures: dict[str, float] = {}
    rounding: dict[str, float] = {}
    if not empty:
        pressures, rounding = _pressures(place, run, run.pressure)
    gas_moles = 0.0 if empty else _gas_moles(run, pressures, run.pressure)
    remarks = _remarks(run, empty)
    moles = _moles(run, pressures, run.pressure, gas_moles, remarks)
    remarks += _unread(run.unread)
    if head.oxygen not in ("", "closed"):
        remarks.append(f"'# oxygen: {head.oxygen}' has no effect: the system of an Equilib run is closed.")
    kind = "real" if "real" in run.gas.casefold() or head.gas == "real" else "ideal"
    table = replace(head, gas=kind, oxygen="closed", source=head.source or head.path)
    return Record(
        name=f"{file.stem} {number}" if number else file.stem,
        program=table.program,
        table=table,
        line=run.gas_line or run.line,
        temperature=run.temperature,
        pressures=pressures,
        rounding=rounding,
        pressure=run.pressure,
        moles=moles,
        log10_fO2=math.log10(pressures["O2"] / BAR) if pressures.get("O2") else None,
        condensates=dict(run.condensates),
        activities=run.activities,
        fugacities={} if empty else run.fugacities,
        gas_moles=gas_moles,
        volume=run.volume,
        phases=run.phases,
        passed=run.passed,
        remarks=tuple(remarks),
    )


def _missing(place: str, quantity: str, example: str) -> InputError:
    return InputError(place, f"the {quantity} of this run is missing.", f"allowed: a line '{example}'")


def _moles(
    run: Run, pressures: Mapping[str, float], pressure: float, gas_moles: float | None, remarks: list[str]
) -> dict[str, float]:
    """Element -> mol of the input stream, or else of the products. A difference between the two is a
    remark."""
    shares = {s: p / pressure * (gas_moles or 1.0) for s, p in pressures.items()}
    condensates = {s: n for s, n in run.condensates.items() if n > 0}
    products = elements_of(shares | condensates)
    if run.lost_stream:
        run.passed["the input stream"] = run.lost_stream
        return products
    stream = elements_of(run.stream)
    complete = not any(run.phases.values()) and not any(math.isnan(n) for n in run.condensates.values())
    if stream and gas_moles is not None and complete:
        different = [
            f"{e} {stream.get(e, 0.0):.6g} and {n:.6g} mol"
            for e, n in products.items()
            if abs(n - stream.get(e, 0.0)) > BALANCE * max(n, 1e-300)
        ]
        if different:
            remarks.append(f"the input and the products differ: {', '.join(different)}; the input is taken.")
    return stream or products


def _unread(lines: Sequence[str]) -> list[str]:
    """The remark on lines that were not understood, if there are any."""
    if not lines:
        return []
    more = f", and {len(lines) - 3} more" if len(lines) > 3 else ""
    return [f"lines passed over: {'; '.join(lines[:3])}{more}."]


def _remarks(run: Run, empty: bool) -> list[str]:
    remarks = list(run.remarks)
    if empty and run.gas:
        remarks.append(
            f"{run.gas}: 0 mol, there is no gas; the fractions and fugacities printed of it are not compared."
        )
    elif empty:
        remarks.append("the run has no gas.")
    return remarks


def _gas_moles(run: Run, pressures: Mapping[str, float], pressure: float) -> float | None:
    """Moles of the gas as printed, or from its mass; None where neither is known."""
    if run.gas_moles is not None or run.gas_mass is None:
        return run.gas_moles
    weights = _weights(pressures)
    if len(weights) < len(pressures):
        return None
    return run.gas_mass / math.fsum(p / pressure * weights[s] for s, p in pressures.items())


def _weights(species: Iterable[str]) -> dict[str, float]:
    """Molar masses [kg/mol] of the species that have a known molar mass."""
    masses = {name: molar_mass(name) for name in species}
    return {name: mass for name, mass in masses.items() if mass is not None}


def _pressures(place: str, run: Run, pressure: float) -> tuple[dict[str, float], dict[str, float]]:
    """Partial pressures and the halves of their last digits [Pa]. pressure: total [Pa]."""
    shares = run.shares
    if run.by_mass:
        weights = _weights(shares)
        if lacking := [s for s in shares if s not in weights]:
            problem = (
                f"the gas is printed in mass fractions, and the molar mass of {', '.join(lacking)} is not "
                f"known."
            )
            raise InputError(place, problem, "allowed: mole fractions")
        total = math.fsum(v / weights[s] for s, (v, _) in shares.items())
        shares = {s: (v / weights[s] / total, half / weights[s] / total) for s, (v, half) in shares.items()}
    scale = _scale(place, run, pressure, math.fsum(value for value, _ in shares.values()))
    values = {s: value * scale for s, (value, _) in shares.items()}
    return values, {s: half * scale for s, (_, half) in shares.items()}


def _scale(place: str, run: Run, pressure: float, total: float) -> float:
    """Pa for each unit of the numbers of the constituents.

    Their sum shows what they are: mole fractions, pressures [bar, atm or Pa] or moles. pressure: total [Pa].
    """
    if abs(total - 1) <= SUMS:
        return pressure
    if run.fractions:
        problem = f"the mole fractions of the gas add up to {total:.4g}."
        raise InputError(
            place, problem, "allowed: 1, but for what is below the cutoff", "is a constituent missing?"
        )
    nearest_unit = min((BAR, ATMOSPHERE, 1.0), key=lambda unit: abs(total * unit / pressure - 1))
    if abs(total * nearest_unit / pressure - 1) <= SUMS:
        return nearest_unit
    if run.gas_moles and abs(total / run.gas_moles - 1) <= SUMS:
        return pressure / total
    problem = (
        f"the constituents of the gas add up to {total:.4g}, which is neither 1 (mole fractions), the "
        "pressure nor the moles of the gas."
    )
    raise InputError(place, problem, "allowed: constituents that are complete but for traces")
