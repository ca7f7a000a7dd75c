"""Stars that a case may name: their masses, and the law of their XUV radiation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ..constants import SOLAR_MASS

# a star of a mass alone: below this mass [M_sun] it has the XUV law of M stars, else that of solar ones
M_STAR = 0.6
XUV_OF_M_STARS, XUV_OF_SOLAR_STARS = "LugerBarnes2015", "Ribas2005-saturated"
# a mass of a named star that is stated too agrees within this
AGREEMENT = 0.005


@dataclass(frozen=True)
class KnownStar:
    """mass: in solar masses. xuv: name of the law of its XUV radiation. reference: of the mass."""

    mass: float
    xuv: str
    reference: str


STARS: Mapping[str, KnownStar] = MappingProxyType(
    {
        "Sun": KnownStar(1.0, "Ribas2005", "by definition"),
        "TRAPPIST-1": KnownStar(0.0898, "Fleming2020", "Agol et al. 2021, Planet. Sci. J. 2, 1"),
        "L 98-59": KnownStar(0.273, XUV_OF_M_STARS, "Demangeon et al. 2021, Astron. Astrophys. 653, A41"),
        "TOI-561": KnownStar(
            0.785, XUV_OF_SOLAR_STARS, "Lacedelli et al. 2021, Mon. Not. R. Astron. Soc. 501, 4148"
        ),
        "55 Cnc": KnownStar(0.905, XUV_OF_SOLAR_STARS, "von Braun et al. 2011, Astrophys. J. 740, 49"),
        "K2-141": KnownStar(0.708, XUV_OF_SOLAR_STARS, "Malavolta et al. 2018, Astron. J. 155, 107"),
    }
)


def mass_of(name: str | None, mass: float | None) -> float:
    """Mass [kg] of a star: the stated one, or that of its name. KeyError for a name that is not known."""
    if mass is not None:
        return mass
    return STARS[name or ""].mass * SOLAR_MASS


def xuv_of(name: str | None, mass: float) -> str:
    """Name of the XUV law of a star: that of its name, or by its mass [kg]."""
    if name is not None and name in STARS:
        return STARS[name].xuv
    return XUV_OF_M_STARS if mass < M_STAR * SOLAR_MASS else XUV_OF_SOLAR_STARS
