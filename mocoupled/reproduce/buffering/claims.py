"""Claims of the paper on buffered crystallisation: the verdict on each, and their table."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from .. import claims
from ..claims import DISAGREES, LOST, MISSING, Claim, Judged

KINDS = ("calibrated", "selected", "static", "timescale", "history", "context")
MARKS = {"calibrated": "calibrated", "selected": "selected a reading"}


def judge(claim: Claim, value: float) -> str:
    """The verdict on our value; one that only calibrates or selects is marked, it proves nothing."""
    if claim.kind == "context":
        return f"{MISSING}: not a result of the model"
    if not math.isfinite(value):
        return f"{MISSING}: there is no buffered ocean"
    verdict = claims.judge(claim, value)
    if verdict == LOST:
        return f"{LOST}: no number is printed"
    return verdict + (f" ({MARKS[claim.kind]})" if claim.kind in MARKS else "")


def evaluate(
    told: Iterable[Claim], values: Mapping[str, Callable[[], float]], progress: Callable[[float, str], None]
) -> list[Judged]:
    """Every claim with our value and the verdict. values: key of a claim -> function that computes it."""
    told, found = tuple(told), []
    for k, claim in enumerate(told):
        progress(k / len(told), f"claim {claim.key}")
        value = math.nan if claim.kind == "context" else float(values[claim.key]())
        found.append(Judged(claim, value, math.nan, judge(claim, value), claim.note))
    return found


def counts(judged: Sequence[Judged]) -> dict[str, int]:
    """Verdict -> how many quantities have it; those that only calibrate or select are counted apart."""
    found = Counter(
        f"{one.word} ({MARKS[one.claim.kind]})" if one.claim.kind in MARKS else one.word for one in judged
    )
    return dict(found)


COLUMNS = (
    "number",
    "part",
    "section",
    "claim",
    "conditions",
    "published",
    "ours",
    "unit",
    "verdict",
    "note",
    "low",
    "high",
    "kind",
    "tolerance",
)


def claims_csv(judged: Sequence[Judged]) -> str:
    """One line for each quantity, numbers with six digits."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for one in judged:
        c = one.claim
        own = {
            "ours": "" if math.isnan(one.ours) else f"{one.ours:.6g}",
            "verdict": one.verdict,
            "low": "" if c.low is None else f"{c.low:g}",
            "high": "" if c.high is None else f"{c.high:g}",
        }
        rows.writerow([own.get(k, getattr(c, k, "")) for k in COLUMNS])
    return text.getvalue()


def claims_markdown(
    judged: Sequence[Judged], title: str, about: Sequence[str], figures: Mapping[str, str]
) -> str:
    """The table for people: what does not reproduce first, then every claim, then the figures (title -> path beside the file)."""
    tally = ", ".join(f"{n} {word}" for word, n in counts(judged).items())
    lines = [
        f"# {title}",
        "",
        f"{len(judged)} quantities of {len({one.claim.number for one in judged})} claims: {tally}.",
        "",
        *(f"{s}\n" for s in about),
    ]
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
        cells = (
            c.key,
            c.section,
            c.claim + (f" ({c.conditions})" if c.conditions else ""),
            c.published,
            ours,
            one.verdict,
            c.note,
        )
        rows.append("| " + " | ".join(str(t).replace("|", "\\|") for t in cells) + " |")
    return rows
