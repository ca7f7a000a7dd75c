"""The keys of a case on what is above its surface: the atmosphere that lets heat out, and the star."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, model_validator

from ..atmosphere.known_stars import AGREEMENT, STARS, mass_of, xuv_of
from ..constants import SOLAR_MASS
from ..errors import nearest
from .quantities import SI, SIOrLaw, nothing, refusal
from .section import Section, Text, frozen, says


class Atmosphere(Section):
    """How the atmosphere lets heat out and starlight in."""

    radiation: Text = says("AbeMatsui1985", "name of the law for the outgoing flux")
    opacity_factor: Annotated[float, SI("1", 0.01, 100)] = says(
        1.0, "factor on all absorption of the law 'bands'; 0.5 to 2 is what is not known of it"
    )
    stratosphere: Annotated[float | None, SI("K", 100, 1000, optional=True)] = says(
        None,
        "temperature of the stratosphere of the law 'bands'; none: (F/2 sigma)^(1/4) of the absorbed flux F, "
        "within 150 to 450 K",
    )
    albedo: Annotated[float | str, SIOrLaw("1", 0, 1, kind="albedo")] = says(
        0.1,
        "share of the starlight that the planet reflects, beside the law 'bands': a number, or the name of a "
        "law of the gas",
    )
    emissivity: Annotated[float | None, SI("1", 0, 1, optional=True)] = says(
        None, "the emissivity of a law that takes one ('constant-emissivity'); none: from the optical depth"
    )
    absorption: Annotated[dict[Text, Annotated[float, SI("m^2/kg", 0)]], frozen] = says(
        dict, "species: absorption coefficient at 101325 Pa, in place of the mechanism's"
    )


class Star(Section):
    """The star, whose light the law 'bands' absorbs and whose XUV drives escape."""

    name: Annotated[Text | None, BeforeValidator(nothing)] = says(
        "Sun", f"a star of known mass: {', '.join(STARS)}; none: by mass"
    )
    mass: Annotated[float | None, SI("kg", 1e28, 1e33, optional=True)] = says(
        None, "mass of the star, e.g. '0.09 M_sun', in place of its name; none: of the name"
    )
    age: Annotated[float, SI("s", 1e10, 1e19)] = says("50 Myr", "age of the star at the start of the run")
    luminosity: Annotated[float | str, SIOrLaw("W", 1e18, 1e33, kind="luminosity")] = says(
        "Baraffe2015", "name of the track of its luminosity, or a constant, e.g. '0.7 L_sun'"
    )
    xuv: Annotated[float | str | None, SIOrLaw("W", 0, 1e31, kind="xuv", nothing="auto")] = says(
        None,
        "name of the law of its XUV luminosity, or a constant; auto: that of the named star, or by the mass",
        json_schema_extra={"nothing": "auto"},
    )

    @model_validator(mode="before")
    @classmethod
    def _one_star(cls, section: object) -> object:
        if not isinstance(section, dict) or nothing(section.get("mass")) is None or "name" in section:
            return section
        return {**section, "name": "none"}

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.name is None:
            if self.mass is None:
                cure = "set star.name = 'Sun' or a mass"
                raise refusal("the star has neither a name nor a mass.", "", cure, "mass")
            return self
        if self.name not in STARS:
            allowed = f"allowed: {', '.join(map(repr, STARS))}; or 'none' beside star.mass."
            raise refusal("no star of this name is known.", allowed, nearest(self.name, STARS), "name")
        known = STARS[self.name].mass
        if self.mass is not None and abs(self.mass / SOLAR_MASS / known - 1.0) > AGREEMENT:
            raise refusal(
                f"{self.mass / SOLAR_MASS:g} solar masses are not those of {self.name}, {known:g}.",
                "allowed: a name or a mass; both where they agree.",
                "set star.name = 'none' for a star of this mass",
                "mass",
            )
        return self

    @property
    def kilograms(self) -> float:
        """Mass of the star [kg], stated or of its name."""
        return mass_of(self.name, self.mass)

    @property
    def xuv_law(self) -> float | str:
        """XUV luminosity [W], or the name of its law."""
        return xuv_of(self.name, self.kilograms) if self.xuv is None else self.xuv


# ---- the equilibrium temperature belongs to grey laws, the star to the law "bands"

BANDS = "bands"


def radiates_by_bands(document: dict[str, Any]) -> bool:
    """Whether the document of a case has the law "bands", by its name or by default."""
    atmosphere = document.get("atmosphere", {})
    default = Atmosphere.model_fields["radiation"].default
    return isinstance(atmosphere, dict) and atmosphere.get("radiation", default) == BANDS


def without_idle_temperature(document: dict[str, Any]) -> dict[str, Any]:
    """The document with planet.equilibrium_temperature = "none" beside the law "bands", where not stated."""
    planet = document.get("planet", {})
    if not radiates_by_bands(document) or not isinstance(planet, dict) or "equilibrium_temperature" in planet:
        return document
    return {**document, "planet": {**planet, "equilibrium_temperature": "none"}}


def temperature_and_star(bands: bool) -> tuple[str, str, str]:
    """Problem, allowed and cure: an equilibrium temperature beside "bands", or none beside a grey law."""
    if bands:
        return (
            "it belongs to the grey laws; the law 'bands' absorbs the light of the star.",
            "allowed: 'none' with atmosphere.radiation = 'bands'.",
            "remove it, and set planet.orbit, atmosphere.albedo and [star]; or choose a grey law, "
            "atmosphere.radiation = 'AbeMatsui1985'",
        )
    return (
        "a grey law needs it.",
        "allowed: a temperature; 'none' with atmosphere.radiation = 'bands'.",
        "set planet.equilibrium_temperature, or atmosphere.radiation = 'bands'",
    )
