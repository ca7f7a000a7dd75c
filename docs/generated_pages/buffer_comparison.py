"""The table that compares every oxygen buffer with the measurements of its family."""

from __future__ import annotations

from mocoupled.closures import redox
from mocoupled.closures.registry import find

TEMPERATURES = (1000.0, 1200.0, 1400.0, 1600.0, 2000.0, 2500.0, 3000.0)  # K
# Family of buffers -> the law from measurements.
MEASURED = {"IW": "Hirschmann2021", "QFM": "ONeill1987-QFM", "NNO": "ONeillPownceby1993-NNO"}
INTRODUCTION = (
    "The first law of a family is given as log10 fO2 [bar], the others as the difference from it, in dex; "
    "what lies outside a law's own range of temperature or pressure stands in parentheses. "
    "`ONeillPownceby1993`, `ONeill1987-QFM` and `ONeillPownceby1993-NNO` are measured with galvanic cells "
    "(0.01 to 0.03 dex); `Hirschmann2021` assesses all measurements of iron-wüstite and carries them to "
    "3000 K. Laws relative to iron-wüstite, of solubility and of ferric iron, each name the buffer that "
    "they were calibrated with, and do not follow the case's. A buffer in use outside its range is "
    "computed, and every result reports it."
)


def comparison() -> str:
    """Every buffer at 1 bar beside the measured values of its family, as Markdown."""
    rows = []
    for family, names in redox.families().items():
        base = MEASURED.get(family, names[0])
        rows.append([f"`{base}`", "", *_buffer_values(base)])
        for name in sorted(names):
            if name != base:
                rows.append([f"`{name}`", f"`{base}`", *_buffer_values(name, base)])
    head = ["buffer", "beside", *(f"{T:g} K" for T in TEMPERATURES)]
    lines = [head, ["---"] * len(head), *rows]
    return INTRODUCTION + "\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _buffer_values(name: str, base: str = "") -> list[str]:
    """log10 fO2 of a buffer at each temperature, or its difference from another one; in parentheses outside
    its range."""
    law = find("buffer", name)
    pressure = law.ranges.get("P", (1e5, 1e5))
    texts = []
    for T in TEMPERATURES:
        value = float(law(T=T))
        text = f"{value - float(find('buffer', base)(T=T)):+.3f}" if base else f"{value:.3f}"
        low, high = law.ranges.get("T", (T, T))
        inside = low <= T <= high and pressure[0] <= 1e5
        texts.append(text if inside else f"({text})")
    return texts
