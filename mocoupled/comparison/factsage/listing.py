"""The text that a FactSage Equilib run prints, in its two layouts: a table of constituents, and formulas in
brackets.

Table: lines "T = 1388.00 K", "P = 794.0 bar", "V = 0.24 dm3", STREAM CONSTITUENTS with amounts, "PHASE:
gas_ideal mol bar" with amount, mole fraction and fugacity of each constituent, other phases likewise, then
the pure condensates with amount and activity. Brackets: "3.1 mol gas_ideal ( 0.58 H2O + 0.27 H2 … )" with
"(1388.00 K, 794.0 bar, …)" beside it or "T = …" above, and "+ 0.2 mol C_Graphite(s) (…, a=1.0)". The numbers
in brackets may be mole fractions, pressures or moles, as their sum shows. Several runs may follow each other
in a file. Solutions other than the gas, and all other lines, are passed over by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ...errors import InputError
from .file_head import read_head
from .listing_lines import (
    AMOUNT,
    CONDITION,
    CUTOFF,
    HEAD,
    PHASE,
    PURE,
    REACTANTS,
    ROW,
    SHARE,
    STREAM,
    VERSION,
)
from .listing_products import (
    is_condition,
    measure,
    read_amount,
    read_condition,
    read_inside,
    read_phase,
    read_reactants,
    read_row,
    read_share,
    read_solution_total,
)
from .listing_run import Run, record_of_run
from .printed_numbers import TOKEN, decimal_mark, short, with_point
from .record import Record
from .species_names import GAS_PHASE


def is_listing(body: Sequence[tuple[int, str]]) -> bool:
    """Whether these lines (number, text) are of an Equilib run and not of a CSV table."""
    return any(_is_of_listing(line) for _, line in body)


def _is_of_listing(line: str) -> bool:
    named = re.search(r"\bgas_(ideal|real)\b", line) is not None and "," not in line.split("(")[0]
    return (
        named or re.match(r"\s*T\s*=\s*[+-]?[\d.,]", line, re.I) is not None or PHASE.match(line) is not None
    )


def read_listing(file: Path, lines: Sequence[str]) -> tuple[Record, ...]:
    """Every run of the text as a Record; the oxygen is that of the closed system."""
    lines = _with_points(file.name, lines)
    runs = list(_runs(file.name, lines))
    if not runs:
        allowed = "allowed: 'PHASE: gas_ideal …', '… mol gas_ideal ( … )', or pure condensates"
        raise InputError(
            file.name, "the text of the Equilib run has no gas phase and no condensate.", allowed
        )
    cutoffs = dict.fromkeys(match[1] for line in lines if (match := CUTOFF.search(line)))
    head = read_head(file, lines, listing=True)
    if cutoffs and head.zero == "not stated":
        head = replace(head, zero=f"below the cutoff of {', '.join(cutoffs)}")
    if len(runs) == 1:
        return (record_of_run(file, runs[0], 0, head),)
    return tuple(record_of_run(file, run, number, head) for number, run in enumerate(runs, 1))


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _with_points(name: str, lines: Sequence[str]) -> list[str]:
    """The lines with decimal points in all numbers. name: of the file."""
    texts = []
    for number, line in enumerate(lines, 1):
        if not _is_comment(line):
            texts += [(f"line {number}", text) for text in TOKEN.findall(VERSION.sub(" ", line))]
    mark = decimal_mark(texts, name, ",")
    return [
        line if _is_comment(line) else TOKEN.sub(lambda match: with_point(match[0], mark), line)
        for line in lines
    ]


def _runs(name: str, lines: Sequence[str]) -> Iterator[Run]:
    """The runs of the lines. name: of the file."""
    run, mode, depth = Run(1), "", 0
    for at, line in enumerate(lines, 1):
        place = f"{name} line {at}"
        if not line.strip() or _is_comment(line):
            mode = "" if mode in ("stream", "pure", "components") else mode
            continue
        inside = mode in ("brackets", "solution brackets") and depth > 0
        if mode in ("brackets", "solution brackets"):
            depth = max(depth + line.count("(") - line.count(")"), 0)
        if _starts(line, run, inside):
            yield run
            run, mode = Run(at), ""
        mode = _read_line(run, place, at, line, mode, inside)
        if AMOUNT.match(line) and not inside and mode in ("brackets", "solution brackets"):
            depth = max(line.count("(") - line.count(")"), 0)
    if run.begun:
        yield run


def _starts(line: str, run: Run, inside: bool) -> bool:
    """Whether a line begins another run. inside: whether the line is within brackets."""
    if not run.begun:
        return False
    if any(kind.upper().startswith("T") for kind, _, _ in _conditions(line)):
        return True
    if STREAM.match(line) or (REACTANTS.match(line) and not inside):
        return True
    match = AMOUNT.match(line)
    if match is None or inside or line.lstrip().startswith("+"):
        return False
    return bool(run.gas) and GAS_PHASE.fullmatch(match[3]) is not None


def _conditions(line: str) -> list[tuple[str, str, str]]:
    """(name, number, unit) of each condition of a line; none of a line in brackets."""
    return [] if line.lstrip().startswith("(") else CONDITION.findall(line)


def _read_line(run: Run, place: str, at: int, line: str, mode: str, inside: bool) -> str:
    """Read a line into the run. at: its number; inside: whether it is within brackets.

    mode: what the lines before it announced. Returns the mode for the next line.
    """
    if conditions := _conditions(line):
        for kind, text, unit in conditions:
            read_condition(run, place, kind[0].upper(), text, unit)
        return ""
    if match := STREAM.match(line):
        return f"stream {measure(place, match[1])}"
    if match := HEAD.match(line):
        run.by_mass = run.by_mass or (match[1].upper() != "MOLE" and not run.gas)
        return mode
    if match := PHASE.match(line):
        return read_phase(run, place, at, match[1], match[2])
    if re.match(r"\s*TOTAL\s*:", line, re.I) or set(line.strip()) <= set("*-=_ "):
        if mode == "solution":
            read_solution_total(run, line)
        return ""
    if re.match(r"\s*System\s+component", line, re.I):
        run.passed["the table of system components"] = (
            "amounts of elements in each phase, which are not compared"
        )
        return "components"
    if (match := PURE.match(line)) and mode != "gas":
        return f"pure {measure(place, match[1])}"
    if mode == "components":
        return mode
    in_table = mode.split(" ")[0] in ("stream", "gas", "pure", "solution") and mode != "solution brackets"
    if in_table and (match := ROW.match(line)):
        numbers = [match[3], *match[4].split()]
        read_row(run, place, mode, match[1], numbers, match[2] or match[5] or "")
        return mode
    return _read_brackets(run, place, at, line, mode, inside)


def _read_brackets(run: Run, place: str, at: int, line: str, mode: str, inside: bool) -> str:
    """Read a line of the layout with brackets, or of the input, as `_read_line`."""
    if inside and mode == "solution brackets":
        return mode
    if (match := AMOUNT.match(line)) and not inside:
        return read_amount(run, place, at, match)
    if mode in ("brackets", "condensate", "solution brackets") and is_condition(line):
        read_inside(run, place, line, mode)
        return mode
    if mode == "brackets" and (match := SHARE.match(line)):
        read_share(run, place, match)
        return mode
    if mode == "solution brackets" and (SHARE.match(line) or line.lstrip().startswith("(")):
        return mode
    if REACTANTS.match(line):
        read_reactants(run, place, line)
        return ""
    if re.search(r"[A-Za-z]{2}", line) and not CUTOFF.search(line):
        run.unread.append(f"line {at} {short(line.strip()[:40])}")
    return mode
