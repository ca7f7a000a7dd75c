"""The keys of [escape]: loss of gas to space, of H2 alone or of every element."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import model_validator

from .quantities import SI, refusal
from .section import Section, Text, frozen, says

# laws that take the keys of hydrogen alone have any other name
BY_ELEMENT = "ZahnleKasting1986"
ALONE = ("prefactor", "xuv")
XUV_FLUXES = (1e-12, 1e8)  # W/m2, allowed at the orbit
# keys of the cold trap
TRAP = ("tropopause_temperature", "tropopause_pressure")


class Escape(Section):
    """Loss of gas to space."""

    law: Text = says(
        "none",
        "name of the law: none; Zahnle2019, for H2 alone, by prefactor and xuv; ZahnleKasting1986, for every "
        "element, by the other keys",
    )
    prefactor: Annotated[float, SI("1", 0)] = says(1.0, "factor on the law's flux of H2")
    xuv: Annotated[float, SI("1", 0)] = says(1.0, "stellar XUV flux over that at Earth today, for H2 alone")
    xuv_flux: Annotated[float | None, SI("W/m^2", *XUV_FLUXES, optional=True)] = says(
        None, "XUV flux of the star at the planet's orbit, constant; none: by the track of the star"
    )
    efficiency: Annotated[float, SI("1", 0, 1, exclusive="low")] = says(
        0.15, "share of the XUV that lifts gas; 0.1 to 0.3 is usual"
    )
    temperature: Annotated[float, SI("K", 50, 3e4)] = says(
        400.0, "temperature of the homopause, for diffusion through hydrogen"
    )
    drag: bool = says(
        True,
        "whether hydrogen drags the other elements along; false: they stay, and hydrogen is limited by "
        "energy and by its diffusion through them",
    )
    xuv_radius: Annotated[float, SI("1", 1, 100)] = says(
        1.0, "radius at which XUV is absorbed, over that of the surface"
    )
    tides: bool = says(True, "whether the star's tide helps: the Hill sphere of planet, orbit and star")
    recombination_flux: Annotated[float | None, SI("W/m^2", 1e-6, 1e12, optional=True)] = says(
        10.0, "XUV flux above which escape grows as its square root only; none: never"
    )
    cold_trap: Literal["none", "tropopause"] = says(
        "none",
        "none: the gas of the surface reaches the homopause; tropopause: water at most saturated at "
        "tropopause_temperature and tropopause_pressure",
    )
    tropopause_temperature: Annotated[float, SI("K", 110, 640)] = says(200.0, "temperature of the cold trap")
    tropopause_pressure: Annotated[float, SI("Pa", 1, 1e8)] = says(1e4, "pressure of the cold trap")
    tracers: Annotated[dict[Text, Annotated[float, SI("1", 0, 1, exclusive="low")]], frozen] = says(
        dict,
        "D, He, Ne, Ar, Kr, Xe or an isotope such as 36Ar: its atoms over those of hydrogen at the start. "
        "They escape with the others and act on nothing",
    )
    diffusion: Annotated[dict[Text, Annotated[float, SI("1/(m*s)", 1e12, 1e30)]], frozen] = says(
        dict,
        "element: coefficient b of its diffusion through hydrogen at `temperature`, in place of the law's",
    )

    @model_validator(mode="after")
    def _of_the_law(self) -> Self:
        if self.law == "none":
            return self
        by_element = self.law == BY_ELEMENT
        for name in TRAP if by_element and self.cold_trap == "none" else ():
            if getattr(self, name) != type(self).model_fields[name].default:
                cure = "remove it, or set escape.cold_trap = 'tropopause'"
                raise refusal("without a cold trap it would act on nothing.", cure=cure, key=name)
        for name, field in type(self).model_fields.items():
            if name == "law" or (name in ALONE) != by_element:
                continue
            if getattr(self, name) != field.get_default(call_default_factory=True):
                other = "escape of H2 alone" if by_element else f"the law {BY_ELEMENT!r}"
                raise refusal(
                    f"this key belongs to {other}; beside law = {self.law!r} it would act on nothing.",
                    cure=f"remove it, or set escape.law = {'Zahnle2019' if by_element else BY_ELEMENT!r}",
                    key=name,
                )
        return self
