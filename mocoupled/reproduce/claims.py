"""The quantitative claims of a paper as data, and the verdict on each: our value beside the printed one."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ..errors import InputError, MocoupledError
from .value_sources import NotComputed

KINDS = ("run", "equilibrium", "input", "context", "external")
NOT_COMPUTED = {"context": "not a result of the model", "external": "a result of others"}
AGREES, WITHIN, DISAGREES, MISSING, LOST = "agrees", "within", "disagrees", "not computed", "not comparable"
Source = TypeVar("Source")  # what the functions of a paper's values take: stored runs, equilibria, melts


@dataclass(frozen=True)
class Claim:
    """One quantity of a numbered claim.

    published: as printed. low, high [unit]: what agrees with it (None: open), argued in `tolerance`.
    within: by how much a value outside of that, in per cent of the nearer end, is still called "within".
    kind: one of those of its paper. cases: those that it needs, where the claims of its paper rest on runs.
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
        """Number and part, such as 16a."""
        return f"{self.number}{self.part}"


@dataclass(frozen=True)
class Judged:
    """A claim with our value [unit of the claim], the same by equilibrium without a run, the verdict and its
    reason."""

    claim: Claim
    ours: float
    equilibrium: float
    verdict: str
    reason: str

    @property
    def word(self) -> str:
        """The first word of the verdict, by which it is counted."""
        return next(w for w in (MISSING, LOST, AGREES, WITHIN, DISAGREES) if self.verdict.startswith(w))


def published_folder() -> Path:
    """The folder of published data: inside an installed package, or next to the package in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "validation" / "published"
    return inside if inside.is_dir() else package.parent / "validation" / "published"


def paper_claims(paper: str, kinds: Collection[str] = KINDS) -> tuple[Claim, ...]:
    """The claims of a paper, as shipped.

    paper: its name in `mocoupled reproduce`. kinds: as in `read_claims`.
    """
    return read_claims(published_folder() / f"{paper}_claims.csv", kinds)


def read_claims(path: Path, kinds: Collection[str] = KINDS) -> tuple[Claim, ...]:
    """The claims of a CSV file (see validation/published/README.md).

    kinds: allowed kinds of claims. Raises InputError, with the claim, for a row that is not a claim.
    """
    try:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    except OSError as error:
        raise InputError(f"{path}", f"the file cannot be read: {error.strerror}.") from None
    return tuple(_read_claim(row, path.name, kinds) for row in csv.DictReader(lines))


def _read_claim(row: Mapping[str, str], file: str, kinds: Collection[str]) -> Claim:
    where = f"{file} claim {row.get('number')}{row.get('part')}"
    try:
        claim = Claim(
            number=int(row["number"]),
            part=row["part"],
            section=row["section"],
            claim=row["claim"],
            published=row["published"],
            low=_optional(row["low"]),
            high=_optional(row["high"]),
            unit=row["unit"],
            within=_optional(row["within"]) or 0.0,
            kind=row["kind"],
            cases=tuple(row.get("cases", "").split()),
            conditions=row["conditions"],
            tolerance=row["tolerance"],
            note=row["note"],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(where, f"the row is not a claim ({error}).") from None
    if claim.kind not in kinds:
        raise InputError(f"{where} kind = {claim.kind!r}", "no such kind.", f"allowed: {', '.join(kinds)}")
    if claim.low is not None and claim.high is not None and claim.low > claim.high:
        raise InputError(where, f"low = {claim.low:g} is above high = {claim.high:g}.")
    return claim


def _optional(text: str) -> float | None:
    return float(text) if text else None


def judge(claim: Claim, value: float) -> str:
    """The verdict on a value: "agrees", "within 3 %" (of the nearer end of what agrees), "disagrees" or
    "not comparable"."""
    if claim.low is None and claim.high is None:
        return LOST
    low = -math.inf if claim.low is None else claim.low
    high = math.inf if claim.high is None else claim.high
    if low <= value <= high:
        return AGREES
    end = low if value < low else high
    off = 100 * abs(value / end - 1) if end else math.inf
    return f"{WITHIN} {max(1, math.ceil(off))} %" if off <= claim.within else DISAGREES


def evaluate(
    claims: Iterable[Claim],
    values: Mapping[str, Callable[[Source], float]],
    runs: Source,
    equilibria: Source,
    stand_in: str = "",
) -> list[Judged]:
    """Every claim with our value and the verdict.

    values: key of a claim -> function(source) -> number in the unit of the claim.
    runs, equilibria: the sources of our value, and of the same quantity without a run.
    stand_in: the reason of disagreements of runs that have no other reason, where the runs are not those of
    the paper.
    """
    return [_judged(claim, values.get(claim.key), runs, equilibria, stand_in) for claim in claims]


def _judged(
    claim: Claim,
    value: Callable[[Source], float] | None,
    runs: Source,
    equilibria: Source,
    stand_in: str,
) -> Judged:
    if claim.kind in NOT_COMPUTED:
        return Judged(claim, math.nan, math.nan, f"{MISSING}: {NOT_COMPUTED[claim.kind]}", claim.note)
    if value is None:
        raise KeyError(f"claim {claim.key} has no function that computes it")
    beside = _without_run(claim, value, equilibria)
    try:
        ours = value(runs)
    except MocoupledError as error:
        return Judged(claim, math.nan, beside, f"{MISSING}: {' '.join(str(error).split())}", claim.note)
    if not math.isfinite(ours):
        return Judged(claim, math.nan, beside, f"{MISSING}: the value is not a number", claim.note)
    verdict = judge(claim, ours)
    if verdict == LOST:
        return Judged(claim, ours, beside, f"{LOST}: the printed number is lost", claim.note)
    if verdict != DISAGREES:
        return Judged(claim, ours, beside, verdict, claim.note)
    agrees_without_run = math.isnan(beside) or judge(claim, beside) != DISAGREES
    if stand_in and claim.kind == "run" and agrees_without_run:
        return Judged(claim, ours, beside, verdict, stand_in)
    return Judged(claim, ours, beside, verdict, claim.note or "unexplained")


def _without_run(claim: Claim, value: Callable[[Source], float], equilibria: Source) -> float:
    """The value by equilibrium alone; NaN where the claim needs a run, or rests on none."""
    if claim.kind != "run":
        return math.nan
    try:
        return value(equilibria)
    except NotComputed:
        return math.nan
