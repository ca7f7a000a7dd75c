"""The cases behind Bower et al. 2022: their names, which figure needs which, and those that are not
shipped."""

from __future__ import annotations

from collections.abc import Iterable

from ...case import Case, shipped_cases

OCEANS = tuple(range(1, 11))  # inventories of H
FEW = (1, 3, 10)  # those of Fig. 4, 5, 8, 14-16
REDOX_OCEANS = (1, 3, 5, 10)  # inventories of the shipped cases at other oxygen fugacities
CARBON = (0.1, 1.0, 5.0)  # C/H by mass
OFFSETS, NOMINAL = (-2.0, 0.5, 2.0, 4.0), 0.5  # dex from IW
QUICK_CELLS = 50
FIGURES = {
    2: "E1 and F1 in time and depth",
    3: "depletion of hydrogen and lifetime, no carbon",
    4: "mixing ratios at IW+0.5",
    5: "partial pressures at IW+0.5",
    6: "depletion of hydrogen against its inventory",
    7: "depletion of hydrogen and time, with carbon",
    8: "mixing ratios at C/H = 1",
    9: "depletion of hydrogen by oxygen fugacity",
    10: "depletion of hydrogen and time by oxygen fugacity",
    11: "escape",
    14: "mixing ratios at IW-2",
    15: "mixing ratios at IW+2",
    16: "mixing ratios at IW+4",
}


def name(oceans: int, carbon: float = 0.0, offset: float = NOMINAL) -> str:
    """Name of a case with crystals of 5 cm: F3, F3-C1, F3-C1-IW-2. carbon: C/H by mass; offset: from IW
    [dex]."""
    if offset == NOMINAL:
        return f"F{oceans}-C{carbon:g}" if carbon else f"F{oceans}"
    return f"F{oceans}-C{carbon:g}-IW{offset:+g}"


def read(case_name: str) -> Case:
    """The case of a name, as shipped.

    Cases without carbon are shipped at IW+0.5 only; at another oxygen fugacity the case is built from that
    one.
    """
    base, mark, offset = case_name.partition("-C0-IW")
    if not mark or case_name in shipped_cases():
        return Case.read(case_name)
    oceans = base[1:]
    title = f"{oceans} ocean{'s' if oceans != '1' else ''} of H, no C, IW{offset}"
    return Case.read(base).replace(
        {"name": case_name, "title": title, "redox.oxygen_fugacity": f"IW{offset}"}
    )


def of_figure(figure: int, quick: bool = False) -> tuple[str, ...]:
    """Names of the cases that a figure draws. quick: of inventories 1, 3 and 10 alone."""
    oceans, redox = (FEW, FEW) if quick else (OCEANS, REDOX_OCEANS)
    grids = {
        2: ["E1", "F1"],
        3: [f"{kind}{n}" for kind in ("E", "WE", "F", "WF") for n in oceans],
        4: [name(n, c) for c in (0.0, *CARBON) for n in FEW],
        5: [name(n, c) for c in CARBON for n in FEW],
        6: [name(n, c) for c in (0.0, *CARBON) for n in oceans],
        7: [name(n, c) for c in CARBON for n in oceans],
        8: [name(n, 1.0, d) for d in OFFSETS for n in FEW],
        9: [name(n, 1.0, d) for d in OFFSETS for n in redox],
        10: [name(n, c, d) for d in OFFSETS for c in CARBON for n in redox],
        11: ["R0", "R", "L", name(1, 0.1), name(3, 1.0)],
    }
    for number, offset in ((14, -2.0), (15, 2.0), (16, 4.0)):
        grids[number] = [name(n, c, offset) for c in (0.0, *CARBON) for n in FEW]
    return tuple(grids[figure])


def collect(names: Iterable[str], quick: bool = False) -> dict[str, Case]:
    """Name -> case, in the order of the names. quick: with 50 cells where the mantle is a column."""
    cases = {}
    for case_name in dict.fromkeys(names):
        case = read(case_name)
        if quick and case.mantle.model != "lumped":
            case = case.replace({"mantle.cells": QUICK_CELLS})
        cases[case_name] = case
    return cases
