"""The report of the outgoing radiation: every published flux with ours, and what differs and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from .values import Published

NOTES: Mapping[str, str] = {
    "acceptance": "An independent program of the same closure with the same constants and 14 + 10 levels.",
    "steam": (
        "Steam of 270 bar. The published limits differ by 7 %, the published values at 2000 to 3000 K by a "
        "factor of up to 1.7: windows of hot steam are not measured."
    ),
    "steam of other pressures": (
        "Line by line, from a submission to CHILI. On the limit both agree to 2 %. Before it, our windows "
        "are 1.1 to 1.8 times as open, as those of the 72 bands; an opacity factor of 2 would remove that, "
        "and lower the limit to 268."
    ),
    "steam and CO2": "CO2 dilutes the water of the moist levels, so that more escapes.",
    "steam and H2": "H2 absorbs in the window of water, so that less escapes.",
    "pure gases": (
        "100 bar. The fit to NH3 below 2000 K is bad: do not use it where NH3 is the main absorber. H2 is "
        "6 to 20 % low."
    ),
    "gravity": "Steam, 1200 K, 270 bar: the limit goes as gravity to the power of 0.11.",
    "states of CHILI submissions": (
        "The flux of a submission at its own temperature and pressures; other gases of the submission are "
        "left out here."
    ),
}
COLUMNS = ("T, K", "gases, bar", "g", "source", "published", "14 + 10", "28 + 20", "ratio of 28 + 20")


def page_of(rows: Sequence[Published]) -> str:
    """The page in Markdown."""
    lines = [
        "# Outgoing radiation by bands beside published values",
        "",
        "Made by `mocoupled reproduce radiation`. Fluxes in W/m2; stratosphere 200 K, black surface, clear.",
        "`14 + 10` and `28 + 20` are the levels of the column: the coarse one is what a run uses.",
        "`72 bands` are columns of a correlated-k calculation whose k-tables the closure was fitted to;",
        "`closure` is an independent program of the closure itself.",
        "",
        *_summary(rows),
    ]
    for table in dict.fromkeys(row.table for row in rows):
        chosen = [row for row in rows if row.table == table]
        lines += ["", f"## {table[0].upper()}{table[1:]}", "", NOTES[table], "", *_table(chosen)]
    return "\n".join(lines) + "\n"


def _table(rows: Iterable[Published]) -> list[str]:
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    for row in rows:
        cells = [f"{row.temperature:g}", row.mixture, f"{row.gravity:g}", row.source, f"{row.flux:.5g}"]
        cells += [f"{row.ours:.5g}", f"{row.fine:.5g}", f"{row.fine / row.flux:.3f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _summary(rows: Sequence[Published]) -> list[str]:
    """For each source, the mean and the spread of ln(ours/published)."""
    lines = [
        "Ratio ours/published by source; of `closure` ours is that of 14 + 10 levels, else of 28 + 20:",
        "",
        "| source | values | mean | standard deviation of the logarithm | least | greatest |",
        "|---|---|---|---|---|---|",
    ]
    for source in dict.fromkeys(row.source for row in rows):
        chosen = [row for row in rows if row.source == source]
        ratios = np.array([(row.ours if source == "closure" else row.fine) / row.flux for row in chosen])
        mean, spread = float(np.exp(np.log(ratios).mean())), float(np.log(ratios).std())
        cells = [source, str(len(ratios)), f"{mean:.3f}", f"{spread:.3f}"]
        cells += [f"{ratios.min():.3f}", f"{ratios.max():.3f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return lines
