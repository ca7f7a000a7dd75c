"""The star of a case: its light along the time of the run, at the orbit of the planet, with its checks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import sympy

from ..atmosphere.star_tracks import Track, baraffe, track_of
from ..atmosphere.stars import effective_temperature, log10_years
from ..case import Case
from ..closures.registry import find
from ..constants import ASTRONOMICAL_UNIT, SOLAR_MASS, YEAR
from ..dae.declare.model import TIME
from ..errors import InputError


@dataclass(frozen=True)
class Starlight:
    """The star's light as expressions of TIME, the time since the start [s].

    luminosity: bolometric, xuv_luminosity [W]. temperature: effective, of the star [K]; None where no track
    has the star's mass. orbit [m]. age: of the star [s].
    """

    luminosity: sympy.Expr
    xuv_luminosity: sympy.Expr
    temperature: sympy.Expr | None
    orbit: float
    age: sympy.Expr

    @property
    def insolation(self) -> sympy.Expr:
        """Light on a disc at the orbit [W/m2]: 1361 from the present Sun at 1 au."""
        return self.luminosity / (4 * math.pi * self.orbit**2)

    @property
    def mean_insolation(self) -> sympy.Expr:
        """Light on the sphere of the planet, mean of day and night [W/m2]."""
        return self.insolation / 4

    @property
    def xuv_flux(self) -> sympy.Expr:
        """XUV radiation on a disc at the orbit [W/m2]."""
        return self.xuv_luminosity / (4 * math.pi * self.orbit**2)


def starlight(case: Case) -> Starlight:
    """The light of the case's star.

    InputError for a mass outside the tracks, an age before or after the track, and an orbit inside the star.
    """
    star = case.star
    mass = star.kilograms
    track = _track(case, mass)
    age = star.age + TIME
    luminosity: sympy.Expr
    if isinstance(star.luminosity, str):
        where = f"{case.name} [star] luminosity = {star.luminosity!r}"
        luminosity = sympy.sympify(find("luminosity", star.luminosity, where)(mass=mass, age=age))
    else:
        luminosity = sympy.Float(star.luminosity)
    xuv = star.xuv_law
    if isinstance(xuv, str):
        law = find("xuv", xuv, f"{case.name} [star] xuv = {xuv!r}")
        xuv_luminosity = sympy.sympify(law(luminosity=luminosity, age=age))
    else:
        xuv_luminosity = sympy.Float(xuv)
    temperature = None if track is None else effective_temperature(mass)(log10_years(age))
    return Starlight(luminosity, xuv_luminosity, temperature, case.planet.orbit, age)


def _track(case: Case, mass: float) -> Track | None:
    """The checked track of the star; None for a mass without one, of a constant luminosity."""
    star, masses = case.star, baraffe().masses
    by_track = isinstance(star.luminosity, str)
    if not masses[0] <= mass <= masses[-1]:
        if not by_track:
            return None
        raise InputError(
            f"{case.name} [star] mass = {mass / SOLAR_MASS:g} M_sun",
            "no track of luminosity has a star of this mass.",
            f"allowed: {masses[0] / SOLAR_MASS:g} to {masses[-1] / SOLAR_MASS:g} M_sun",
            "set star.luminosity to a constant, for instance '2 L_sun'",
        )
    track = track_of(mass)
    if by_track:
        _check_ages(case, track)
    radius = track.radius(min(max(star.age, track.first), track.last))
    if case.planet.orbit <= radius:
        raise InputError(
            f"{case.name} [planet] orbit = {case.planet.orbit / ASTRONOMICAL_UNIT:.4g} au",
            f"the orbit is inside the star, whose radius at {star.age / YEAR / 1e6:g} Myr is "
            f"{radius / ASTRONOMICAL_UNIT:.4g} au.",
            "allowed: outside the star",
        )
    return track


def _check_ages(case: Case, track: Track) -> None:
    """InputError for a star that is younger or older than its track, at the start or the end of the run."""
    age, end = case.star.age, case.run.end_time
    myr = 1e6 * YEAR
    allowed = f"allowed: {track.first / myr:.4g} to {track.last / myr:.4g} Myr with this mass"
    cure = "set star.luminosity to a constant, for instance '0.7 L_sun'"
    # ages are read from decimal text: the ends of the track are allowed to rounding
    if not track.first * (1.0 - 1e-9) <= age <= track.last * (1.0 + 1e-9):
        side = "younger" if age < track.first else "older"
        raise InputError(
            f"{case.name} [star] age = {age / myr:g} Myr",
            f"the star is {side} than its track.",
            allowed,
            cure,
        )
    if end is not None and age + end > track.last * (1.0 + 1e-9):
        raise InputError(
            f"{case.name} [run] end_time = {end / myr:g} Myr",
            f"the star would be {(age + end) / myr:g} Myr old, older than its track.",
            f"allowed: up to {(track.last - age) / myr:.4g} Myr with [star] age = {age / myr:g} Myr",
            "end the run earlier, or " + cure,
        )
