"""The cases behind the maps from runs: over hydrogen, carbon and oxidation state, which set the life of the
ocean, and over the mass of the planet and its iron."""

from __future__ import annotations

from ...case import Case

OCEANS, OFFSETS, RATIOS = (0.3, 1.0, 3.0, 10.0), (-2.0, 0.5, 2.0, 4.0), (0.1, 1.0, 5.0)
QUICK = ((1.0, 10.0), (-2.0, 4.0), (0.1, 5.0))
CELLS, FEWER = 50, 30
MAPS = {"oxidation": "C/H = 1 by mass", "carbon": "IW+0.5"}
USUAL = {"oxidation": 1.0, "carbon": 0.5}  # C/H of the first map, offset from IW of the second
# of the map over size: Earth masses; Fe/(Fe + Mg) of the mantle
MASSES, IRON = (0.05, 0.2, 1.0, 2.0, 5.0), (0.05, 0.1, 0.2)
QUICK_SIZES = ((0.05, 5.0), (0.1, 0.2))
SIZE = "size"
# Earth masses; a larger mantle cannot start molten at all depths, and starts from a temperature
MOLTEN_TO, HOT_START = 3.4, "3400 K"
LAST_MELT = 0.02  # melt fraction at which a run ends, before its lid or after it
# Pa s, the lower end of the paper's viscosities, where remelting matters within the lifetimes of these
# oceans.
SOFT = 1e17


def cases_of_maps(quick: bool) -> dict[tuple[str, float, float], Case]:
    """(map, oceans, offset from IW [dex] or C/H by mass) -> case.

    Each is an Earth with crystals of 5 cm, evolved past its lid to LAST_MELT, coupled to its iron.
    """
    oceans, offsets, ratios = QUICK if quick else (OCEANS, OFFSETS, RATIOS)
    earth = _coupled_earth(quick)
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


def cases_of_sizes(quick: bool) -> dict[tuple[str, float, float], Case]:
    """(SIZE, mass in Earth masses, Fe/(Fe + Mg) of the mantle) -> case.

    The structure is hydrostatic, with a share of the core as Earth; volatiles are as concentrated as in the
    earth case. Each starts molten at all depths; those above MOLTEN_TO start from HOT_START, with crystals.
    """
    masses, shares = QUICK_SIZES if quick else (MASSES, IRON)
    earth, cases = _coupled_earth(quick), {}
    for mass in masses:
        for share in shares:
            cases[SIZE, mass, share] = earth.replace(
                {
                    "planet.mass": f"{mass:g} M_earth",
                    "volatiles.hydrogen": "110.5 ppmw",
                    "volatiles.carbon": "1 C/H",
                    "cumulates.bulk_iron": share,
                    "run.initial_surface_temperature": "molten" if mass <= MOLTEN_TO else HOT_START,
                    "name": f"M{mass:g}-Fe{100 * share:g}",
                }
            )
    return cases


def _coupled_earth(quick: bool) -> Case:
    """The earth case below a grey atmosphere, coupled to its iron, that goes on to LAST_MELT."""
    return Case.read("earth").replace(
        {
            "atmosphere.radiation": "AbeMatsui1985",
            "planet.equilibrium_temperature": "273 K",
            "cumulates.coupled": True,
            "run.after_lid": "open",
            "run.end_melt_fraction": LAST_MELT,
            "cumulates.viscosity": SOFT,
            "mantle.cells": FEWER if quick else CELLS,
        }
    )


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
