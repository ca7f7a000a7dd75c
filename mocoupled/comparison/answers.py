"""What a comparison consists of: the problem, the answer of each method, and both side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..case import Case
from .factsage import Record

METHODS = ("ours", "full", "oracle", "cea")


@dataclass(frozen=True)
class Entry:
    """A species of a record: the printed pressure, half of its last digit, and the value of each method
    [Pa]."""

    species: str
    theirs: float
    rounding: float
    computed: Mapping[str, float]

    def dex(self, method: str) -> float:
        """log10 of computed over printed; NaN where either is zero or missing."""
        value = self.computed.get(method, math.nan)
        return math.log10(value / self.theirs) if value > 0 and self.theirs > 0 else math.nan

    def percent(self, method: str) -> float:
        """Computed less printed, in per cent of the printed; NaN where that is zero."""
        if not self.theirs > 0:
            return math.nan
        return 100 * (self.computed.get(method, math.nan) / self.theirs - 1)

    def rounds(self, method: str) -> bool:
        """Whether the computed value, rounded as the printed one, is the printed one."""
        return abs(self.computed.get(method, math.nan) - self.theirs) <= self.rounding * (1 + 1e-9)


@dataclass(frozen=True)
class Quantity:
    """A quantity of a record other than a partial pressure: moles of the gas, volume, activity, log10 fO2,
    ...

    name with its unit; theirs as printed; computed: method -> value; logarithm: whether the values are
    logarithms to base 10 already, so that their difference is in dex.
    """

    name: str
    theirs: float
    computed: Mapping[str, float]
    logarithm: bool = False

    def dex(self, method: str) -> float:
        """log10 of computed over printed; NaN where there is none."""
        value = self.computed.get(method, math.nan)
        if self.logarithm:
            return value - self.theirs
        return math.log10(value / self.theirs) if value > 0 and self.theirs > 0 else math.nan


@dataclass(frozen=True)
class Answer:
    """The answer of a method: partial pressures [Pa], condensates [mol], what the method is; or why there is
    none.

    silent: why there is no answer. gas_moles [mol]; activities: of condensates; coefficients: fugacity
    coefficients of a real gas; log10_fO2 [bar]; stretched: laws that were used outside their calibration.
    """

    pressures: Mapping[str, float]
    condensates: Mapping[str, float]
    what: str
    silent: str = ""
    gas_moles: float = math.nan
    activities: Mapping[str, float] = field(default_factory=dict)
    coefficients: Mapping[str, float] = field(default_factory=dict)
    log10_fO2: float = math.nan
    stretched: tuple[str, ...] = ()


@dataclass(frozen=True)
class State:
    """The problem that the methods share: total pressure [Pa], element -> mol in gas and condensates; and our
    answer.

    how: what "ours" is. law: of the fugacity coefficients. case: of a planet.
    """

    pressure: float
    moles: Mapping[str, float]
    pressures: Mapping[str, float]
    condensates: Mapping[str, float]
    log10_fO2: float
    how: str
    case: Case | None = None
    law: str = "ideal"
    answer: Answer | None = None


@dataclass(frozen=True)
class Comparison:
    """A record with the answer of each method.

    methods: name -> description, of those with an answer; silent: name -> why there is no answer.
    condensates: method -> condensate -> mol. log10_fO2: method -> bar; "table" is that of the record itself.
    reasons: sentences on known offsets. quantities: what else the record has.
    notes: sentences on how this row was read and compared. passed: what is read and not compared -> why.
    """

    record: Record
    state: State
    entries: tuple[Entry, ...]
    methods: Mapping[str, str]
    silent: Mapping[str, str]
    condensates: Mapping[str, Mapping[str, float]]
    log10_fO2: Mapping[str, float]
    reasons: tuple[str, ...]
    quantities: tuple[Quantity, ...] = ()
    notes: tuple[str, ...] = ()
    passed: Mapping[str, str] = field(default_factory=dict)

    def farthest(self, method: str) -> Entry | None:
        """The entry on which the method and the table differ most, in dex; None if they share none."""
        return max(self.shared(method), key=lambda e: abs(e.dex(method)), default=None)

    def shared(self, method: str) -> tuple[Entry, ...]:
        """The entries that can be compared; without O2 where ours is that of the table."""
        prescribed = "O2" if self.record.table.oxygen == "own" else ""
        return tuple(e for e in self.entries if math.isfinite(e.dex(method)) and e.species != prescribed)

    def entry(self, species: str) -> Entry:
        """The entry of a species; KeyError if the table does not print it."""
        return {e.species: e for e in self.entries}[species]
