"""The cases behind Bower et al. 2022: their names, which figure needs which, and those built here for lack of a shipped one."""

from __future__ import annotations

from ...case import Case, shipped_cases

OCEANS, FEW = tuple(range(1, 11)), (1, 3, 10)  # inventories of H; those of Fig. 4, 5, 8, 14-16
REDOX_OCEANS = (1, 3, 5, 10)  # inventories of the shipped cases at other oxygen fugacities
CARBON, OFFSETS, NOMINAL = (0.1, 1.0, 5.0), (-2.0, 0.5, 2.0, 4.0), 0.5  # C/H by mass; dex from IW
QUICK_CELLS = 50
FIGURES = {
    2: "E1 and F1 in time and depth", 3: "depletion of hydrogen and lifetime, no carbon", 4: "mixing ratios at IW+0.5",
    5: "partial pressures at IW+0.5", 6: "depletion of hydrogen against its inventory", 7: "depletion of hydrogen and time, with carbon",
    8: "mixing ratios at C/H = 1", 9: "depletion of hydrogen by oxygen fugacity", 10: "depletion of hydrogen and time by oxygen fugacity",
    11: "escape", 14: "mixing ratios at IW-2", 15: "mixing ratios at IW+2", 16: "mixing ratios at IW+4",
}  # fmt: skip


def name(oceans: int, carbon: float = 0.0, offset: float = NOMINAL) -> str:
    """Name of a case with crystals of 5 cm: F3, F3-C1, F3-C1-IW-2."""
    if offset == NOMINAL:
        return f"F{oceans}-C{carbon:g}" if carbon else f"F{oceans}"
    return f"F{oceans}-C{carbon:g}-IW{offset:+g}"


def read(case_name: str) -> Case:
    """The shipped case; or, where only the carbon-free one at IW+0.5 is shipped, that one at another oxygen fugacity."""
    base, mark, offset = case_name.partition("-C0-IW")
    if mark and case_name not in shipped_cases():
        oceans = base[1:]
        title = f"{oceans} ocean{'s' if oceans != '1' else ''} of H, no C, IW{offset}"
        return Case.read(base).replace(
            {"name": case_name, "title": title, "redox.oxygen_fugacity": f"IW{offset}"}
        )
    return Case.read(case_name)


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
    grids |= {
        k: [name(n, c, d) for c in (0.0, *CARBON) for n in FEW] for k, d in ((14, -2.0), (15, 2.0), (16, 4.0))
    }
    return tuple(grids[figure])


def collect(names, quick: bool = False) -> dict[str, Case]:
    """name -> case. quick: with 50 cells where the mantle is a column."""
    found = {}
    for one in dict.fromkeys(names):
        case = read(one)
        if quick and case.mantle.model != "lumped":
            case = case.replace({"mantle.cells": QUICK_CELLS})
        found[one] = case
    return found
