"""Figures 3 and 4 of Nabiei et al. 2021, drawn again from the melting model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..paper import PIXELS, picture
from .values import PRESSURE, Melts

if TYPE_CHECKING:
    from ...plots.figure_type import Figure

FIGURES: Mapping[int, str] = MappingProxyType(
    {
        3: "Phase diagram MgO-FeO-SiO2 at 52 GPa",
        4: "Cotectic melt and solids along the line of descent of olivine",
    }
)


def draw(figure: int, melts: Melts, where: Path) -> Path:
    """Draw a figure into where/figures. Returns its path."""
    from ...plots.style import save

    path = where / picture(figure)
    path.parent.mkdir(parents=True, exist_ok=True)
    attributes = {"case_name": "Nabiei et al. 2021", "source": "mocoupled"}
    return save(_DRAWN[figure](melts), path, attributes, dpi=PIXELS, packed=9)


def _ternary(melts: Melts) -> Figure:
    from ...lower_mantle import ternary
    from ...plots.ternary import draw_ternary

    caption = (
        "Fig. 3 of Nabiei et al. 2021, drawn again by mocoupled from the same thermodynamic model; the "
        "measured compositions (Table S3) were not at hand. Dark line: cotectic ferropericlase-bridgmanite; "
        "violet: bridgmanite-stishovite; dashed: compositions of the solids."
    )
    paths = {"olivine": melts.olivine, "pyrolite": melts.pyrolite}
    return draw_ternary(ternary(PRESSURE), paths, caption)


def _descent(melts: Melts) -> Figure:
    from ...plots.ternary import draw_path

    caption = (
        "Fig. 4 of Nabiei et al. 2021, drawn again by mocoupled: fractional crystallisation at 52 GPa. The "
        "paper counts temperature from the liquidus; its 35-205 K can only be meant from the onset of the "
        "cotectic, which stands 373 K lower. The measured points (Table S3) were not at hand."
    )
    paths = {"olivine": melts.olivine, "pyrolite": melts.pyrolite}
    return draw_path(paths, "Cotectic melt and solids along the line of descent", caption)


_DRAWN: Mapping[int, Callable[[Melts], Figure]] = MappingProxyType({3: _ternary, 4: _descent})
