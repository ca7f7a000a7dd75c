"""Text, labelled rows and tables for the pages: how a time, a range and a user's text are printed.

Every function writes to a rich Console. A user's text goes in as Text, so that no bracket in it is read as
markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...constants import BAR, YEAR

UNITS_OF_TIME = ((1e9, 1e9, "Gyr"), (1e6, 1e6, "Myr"), (1e4, 1e3, "kyr"))  # from so many years on; size; name
LABELS = 24  # columns of a label, by default
GIGAPASCAL = 1e9  # Pa
MANTLE = 1e10  # Pa; pressures up to this are printed in bar
# symbol of a law's argument -> its name
ARGUMENTS = {
    "T": "temperature",
    "P": "total pressure",
    "melt_fraction": "melt fraction",
    "p": "its fugacity",
    "dIW": "log10 fO2 above IW",
    "stratosphere": "temperature of the stratosphere",
    "hydrogen_fraction": "hydrogen of all atoms",
    "FeO": "FeO of the melt",
    "melt_iron": "Fe/(Fe + Mg), melt",
    "SiO2": "SiO2 of the melt",
    "MgO": "MgO of the melt",
}


def years(seconds: float) -> str:
    """A time with the unit that suits it."""
    value = seconds / YEAR
    for least, size, unit in UNITS_OF_TIME:
        if value >= least:
            return f"{value / size:.5g} {unit}"
    return f"{value:.5g} yr" if value >= 0.1 or not value else f"{seconds:.4g} s"


def counted(number: float | str, noun: str) -> str:
    """A number and a noun: "1 ocean", "3 oceans"."""
    return f"{number} {noun}{'' if str(number) == '1' else 's'}"


def table(
    title: str,
    head: Sequence[str],
    body: Sequence[Sequence[object]],
    console: Console,
    unbroken: bool = False,
) -> None:
    """Print a table; columns of numbers are flush right. unbroken: names of the first column do not fold."""
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="underline")
    for k, name in enumerate(head):
        numeric = all(str(row[k])[:1] in tuple("0123456789-") for row in body)
        justify: Literal["right", "left"] = "right" if numeric else "left"
        grid.add_column(plain(name), justify=justify, overflow="fold", no_wrap=unbroken and not k)
    for row in body:
        grid.add_row(*map(plain, row))
    console.print(plain(f"\n{title}" if title else "", "bold"))
    console.print(grid)


def rows(pairs: Sequence[tuple[str, object]], console: Console, title: str = "", width: int = LABELS) -> None:
    """Print labels and text side by side, the text with a hanging indent; nothing where there are no pairs.

    width: of the labels at most, in columns.
    """
    if not pairs:
        return
    if title:
        console.print(plain(f"\n{title}", "bold"))
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="cyan", max_width=width, min_width=width if width > LABELS else None)
    grid.add_column(overflow="fold")
    for label, text in pairs:
        grid.add_row(plain(label), plain(text))
    console.print(grid)


def plain(value: object, style: str = "") -> Text:
    """Text as it is: no markup, no control characters but the line's end."""
    letters = []
    for letter in str(value):
        printable = letter.isprintable() or letter == "\n"
        letters.append(letter if printable else "\N{REPLACEMENT CHARACTER}")
    return Text("".join(letters), style=style)


def unit_of(argument: str) -> str:
    """SI unit of a law's argument, by its name."""
    if argument in ("T", "stratosphere"):
        return "K"
    if argument == "gravity":
        return "m/s2"
    return "Pa" if argument in ("p", "P") or argument.startswith("p_") else "1"


def span(ends: Sequence[float], unit: str) -> str:
    """A range (low, high) with its unit; pressures in bar, or GPa where they are a mantle's."""
    low, high = ends
    if unit == "Pa":
        size, unit = (GIGAPASCAL, "GPa") if high >= MANTLE else (BAR, "bar")
        low, high = low / size, high / size
    texts = [f"{low:.4g}", f"{high:.4g}"]
    return " to ".join(dict.fromkeys(texts)) + ("" if unit == "1" else f" {unit}")
