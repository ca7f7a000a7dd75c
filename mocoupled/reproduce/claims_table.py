"""The table of judged claims, as CSV and as Markdown."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from .claims import AGREES, DISAGREES, LOST, MISSING, WITHIN, Judged

WORDS = (AGREES, WITHIN, DISAGREES, LOST, MISSING)
COLUMNS = (
    "number",
    "part",
    "section",
    "claim",
    "conditions",
    "published",
    "ours",
    "equilibrium",
    "unit",
    "verdict",
    "reason",
    "low",
    "high",
    "kind",
)


def shown(value: float) -> str:
    """Three digits; "" for a value that is not a number."""
    if not math.isfinite(value):
        return ""
    return f"{value:.3g}" if abs(value) < 1000 or abs(value) >= 1e5 else f"{value:.0f}"


def measured(value: float, unit: str) -> str:
    """A number with its unit; a dimensionless number alone; "" for a value that is not a number."""
    if not math.isfinite(value):
        return ""
    return shown(value) if unit in ("1", "") else f"{shown(value)} {unit}"


def counts(judged: Sequence[Judged]) -> dict[str, int]:
    """Verdict -> how many quantities have it."""
    numbers = Counter(item.word for item in judged)
    return {word: numbers[word] for word in WORDS if numbers[word]}


def claims_csv(judged: Sequence[Judged]) -> str:
    """One line for each quantity, numbers with six digits."""
    return csv_text(judged, COLUMNS)


def csv_text(judged: Sequence[Judged], columns: Sequence[str]) -> str:
    """Judged claims as CSV: a line of columns, then one line for each quantity. columns: names of `cells`."""
    text = io.StringIO()
    rows = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    rows.writeheader()
    rows.writerows(cells(item) for item in judged)
    return text.getvalue()


def cells(item: Judged) -> dict[str, str]:
    """Column -> text of a judged claim."""
    claim = item.claim
    return {
        "number": str(claim.number),
        "part": claim.part,
        "section": claim.section,
        "claim": claim.claim,
        "conditions": claim.conditions,
        "published": claim.published,
        "ours": _six_digits(item.ours),
        "equilibrium": _six_digits(item.equilibrium),
        "unit": claim.unit,
        "verdict": item.verdict,
        "reason": item.reason,
        "note": claim.note,
        "low": _limit(claim.low),
        "high": _limit(claim.high),
        "kind": claim.kind,
        "tolerance": claim.tolerance,
    }


def _six_digits(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.6g}"


def _limit(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def claims_markdown(
    judged: Sequence[Judged],
    title: str,
    about: Sequence[str],
    figures: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The table for people: disagreements first, then every claim, then the figures.

    about: sentences below the title. figures: title -> path beside the file.
    """
    lines = heading(judged, title, counts(judged), about)
    disagreeing = [item for item in judged if item.word == DISAGREES]
    if disagreeing:
        table = _table(disagreeing, ("claim", "paper", "ours", "without a run", "reason"))
        lines += ["## Disagreements", "", *table, ""]
    table = _table(judged, ("claim", "paper", "ours", "without a run", "verdict", "reason"))
    lines += ["## All claims", "", *table, "", *gallery(figures)]
    return "\n".join(lines)


def heading(
    judged: Sequence[Judged], title: str, tally: Mapping[str, int], about: Sequence[str]
) -> list[str]:
    """Lines of the title, of the number of claims by verdict and of the sentences about them."""
    numbers = len({item.claim.number for item in judged})
    listed = ", ".join(f"{number} {word}" for word, number in tally.items())
    lines = [f"# {title}", "", f"{len(judged)} quantities of {numbers} claims: {listed}.", ""]
    return lines + [f"{sentence}\n" for sentence in about]


def gallery(figures: Mapping[str, str]) -> list[str]:
    """Lines of the figures, title -> path; none where there are no figures."""
    if not figures:
        return []
    return ["## Figures", "", *(f"![{text}]({path})\n" for text, path in figures.items())]


def row(texts: Iterable[str]) -> str:
    """A row of a Markdown table."""
    return "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |"


def with_conditions(item: Judged) -> str:
    """The text of a claim, with its conditions in parentheses."""
    claim = item.claim
    return f"{claim.claim} ({claim.conditions})" if claim.conditions else claim.claim


def _table(judged: Sequence[Judged], columns: Sequence[str]) -> list[str]:
    rows = ["| # | § | " + " | ".join(columns) + " |", "|---" * (len(columns) + 2) + "|"]
    for item in judged:
        claim = item.claim
        texts = {
            "claim": with_conditions(item),
            "paper": claim.published,
            "ours": measured(item.ours, claim.unit),
            "without a run": measured(item.equilibrium, claim.unit),
            "verdict": item.verdict,
            "reason": item.reason,
        }
        rows.append(row([claim.key, claim.section, *(texts[name] for name in columns)]))
    return rows
