"""Verdicts on the claims of the paper on buffered crystallisation, some of which only calibrate, and their
table."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from .. import claims
from ..claims import DISAGREES, LOST, MISSING, Claim, Judged
from ..claims_table import csv_text, gallery, heading, row, with_conditions

KINDS = ("calibrated", "selected", "static", "timescale", "history", "context")
MARKS = {"calibrated": "calibrated", "selected": "selected a reading"}
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


def judge(claim: Claim, value: float) -> str:
    """The verdict on our value. A claim that only calibrates or selects is marked: its agreement proves
    nothing."""
    if claim.kind == "context":
        return f"{MISSING}: not a result of the model"
    if not math.isfinite(value):
        return f"{MISSING}: there is no buffered ocean"
    verdict = claims.judge(claim, value)
    if verdict == LOST:
        return f"{LOST}: no number is printed"
    return f"{verdict}{_mark(claim)}"


def _mark(claim: Claim) -> str:
    """The words after the verdict on a claim that only calibrates or selects; else ""."""
    return f" ({MARKS[claim.kind]})" if claim.kind in MARKS else ""


def evaluate(
    paper_claims: Iterable[Claim],
    values: Mapping[str, Callable[[], float | np.ndarray]],
    progress: Callable[[float, str], None],
) -> list[Judged]:
    """Every claim with our value and the verdict. values: key of a claim -> function that computes it."""
    listed = tuple(paper_claims)
    judged = []
    for k, claim in enumerate(listed):
        progress(k / len(listed), f"claim {claim.key}")
        value = math.nan if claim.kind == "context" else float(values[claim.key]())
        judged.append(Judged(claim, value, math.nan, judge(claim, value), claim.note))
    return judged


def counts(judged: Sequence[Judged]) -> dict[str, int]:
    """Verdict -> how many quantities have it. Those that only calibrate or select are counted separately."""
    return dict(Counter(f"{item.word}{_mark(item.claim)}" for item in judged))


def claims_csv(judged: Sequence[Judged]) -> str:
    """One line for each quantity, numbers with six digits."""
    return csv_text(judged, COLUMNS)


def claims_markdown(
    judged: Sequence[Judged],
    title: str,
    about: Sequence[str],
    figures: Mapping[str, str],
    energy: Sequence[str],
) -> str:
    """The table for people: what does not reproduce first, then energy, every claim, and the figures.

    about: sentences below the title. figures: title -> path beside the file. energy: lines of its section.
    """
    lines = heading(judged, title, counts(judged), about)
    disagreeing = [item for item in judged if item.word == DISAGREES]
    if disagreeing:
        lines += ["## What does not reproduce", "", *_table(disagreeing), ""]
    lines += [*energy, "## All claims", "", *_table(judged), "", *gallery(figures)]
    return "\n".join(lines)


def _table(judged: Sequence[Judged]) -> list[str]:
    heads = ("#", "§", "claim", "paper", "ours", "verdict", "note")
    rows = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for item in judged:
        claim = item.claim
        ours = "" if math.isnan(item.ours) else f"{item.ours:.3g} {claim.unit}"
        rows.append(
            row(
                [
                    claim.key,
                    claim.section,
                    with_conditions(item),
                    claim.published,
                    ours,
                    item.verdict,
                    claim.note,
                ]
            )
        )
    return rows
