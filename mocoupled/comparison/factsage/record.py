"""An equilibrium of another program, as a table prints it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...chemistry.mechanism import read_mechanism
from ...chemistry.mechanism_paths import gas_mechanisms
from .species_names import composition

TEMPERATURES = (0.0, 1e5)  # K, exclusive
PRESSURES = (0.0, 1e13)  # Pa, exclusive
ALLOWED = (
    "allowed: a table with a line of column names (CSV, or an Excel workbook .xlsx), or the text of a "
    "FactSage Equilib run"
)


@dataclass(frozen=True)
class Table:
    """What the head of a file says about all its rows.

    oxygen: where the oxygen of our computation comes from: "buffer" (redox.oxygen_fugacity of the row), "own"
    (O2 or log10 fO2 of the row itself) or "closed" (the amounts of the elements). gas: "ideal" or "real".
    standard_pressure, zero: as text. sheet: of a workbook.
    """

    name: str
    path: str
    source: str = ""
    program: str = "FactSage"
    version: str = "not stated"
    species: str = "not stated"
    gas: str = "ideal"
    oxygen: str = ""
    standard_pressure: str = "not stated"
    zero: str = "not stated"
    notes: tuple[str, ...] = ()
    sheet: str = ""


@dataclass(frozen=True)
class Record:
    """An equilibrium as another program printed it; SI.

    pressures: species -> partial pressure [Pa], 0 where the table prints 0; rounding: half of the last
    printed digit of each [Pa]. pressure: total [Pa], None where it follows from a planet. moles: element ->
    mol of the whole system, {} where they are not printed. case: dotted keys of a Case -> values as text, {}
    where there is no planet; melt_fraction: of that planet. log10_fO2: of the row itself [bar], None where it
    has none. condensates: amounts [mol], NaN where only an activity or a mass is known; activities: of
    condensates. fugacities: printed beside the pressures [Pa]; gas_moles, volume: of the gas [mol, m3].
    phases: solutions beside the gas -> amount as printed ("" or "0" where there is none). passed: what is
    read and not compared -> why. remarks: sentences on how the row was read.
    """

    name: str
    program: str
    table: Table
    line: int
    temperature: float
    pressures: Mapping[str, float]
    rounding: Mapping[str, float]
    pressure: float | None = None
    moles: Mapping[str, float] = field(default_factory=dict)
    case: Mapping[str, str] = field(default_factory=dict)
    melt_fraction: float | None = None
    log10_fO2: float | None = None
    condensates: Mapping[str, float] = field(default_factory=dict)
    activities: Mapping[str, float] = field(default_factory=dict)
    fugacities: Mapping[str, float] = field(default_factory=dict)
    gas_moles: float | None = None
    volume: float | None = None
    phases: Mapping[str, str] = field(default_factory=dict)
    passed: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """File and line, for messages."""
        row = f"sheet {self.table.sheet!r} row" if self.table.sheet else "line"
        return f"{Path(self.table.path).name} {row} {self.line}"


def atomic_weights() -> Mapping[str, float]:
    """Element -> kg/mol over the shipped mechanisms."""
    weights: dict[str, float] = {}
    for name in gas_mechanisms():
        weights |= read_mechanism(name).atomic_weights
    return weights


def molar_mass(species: str) -> float | None:
    """kg/mol; None where an element's weight is in no shipped mechanism."""
    weights, atoms = atomic_weights(), composition(species)
    if atoms is None or not set(atoms) <= set(weights):
        return None
    return math.fsum(n * weights[e] for e, n in atoms.items())
