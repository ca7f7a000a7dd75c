"""Checks that every number in the text and tables of the pages has a source.

In README.md and docs/*.md a comment below a paragraph, list or table accounts for its numbers:

    <!-- numbers: SOURCE ...; given: 1650 K, 5 cm -->

It is about all text since the heading, the fenced block or the comment of this kind before it. A number must
occur in one of the sources, rounded to the digits that the page has, or be listed after `given`: inputs,
defaults, limits of keys, constants of a paper that is named beside them. A source is

    printed       what the page's `prints` blocks show (tests/docs/ compares these with the output)
    NAME          the stored output docs/outputs/NAME.txt; its command must stand on the page
    PATH          a report or table of the repository; a command that it names must stand on the page
    below         of a report: the tables that a script writes below its text, after a comment that says so

Not counted as numbers: what is in `code`, in the address of a link or in a heading, digits of a name (H2O,
E1, IW+0.5), years of references, and numbers of figures, equations, sections and claims.
`python docs/check_numbers.py` lists the numbers without a source.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import examples

ROOT = examples.DOCS.parent
REPORTS = tuple(
    ROOT / "validation" / "reports" / f"{name}.md"
    for name in ("bower2022/README", "chili", "column", "evolving-redox", "gas_grid", "one_state")
)
# (page, heading): sections, with all below them, whose numbers have no source yet.
PENDING: set[tuple[str, str]] = set()
_FENCE = re.compile(r"^```.*?^```$", re.S | re.M)
_MARKER = re.compile(
    r"^<!-- (?=numbers: |given: )(?:numbers: (?P<sources>[^;>]*?))?(?:(?:; )?given: (?P<given>[^>]*?))? -->$",
    re.M,
)
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_HEADING = re.compile(r"^(#+ .*)$", re.M)
_UNITS = r"(?:K|bar|G?Pa|[kM]?yr|k?[gm]|W|J|s|mol|ppmw|cells|steps)"
_SILENT = (
    re.compile(r"`[^`]*`"),  # code
    re.compile(r"\]\([^)]*\)|https?://\S+"),  # addresses
    re.compile(r"^ *\d+\. ", re.M),  # the numbers of a list
    re.compile(  # figures, equations, sections, claims
        r"(?:\b(?:[Ff]ig(?:ure)?s?|[Ee]qs?|[Ss]ections?|[Cc]laims?|Tables?|App)\.? |§ ?)"
        r"[A-Z]?\d+(?:\.\d+)*[a-z]?"
        r"(?:(?:[-–,]| and| to) ?[A-Z]?\d+[a-z]?)*(?!\d)"
    ),
    re.compile(  # years of references
        r"(?:(?<=al\. )|(?<=[A-Z]\w\w )|(?<=[a-zé]{3} )|(?<=\d, ))"
        r"(?:19[5-9]\d|20[0-3]\d)"
        rf"(?=[),;:.\]]|,? (?!{_UNITS}\b)[a-zA-Z(]| \||\s*$)",
        re.M,
    ),
    re.compile(r"(?:arXiv:? ?|doi:|NASA TM-|CF-|A&A |PSJ |J\.\*? )[\d./A-Za-z]+(?:, A?\d+)?"),
    re.compile(r"\d+\.\d+\.\d+(?:\.\d+)?"),  # versions
)
_NUMBER = re.compile(
    r"(?<![\w.^])[-+−]?(?:\d{1,3}(?:[  ]\d{3})+|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)(?![A-Za-z_\d]|\.\d)"
)
_BUFFER = re.compile(r"\bIW(?=[-+−]\d)")  # IW+0.5 is a number: the distance from the buffer


@dataclass(frozen=True)
class Number:
    """A number as it is written: text, value, half a unit of its last digit, and whether a % follows it."""

    text: str
    value: float
    half: float
    percent: bool


def numbers(text: str) -> list[Number]:
    """The numbers of a text, in their order. "13 209" is a single number; a sign between two numbers is a
    dash."""
    text = _BUFFER.sub("IW ", text)
    result = []
    for match in _NUMBER.finditer(text):
        word = match[0].replace("−", "-")
        if word[0] in "+-" and text[: match.start()].rstrip(" ")[-1:].isdigit():
            word = word[1:]
        plain = re.sub(r"\s", "", word)
        mantissa, _, exponent = plain.lower().partition("e")
        half = 0.5 * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
        percent = re.match(r"(?:\s|,,?)?%", text[match.end() :]) is not None
        result.append(Number(word, float(plain), half, percent))
    return result


def occurs(number: Number, among: list[Number]) -> bool:
    """Whether a number is among others, rounded to its digits. A percentage may be a fraction there (2 % is
    0.0210)."""
    for other in among:
        scale = 100.0 if number.percent and not other.percent and abs(other.value) <= 1 else 1.0
        close = abs(abs(number.value) - scale * abs(other.value)) <= 1.0001 * number.half
        precise = scale * other.half <= 1.0001 * number.half
        if close and precise and (not number.percent or other.percent or scale > 1):
            return True
    return False


def silenced(text: str) -> str:
    """A text without what is not counted as a number."""
    for pattern in _SILENT:
        text = pattern.sub(lambda match: "·" if match[0].startswith("](") else " · ", text)
    return _COMMENT.sub("", text)


def written(path: Path) -> tuple[str, str]:
    """The text written by hand, and that written by a script below it; ("", all) where no comment separates
    them."""
    text = path.read_text(encoding="utf-8")
    by_hand, mark, by_script = text.partition("<!-- tables, written by ")
    return (by_hand, by_script) if mark else ("", text)


def passages(page: Path) -> Iterator[tuple[str, str, list[str], str]]:
    """(heading, text, sources, given) of each stretch of a page with its comment; the last of a section has
    none."""
    text = _FENCE.sub("\x1e", written(page)[0] or page.read_text(encoding="utf-8"))
    heading, pending = "", 0  # pending: the level of the section that is passed over
    for piece in (piece for part in text.split("\x1e") for piece in _HEADING.split(part)):
        if _HEADING.fullmatch(piece):
            heading, level = piece.lstrip("# "), piece.index(" ")
            if (page.name, heading) in PENDING:
                pending = level
            elif level <= pending:
                pending = 0
            yield heading, "" if pending else heading, [], ""
        elif not pending:
            begin = 0
            for marker in _MARKER.finditer(piece):
                sources = (marker["sources"] or "").split()
                yield heading, piece[begin : marker.start()], sources, marker["given"] or ""
                begin = marker.end()
            yield heading, piece[begin:], [], ""


def commands(path: Path) -> list[str]:
    """The commands that a report names: python validation/..., mocoupled reproduce or compare ....

    For a CSV file, those that the report beside it names.
    """
    reports = path.parent.glob("*.md") if path.suffix == ".csv" else (path,)
    text = "\n".join(report.read_text(encoding="utf-8") for report in reports)
    return re.findall(r"(?:python validation/[\w/]+\.py|mocoupled (?:reproduce|compare) [\w]+)", text)


def source(name: str, page: Path) -> list[Number]:
    """The numbers of a source. ValueError for an unknown source, or where its command does not stand on the
    page."""
    if name == "printed":
        printed = [block.text for block in examples.blocks(page) if block.kind == "prints"]
        return [number for text in printed for number in numbers(text)]
    if name == "below":
        return numbers(written(page)[1])
    text = page.read_text(encoding="utf-8")
    stored = examples.OUTPUTS / f"{name}.txt"
    if stored.exists():
        command, _, output = stored.read_text(encoding="utf-8").partition("\n----\n")
        if command not in text:
            raise ValueError(f"{name}: its command does not stand on {page.name}: {command}")
        return numbers(output)
    path = ROOT / name
    if not path.is_file():
        raise ValueError(f"{name}: neither a stored output nor a file of the repository")
    if not any(command in text for command in commands(path)):
        raise ValueError(f"{name}: none of its commands {commands(path)} stands on {page.name}")
    return numbers(written(path)[1])


def unaccounted(page: Path) -> list[str]:
    """A line for each fault of the numbers of a page; none if each number has a source."""
    faults = []
    for heading, text, sources, stated_text in passages(page):
        among: list[Number] = []
        for name in sources:
            try:
                among += source(name, page)
            except ValueError as error:
                faults.append(f"{page.name} [{heading}] {error}")
        stated = [number.value for number in numbers(stated_text)]
        for number in numbers(silenced(text)):
            if number.value in stated or -number.value in stated or occurs(number, among):
                continue
            percent = " %" if number.percent else ""
            listed = "; ".join(sources) or "no source"
            faults.append(f"{page.name} [{heading}] {number.text}{percent}: {listed}")
    return faults


def main(paths: list[str]) -> int:
    """Print the faults of pages, all by default; 1 where there are any."""
    pages = [Path(path).resolve() for path in paths] or [*examples.PAGES, *REPORTS]
    faults = [line for page in pages for line in unaccounted(page)]
    print("\n".join(faults) or "every number is accounted for")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
