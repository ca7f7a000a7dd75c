"""One run of an Equilib listing while it is read, and the Record that it becomes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...constants import ATMOSPHERE, BAR
from ...errors import InputError
from .names import composition, elements_of, species_name, unknown_species
from .record import Record, Table, molar_mass

SUMS = 0.02  # relative; how near the sum of a gas's constituents must come to 1, to P or to its moles
TRACE = 1e-4  # of the gas; a constituent whose name is no formula may have less than this
BALANCE = 1e-3  # relative; streams and products whose elements differ by more are named
FLAGS = {
    "T": "its data were extrapolated beyond their range of temperature",
    "M": "metastable",
    "D": "dormant",
}


@dataclass
class Block:
    """One run while it is read; numbers as (value, half of the last printed digit)."""

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

    def flag(self, name: str, letter: str):
        """Note the letter that Equilib prints beside a product."""
        if letter:
            self.remarks.append(f"{name}: flag {letter}{', ' + FLAGS[letter] if letter in FLAGS else ''}.")

    def gas_species(self, place: str, text: str, share: float) -> str:
        """Our name of a gas; "" of one passed over, a trace whose name is no formula."""
        name = species_name(text)
        if composition(name) is not None:
            return name
        if share > TRACE:
            raise unknown_species(place, text)
        self.passed[text] = "a trace of the gas whose name is no formula"
        return ""


def record(file: Path, block: Block, k: int, standing: Table) -> Record:
    """The Record of a run; k: its number, 0 where it is the only one. InputError where it lacks what it takes."""
    place = f"{file.name} line {block.gas_line or block.line}"
    for what, example in (("temperature", "T = 1388.00 K"), ("pressure", "P = 794.0 bar")):
        if getattr(block, what) is None:
            raise InputError(place, f"the {what} of this run is missing.", f"allowed: a line '{example}'")
    if block.gas and not block.shares and block.gas_moles != 0:
        raise InputError(place, "the gas has no constituents.", "allowed: lines such as '0.46000  H2O'")
    empty = not block.gas or block.gas_moles == 0 or (block.gas_moles is None and block.gas_mass == 0)
    pressures, rounding = ({}, {}) if empty else _pressures(place, block)
    remarks = _remarks(block, empty)
    gas = 0.0 if empty else _gas_moles(block, pressures)
    shares = {s: p / block.pressure * (gas or 1.0) for s, p in pressures.items()}
    known = {s: n for s, n in block.condensates.items() if n > 0}
    products = elements_of(shares | known)
    moles = elements_of(block.stream)
    if block.lost_stream:
        block.passed["the input stream"] = block.lost_stream
        moles = {}
    elif (
        moles
        and gas is not None
        and not any(block.phases.values())
        and not any(math.isnan(n) for n in block.condensates.values())
    ):
        apart = [
            f"{e} {moles.get(e, 0.0):.6g} and {n:.6g} mol"
            for e, n in products.items()
            if abs(n - moles.get(e, 0.0)) > BALANCE * max(n, 1e-300)
        ]
        if apart:
            remarks.append(f"the input and the products differ: {', '.join(apart)}; the input is taken.")
    if block.unread:
        remarks.append(
            f"lines passed over: {'; '.join(block.unread[:3])}{f', and {len(block.unread) - 3} more' if len(block.unread) > 3 else ''}."
        )
    kind = "real" if "real" in block.gas.casefold() or standing.gas == "real" else "ideal"
    if standing.oxygen not in ("", "closed"):
        remarks.append(
            f"'# oxygen: {standing.oxygen}' has no effect: the system of an Equilib run is closed."
        )
    table = replace(standing, gas=kind, oxygen="closed", source=standing.source or standing.path)
    return Record(
        f"{file.stem} {k}" if k else file.stem, table.program, table, block.gas_line or block.line, block.temperature, pressures, rounding,
        pressure=block.pressure, moles=moles or products, log10_fO2=math.log10(pressures["O2"] / BAR) if pressures.get("O2") else None,
        condensates=dict(block.condensates), activities=block.activities, fugacities={} if empty else block.fugacities, gas_moles=gas,
        volume=block.volume, phases=block.phases, passed=block.passed, remarks=tuple(remarks),
    )  # fmt: skip


def _remarks(block, empty) -> list[str]:
    remarks = list(block.remarks)
    if empty and block.gas:
        remarks.append(
            f"{block.gas}: 0 mol, there is no gas; the fractions and fugacities printed of it are not compared."
        )
    elif empty:
        remarks.append("the run has no gas.")
    return remarks


def _gas_moles(block, pressures) -> float | None:
    """Moles of the gas as printed, or from its mass; None where neither is known."""
    if block.gas_moles is not None or block.gas_mass is None:
        return block.gas_moles
    weights = {s: molar_mass(s) for s in pressures}
    if any(w is None for w in weights.values()):
        return None
    return block.gas_mass / math.fsum(p / block.pressure * weights[s] for s, p in pressures.items())


def _pressures(place, block):
    """Partial pressures and the halves of their last digits [Pa]."""
    shares = block.shares
    if block.by_mass:
        weights = {s: molar_mass(s) for s in shares}
        if lacking := [s for s, w in weights.items() if w is None]:
            raise InputError(
                place,
                f"the gas is printed in mass fractions, and the molar mass of {', '.join(lacking)} is not known.",
                "allowed: mole fractions",
            )
        total = math.fsum(v / weights[s] for s, (v, _) in shares.items())
        shares = {s: (v / weights[s] / total, half / weights[s] / total) for s, (v, half) in shares.items()}
    scale = _scale(place, block, math.fsum(value for value, _ in shares.values()))
    return {s: value * scale for s, (value, _) in shares.items()}, {
        s: half * scale for s, (_, half) in shares.items()
    }


def _scale(place, block, total) -> float:
    """Pa for each unit of the constituents' numbers: mole fractions, pressures [bar or atm] or moles, by their sum."""
    if abs(total - 1) <= SUMS:
        return block.pressure
    if block.fractions:
        problem = f"the mole fractions of the gas add up to {total:.4g}."
        raise InputError(
            place, problem, "allowed: 1, but for what is below the cutoff", "is a constituent missing?"
        )
    nearest_unit = min((BAR, ATMOSPHERE, 1.0), key=lambda unit: abs(total * unit / block.pressure - 1))
    if abs(total * nearest_unit / block.pressure - 1) <= SUMS:
        return nearest_unit
    if block.gas_moles and abs(total / block.gas_moles - 1) <= SUMS:
        return block.pressure / total
    raise InputError(
        place,
        f"the constituents of the gas add up to {total:.4g}, which is neither 1 (mole fractions), the pressure nor the moles of the gas.",
        "allowed: constituents that are complete but for traces",
    )
