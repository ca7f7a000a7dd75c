"""The cases behind the maps over hydrogen, carbon and oxidation state: the atmosphere sets the life of the
ocean."""

from __future__ import annotations

from ...case import Case

OCEANS, OFFSETS, RATIOS = (0.3, 1.0, 3.0, 10.0), (-2.0, 0.5, 2.0, 4.0), (0.1, 1.0, 5.0)
QUICK = ((1.0, 10.0), (-2.0, 4.0), (0.1, 5.0))
CELLS, FEWER = 50, 30
MAPS = {"oxidation": "C/H = 1 by mass", "carbon": "IW+0.5"}
USUAL = {"oxidation": 1.0, "carbon": 0.5}  # C/H of the first map, offset from IW of the second
LAST_MELT = 0.02  # melt fraction of the last melt; at the lid there is more melt, which is less enriched
# Pa s, the lower end of the paper's viscosities, where remelting matters within the lifetimes of these
# oceans.
SOFT = 1e17


def cases_of_maps(quick: bool) -> dict[tuple[str, float, float], Case]:
    """(map, oceans, offset from IW [dex] or C/H by mass) -> case.

    Each is an Earth with crystals of 5 cm, evolved past its lid to LAST_MELT, coupled to its iron.
    """
    oceans, offsets, ratios = QUICK if quick else (OCEANS, OFFSETS, RATIOS)
    coupled = {
        "cumulates.coupled": True,
        "run.after_lid": "open",
        "run.end_melt_fraction": LAST_MELT,
        "cumulates.viscosity": SOFT,
        "mantle.cells": FEWER if quick else CELLS,
    }
    earth = Case.read("earth").replace(coupled)
    cases = {}
    for hydrogen in oceans:
        for offset in offsets:
            cases["oxidation", hydrogen, offset] = _with_volatiles(
                earth, hydrogen, USUAL["oxidation"], offset
            )
    for hydrogen in oceans:
        for ratio in ratios:
            cases["carbon", hydrogen, ratio] = _with_volatiles(earth, hydrogen, ratio, USUAL["carbon"])
    return cases


def _with_volatiles(earth: Case, hydrogen: float, ratio: float, offset: float) -> Case:
    """hydrogen [oceans], ratio: C/H by mass, offset from IW [dex]."""
    return earth.replace(
        {
            "volatiles.hydrogen": f"{hydrogen:g} ocean",
            "volatiles.carbon": f"{ratio:g} C/H",
            "redox.oxygen_fugacity": f"IW{offset:+g}",
            "name": f"H{hydrogen:g}-C{ratio:g}-IW{offset:+g}",
        }
    )
