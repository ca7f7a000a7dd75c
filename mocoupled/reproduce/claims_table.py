"""The table of claims and the list of runs, as CSV and as Markdown."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from .. import files as whole_files
from ..results.summaries import summary
from .claims import AGREES, DISAGREES, LOST, MISSING, WITHIN, Judged
from .runs import Outcome

WORDS = (AGREES, WITHIN, DISAGREES, LOST, MISSING)
CLAIMS = (
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
    """Three digits; nothing for no number."""
    if not math.isfinite(value):
        return ""
    return f"{value:.3g}" if abs(value) < 1000 or abs(value) >= 1e5 else f"{value:.0f}"


def measured(value: float, unit: str) -> str:
    """A number with its unit; a pure one alone; nothing for no number."""
    return f"{shown(value)}{f' {unit}' if unit not in ('1', '') else ''}" if math.isfinite(value) else ""


def counts(judged: Sequence[Judged]) -> dict[str, int]:
    """Verdict -> how many quantities have it."""
    found = Counter(one.word for one in judged)
    return {word: found[word] for word in WORDS if found[word]}


def claims_csv(judged: Sequence[Judged]) -> str:
    """One line for each quantity, numbers with six digits."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(CLAIMS)
    for one in judged:
        c = one.claim
        ours, beside = ("" if math.isnan(v) else f"{v:.6g}" for v in (one.ours, one.equilibrium))
        low, high = ("" if v is None else f"{v:g}" for v in (c.low, c.high))
        rows.writerow(
            [
                c.number,
                c.part,
                c.section,
                c.claim,
                c.conditions,
                c.published,
                ours,
                beside,
                c.unit,
                one.verdict,
                one.reason,
                low,
                high,
                c.kind,
            ]
        )
    return text.getvalue()


def claims_markdown(
    judged: Sequence[Judged],
    title: str,
    about: Sequence[str],
    figures: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The table for people: disagreements first, then every claim, then the figures (title -> path beside the file)."""
    tally = counts(judged)
    numbers = len({one.claim.number for one in judged})
    lines = [f"# {title}", ""]
    lines += [
        f"{len(judged)} quantities of {numbers} claims: {', '.join(f'{n} {word}' for word, n in tally.items())}.",
        "",
    ]
    lines += [f"{sentence}\n" for sentence in about]
    apart = [one for one in judged if one.word == DISAGREES]
    if apart:
        lines += [
            "## Disagreements",
            "",
            *_table(apart, ("claim", "paper", "ours", "without a run", "reason")),
            "",
        ]
    lines += [
        "## All claims",
        "",
        *_table(judged, ("claim", "paper", "ours", "without a run", "verdict", "reason")),
        "",
    ]
    if figures:
        lines += ["## Figures", "", *(f"![{text}]({path})\n" for text, path in figures.items())]
    return "\n".join(lines)


def _table(judged, columns):
    rows = ["| # | § | " + " | ".join(columns) + " |", "|---" * (len(columns) + 2) + "|"]
    for one in judged:
        c = one.claim
        cells = {
            "claim": c.claim + (f" ({c.conditions})" if c.conditions else ""),
            "paper": c.published,
            "ours": measured(one.ours, c.unit),
            "without a run": measured(one.equilibrium, c.unit),
            "verdict": one.verdict,
            "reason": one.reason,
        }
        told = [f"{c.number}{c.part}", c.section, *(cells[name] for name in columns)]
        rows.append("| " + " | ".join(str(t).replace("|", "\\|") for t in told) + " |")
    return rows


RUNS = (
    "case",
    "status",
    "end",
    "time [yr]",
    "surface temperature [K]",
    "melt fraction",
    "surface pressure [bar]",
    "steps",
    "wall [s]",
    "largest drift",
)


def runs_csv(outcomes: Mapping[str, Outcome], read) -> str:
    """One line for each run. read: name of a case -> its stored Dataset, called for those with a complete run."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(RUNS)
    for name, outcome in outcomes.items():
        if not outcome.usable:
            rows.writerow([name, outcome.status, outcome.reason, *[""] * (len(RUNS) - 3)])
            continue
        told = summary(read(name))
        end, statistics = told["final"], told["statistics"]
        values = (
            end["time_yr"],
            end["surface_temperature_K"],
            end["melt_fraction"],
            end.get("surface_pressure_bar", math.nan),
        )
        drift = max(
            (v for k, v in told["largest_drift"].items() if not k.startswith("integrator")), default=math.nan
        )
        rows.writerow(
            [
                name,
                told["status"],
                told["end"],
                *(f"{v:.6g}" for v in values),
                statistics["steps"],
                f"{statistics['wall']:.3g}",
                f"{drift:.2g}",
            ]
        )
    return text.getvalue()


def write_text(path: Path, text: str) -> Path:
    """Write a file whole or not at all."""
    whole_files.write_text(path, text)
    return path
