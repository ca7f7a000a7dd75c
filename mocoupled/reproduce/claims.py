"""The quantitative claims of a paper as data, and the verdict on each: ours beside what is printed."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError, MocoupledError
from .value_sources import Equilibria, NotComputed, Runs

KINDS = ("run", "equilibrium", "input", "context", "external")
NOT_COMPUTED = {"context": "not a result of the model", "external": "a result of others"}
AGREES, WITHIN, DISAGREES, MISSING, LOST = "agrees", "within", "disagrees", "not computed", "not comparable"


@dataclass(frozen=True)
class Claim:
    """One quantity of a numbered claim.

    published: as printed; low, high [unit]: what agrees with it (None: open), argued in `tolerance`; within: how much
    outside of that, in per cent of the nearer end, is still called "within". kind: one of those of its paper. cases: that it needs, of a paper whose claims rest on runs.
    note: the reason of a known disagreement, or what a reader must know.
    """

    number: int
    part: str
    section: str
    claim: str
    published: str
    low: float | None
    high: float | None
    unit: str
    within: float
    kind: str
    cases: tuple[str, ...]
    conditions: str
    tolerance: str
    note: str

    @property
    def key(self) -> str:
        return f"{self.number}{self.part}"


@dataclass(frozen=True)
class Judged:
    """A claim with our value [unit of the claim], the same by equilibrium without a run, the verdict and its reason."""

    claim: Claim
    ours: float
    equilibrium: float
    verdict: str
    reason: str

    @property
    def word(self) -> str:
        """The first word of the verdict, by which it is counted."""
        return next(w for w in (MISSING, LOST, AGREES, WITHIN, DISAGREES) if self.verdict.startswith(w))


def folder() -> Path:
    """The published data: inside an installed package, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "validation" / "published"
    return inside if inside.is_dir() else package.parent / "validation" / "published"


def read_claims(path: Path, kinds: Iterable[str] = KINDS) -> tuple[Claim, ...]:
    """The claims of a CSV file (see validation/published/README.md); InputError, with the claim, for a row that is none."""
    try:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    except OSError as error:
        raise InputError(f"{path}", f"the file cannot be read: {error.strerror}.") from None
    found = []
    for row in csv.DictReader(lines):
        where = f"{path.name} claim {row.get('number')}{row.get('part')}"
        try:
            low, high, within = (float(row[k]) if row[k] else None for k in ("low", "high", "within"))
            claim = Claim(
                int(row["number"]), row["part"], row["section"], row["claim"], row["published"], low, high, row["unit"],
                within or 0.0, row["kind"], tuple(row.get("cases", "").split()), row["conditions"], row["tolerance"], row["note"],
            )  # fmt: skip
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(where, f"the row is not a claim ({error}).") from None
        if claim.kind not in kinds:
            raise InputError(
                f"{where} kind = {claim.kind!r}", "no such kind.", f"allowed: {', '.join(kinds)}"
            )
        if low is not None and high is not None and low > high:
            raise InputError(where, f"low = {low:g} is above high = {high:g}.")
        found.append(claim)
    return tuple(found)


def judge(claim: Claim, value: float) -> str:
    """The verdict on a value: "agrees", "within 3 %" (of the nearer end of what agrees), "disagrees", "not comparable"."""
    if claim.low is None and claim.high is None:
        return LOST
    low, high = (
        (-math.inf if claim.low is None else claim.low),
        (math.inf if claim.high is None else claim.high),
    )
    if low <= value <= high:
        return AGREES
    end = low if value < low else high
    off = 100 * abs(value / end - 1) if end else math.inf
    return f"{WITHIN} {max(1, math.ceil(off))} %" if off <= claim.within else DISAGREES


def evaluate(
    claims: Iterable[Claim],
    values: Mapping[str, Callable],
    runs: Runs,
    equilibria: Equilibria,
    stand_in: str = "",
) -> list[Judged]:
    """Every claim with our value and the verdict. values: key of a claim -> function(source) -> number in its unit.

    stand_in: the reason of disagreements of runs that have no other, when the runs are not those of the paper.
    """
    return [_judged(claim, values.get(claim.key), runs, equilibria, stand_in) for claim in claims]


def _judged(claim, value, runs, equilibria, stand_in) -> Judged:
    if claim.kind in NOT_COMPUTED:
        return Judged(claim, math.nan, math.nan, f"{MISSING}: {NOT_COMPUTED[claim.kind]}", claim.note)
    beside = math.nan
    if claim.kind == "run":
        try:
            beside = value(equilibria)
        except NotComputed:
            pass
    try:
        ours = value(runs)
    except MocoupledError as error:
        return Judged(claim, math.nan, beside, f"{MISSING}: {' '.join(str(error).split())}", claim.note)
    if not math.isfinite(ours):
        return Judged(claim, math.nan, beside, f"{MISSING}: the value is not a number", claim.note)
    verdict = judge(claim, ours)
    if (
        stand_in
        and claim.kind == "run"
        and verdict == DISAGREES
        and (math.isnan(beside) or judge(claim, beside) != DISAGREES)
    ):
        return Judged(claim, ours, beside, verdict, stand_in)
    reason = claim.note or ("unexplained" if verdict == DISAGREES else "")
    return Judged(
        claim, ours, beside, f"{LOST}: the printed number is lost" if verdict == LOST else verdict, reason
    )
