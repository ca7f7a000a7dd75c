"""Luminosity and effective temperature of a star of any mass along its age: between shipped tracks."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..constants import SOLAR_LUMINOSITY, SOLAR_MASS, STEFAN_BOLTZMANN_CONSTANT, YEAR
from ..dae.leaves.smooth_curve import Curve

FILE = Path(__file__).with_name("star_tracks.json")
# The table's luminosity is over that of the Sun: the nominal one is taken, 0.3 % below the 3.839e26 W of its
# authors, so that 1 means 1361 W/m2 at 1 au.


@dataclass(frozen=True, eq=False)
class Tracks:
    """Tracks of stars. masses: (mass,) [kg], ascending. log10_age: (age,) of years.

    log10_luminosity [of the Sun's], temperature [K]: (mass, age), NaN beyond the end of a track.
    """

    masses: np.ndarray
    log10_age: np.ndarray
    log10_luminosity: np.ndarray
    temperature: np.ndarray
    source: str


@dataclass(frozen=True, eq=False)
class Track:
    """One star. log10_luminosity [of the Sun's], temperature [K]: curves of log10(age/yr).

    first, last: ages between which the track is known [s].
    """

    log10_luminosity: Curve
    temperature: Curve
    first: float
    last: float

    def luminosity(self, age: float) -> float:
        """Bolometric luminosity [W] at an age [s] within the track."""
        return SOLAR_LUMINOSITY * 10.0 ** self.log10_luminosity((0,), math.log10(age / YEAR))

    def radius(self, age: float) -> float:
        """Radius [m] at an age [s] within the track: of a black body of its temperature and luminosity."""
        T = self.temperature((0,), math.log10(age / YEAR))
        return math.sqrt(self.luminosity(age) / (4.0 * math.pi * STEFAN_BOLTZMANN_CONSTANT * T**4))


@lru_cache(maxsize=1)
def baraffe() -> Tracks:
    """The tracks of Baraffe et al. 2015 (BHAC15): 0.075 to 1.4 solar masses, every 0.1 dex of age."""
    document = json.loads(FILE.read_text(encoding="utf-8"))
    tracks = document["tracks"]
    longest = max((track["log10_age"] for track in tracks.values()), key=len)

    def table(column: str) -> np.ndarray:
        rows = [
            [*row, *[math.nan] * (len(longest) - len(row))] for row in (t[column] for t in tracks.values())
        ]
        return np.array(rows)

    return Tracks(
        masses=np.array([float(mass) for mass in tracks]) * SOLAR_MASS,
        log10_age=np.array(longest),
        log10_luminosity=table("log10_luminosity"),
        temperature=table("effective_temperature"),
        source=document["source"],
    )


@lru_cache(maxsize=32)
def track_of(mass: float) -> Track:
    """The track of a star of this mass [kg], within those of `baraffe`. ValueError for another mass.

    Between masses: monotone cubics in ln(mass) at each age, of log10 L and of T. Between ages: cubic splines
    in log10(age). A track ends where that of a neighbour in mass ends.
    """
    from scipy.interpolate import PchipInterpolator  # on use: it takes 0.4 s to import

    tracks = baraffe()
    masses = tracks.masses
    if not masses[0] <= mass <= masses[-1]:
        raise ValueError(f"no track for {mass / SOLAR_MASS:g} solar masses")
    above = int(np.searchsorted(masses, mass))
    neighbours = [above] if masses[above] == mass else [above - 1, above]
    ages = np.isfinite(tracks.log10_luminosity[neighbours]).all(axis=0)
    luminosity: list[float] = []
    temperature: list[float] = []
    for k in np.flatnonzero(ages):
        known = np.isfinite(tracks.log10_luminosity[:, k])
        x = np.log(masses[known])
        for values, table in ((luminosity, tracks.log10_luminosity), (temperature, tracks.temperature)):
            values.append(float(PchipInterpolator(x, table[known, k])(math.log(mass))))
    log10_age = tracks.log10_age[ages]
    first, last = (YEAR * 10.0 ** float(end) for end in (log10_age[0], log10_age[-1]))
    return Track(Curve(log10_age, np.array(luminosity)), Curve(log10_age, np.array(temperature)), first, last)
