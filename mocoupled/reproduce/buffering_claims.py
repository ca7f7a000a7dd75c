"""Claims of the paper on buffered crystallisation as data, the verdict on each, and their table."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from .claims import folder  # noqa: F401  (where the published data are, of this paper too)

KINDS = ("calibrated", "selected", "static", "timescale", "history", "context")
AGREES, WITHIN, DISAGREES, MISSING, LOST = "agrees", "within", "disagrees", "not computed", "not comparable"
MARKS = {"calibrated": "calibrated", "selected": "selected a reading"}


@dataclass(frozen=True)
class Claim:
    """One quantity of a numbered claim; low, high [unit]: what agrees with it (None: open); within: per cent outside."""

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
    conditions: str
    tolerance: str
    note: str

    @property
    def key(self) -> str:
        return f"{self.number}{self.part}"


@dataclass(frozen=True)
class Judged:
    """A claim with our value [unit of the claim] and the verdict; calibrated claims are marked, they prove nothing."""

    claim: Claim
    ours: float
    verdict: str

    @property
    def word(self) -> str:
        """The verdict's first words, by which it is counted."""
        return next(w for w in (MISSING, LOST, AGREES, WITHIN, DISAGREES) if self.verdict.startswith(w))


def read_claims(path: Path) -> tuple[Claim, ...]:
    """The claims of a CSV file; InputError, with the claim, for a row that is none."""
    try:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    except OSError as error:
        raise InputError(f"{path}", f"the file cannot be read: {error.strerror}.") from None
    found = []
    for row in csv.DictReader(lines):
        where = f"{path.name} claim {row.get('number')}{row.get('part')}"
        try:
            low, high, within = (float(row[k]) if row[k] else None for k in ("low", "high", "within"))
            texts = (row[k] for k in ("kind", "conditions", "tolerance", "note"))
            claim = Claim(int(row["number"]), row["part"], row["section"], row["claim"], row["published"], low, high, row["unit"], within or 0.0, *texts)
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(where, f"the row is not a claim ({error}).") from None
        if claim.kind not in KINDS:
            raise InputError(f"{where} kind = {claim.kind!r}", "no such kind.", f"allowed: {', '.join(KINDS)}")
        if low is not None and high is not None and low > high:
            raise InputError(where, f"low = {low:g} is above high = {high:g}.")
        found.append(claim)
    return tuple(found)


def judge(claim: Claim, value: float) -> str:
    """The verdict on our value."""
    if claim.kind == "context":
        return f"{MISSING}: not a result of the model"
    if not math.isfinite(value):
        return f"{MISSING}: there is no buffered ocean"
    if claim.low is None and claim.high is None:
        return f"{LOST}: no number is printed"
    low, high = (-math.inf if claim.low is None else claim.low), (math.inf if claim.high is None else claim.high)
    mark = f" ({MARKS[claim.kind]})" if claim.kind in MARKS else ""
    if low <= value <= high:
        return AGREES + mark
    end = low if value < low else high
    off = 100 * abs(value / end - 1) if end else math.inf
    return (f"{WITHIN} {max(1, math.ceil(off))} %" if off <= claim.within else DISAGREES) + mark


def evaluate(claims: Iterable[Claim], values: Mapping[str, Callable[[], float]], progress: Callable[[float, str], None]) -> list[Judged]:
    """Every claim with our value and the verdict. values: key of a claim -> function that computes it."""
    told, found = tuple(claims), []
    for k, claim in enumerate(told):
        progress(k / len(told), f"claim {claim.key}")
        value = math.nan if claim.kind == "context" else float(values[claim.key]())
        found.append(Judged(claim, value, judge(claim, value)))
    return found


def counts(judged: Sequence[Judged]) -> dict[str, int]:
    """Verdict -> how many quantities have it; those that only calibrate or select are counted apart."""
    found = Counter(f"{one.word} ({MARKS[one.claim.kind]})" if one.claim.kind in MARKS else one.word for one in judged)
    return dict(found)


COLUMNS = ("number", "part", "section", "claim", "conditions", "published", "ours", "unit", "verdict", "note", "low", "high", "kind", "tolerance")


def claims_csv(judged: Sequence[Judged]) -> str:
    """One line for each quantity, numbers with six digits."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for one in judged:
        c = one.claim
        own = {"ours": "" if math.isnan(one.ours) else f"{one.ours:.6g}", "verdict": one.verdict, "low": "" if c.low is None else f"{c.low:g}", "high": "" if c.high is None else f"{c.high:g}"}
        rows.writerow([own.get(k, getattr(c, k, "")) for k in COLUMNS])
    return text.getvalue()


def claims_markdown(judged: Sequence[Judged], title: str, about: Sequence[str], figures: Mapping[str, str]) -> str:
    """The table for people: what does not reproduce first, then every claim, then the figures (title -> path beside the file)."""
    tally = ", ".join(f"{n} {word}" for word, n in counts(judged).items())
    lines = [f"# {title}", "", f"{len(judged)} quantities of {len({one.claim.number for one in judged})} claims: {tally}.", "", *(f"{s}\n" for s in about)]
    apart = [one for one in judged if one.word == DISAGREES]
    if apart:
        lines += ["## What does not reproduce", "", *_table(apart), ""]
    lines += ["## All claims", "", *_table(judged), ""]
    if figures:
        lines += ["## Figures", "", *(f"![{text}]({path})\n" for text, path in figures.items())]
    return "\n".join(lines)


def _table(judged):
    heads = ("#", "§", "claim", "paper", "ours", "verdict", "note")
    rows = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for one in judged:
        c = one.claim
        ours = "" if math.isnan(one.ours) else f"{one.ours:.3g} {c.unit}"
        cells = (c.key, c.section, c.claim + (f" ({c.conditions})" if c.conditions else ""), c.published, ours, one.verdict, c.note)
        rows.append("| " + " | ".join(str(t).replace("|", "\\|") for t in cells) + " |")
    return rows
