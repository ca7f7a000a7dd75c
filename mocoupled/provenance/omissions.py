"""What a result leaves out.

Gases that do not dissolve though a law is shipped, gases without opacity, real gases taken as ideal.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..case import Case
from ..chemistry.gas_mixtures import pure_law
from ..chemistry.gases_by_bands import band_gases
from ..chemistry.real_gases import real_gas
from ..chemistry.records import Mechanism
from ..chemistry.volatile_chemistry import Chemistry
from ..closures.law_types import Law
from ..closures.registry import names
from ..constants import BAR
from ..errors import users_line
from ..melt.associated_solution import OF_CATION
from .weighed_omissions import FROZEN, INERT, SINKING, START, STIFF, WeighedOmission, notable

BANDS = "bands"  # the radiation law with opacities by spectral bands
GREY = "optical_depth"  # argument of the radiation laws to which a gas's opacity matters
EARLY_LID = 10.0  # yr; a column begins with one entropy, and takes some years to cool from the top
LEAST_SOLID = 1e-6  # share of the mantle from which crystals at the start are said
# 27 pi^4/4: the least critical Rayleigh number of a layer heated from below (Rayleigh 1916)
LEAST_RAYLEIGH = 27 * np.pi**4 / 4
# K; by which a core that warms is noted
NOTED_WARMING = 1.0
SHOWN = 5  # condensates that a sentence names


class OmissionWarning(UserWarning):
    """A result leaves out a process that matters to it."""


@dataclass(frozen=True)
class Omission:
    """One thing left out.

    what: "solubility", "opacity", "real gas", "condensates", or one of ALWAYS. species: the gases concerned.
    sentence: what is left out, and the cure. chosen: whether the case itself prescribes it.
    """

    what: str
    species: tuple[str, ...]
    sentence: str
    chosen: bool = False


def omissions_of(case: Case, chemistry: Chemistry, laws: Mapping[str, Law]) -> tuple[Omission, ...]:
    """What the equations of a planet leave out, before anything is solved.

    Opacity counts where there is a radiation law.
    """
    omitted = []
    for name in chemistry.gases:
        known = [law for law in chemistry.mechanism.species[name].melt if law != "none"]
        if chemistry.solubility[name].name == "none" and known:
            laws_for_it = f"laws for it: {', '.join(known)} (volatiles.solubility.{name})"
            sentence = f"{name} does not dissolve in the melt; {laws_for_it}."
            omitted.append(Omission("solubility", (name,), sentence, name in case.volatiles.solubility))
    omitted += _metals(chemistry)
    if chemistry.rock is not None:
        omitted += without_gas(
            chemistry.mechanism, chemistry.rock.liquids, chemistry.rock.gases, "chemistry.species"
        )
    if chemistry.rock is not None and "radiation" in laws:
        omitted += _clear_vapour(chemistry, laws["radiation"].name == BANDS)
    if "radiation" in laws and GREY in laws["radiation"].arguments:
        clear = tuple(s for s in chemistry.gases if not chemistry.absorption[s])
        if clear:
            verb = "has" if len(clear) == 1 else "have"
            sentence = f"{', '.join(clear)} {verb} no opacity (atmosphere.absorption)."
            chosen = all(s in case.atmosphere.absorption for s in clear)
            omitted.append(Omission("opacity", clear, sentence, chosen))
    if "radiation" in laws and laws["radiation"].name == BANDS:
        clear = tuple(gas.name for gas in band_gases(chemistry) if gas.transparent)
        if clear:
            verb = "is" if len(clear) == 1 else "are"
            sentence = (
                f"{', '.join(clear)} {verb} transparent: no opacity by bands (`bands` of the mechanism)."
            )
            omitted.append(Omission("opacity", clear, sentence))
    return (*omitted, *ideal_gases(chemistry.gases, chemistry.fugacity, "chemistry.fugacity"))


def _metals(chemistry: Chemistry) -> Iterator[Omission]:
    """The metals of the inventories, which do not dissolve; most do not condense either."""
    species = chemistry.mechanism.species
    metals = {cation for cation in OF_CATION if cation in chemistry.masses}
    solid = {e for s in chemistry.species if species[s].phase != "gas" for e in species[s].composition}
    for listed, verb in ((metals - solid, "dissolve or condense"), (metals & solid, "dissolve")):
        if listed:
            gases = tuple(s for s in chemistry.gases if listed & set(species[s].composition))
            which = ", ".join(sorted(listed))
            sentence = f"{which} of the inventories do not {verb}; mo.vapour has gas over a melt."
            yield Omission("condensates", gases, sentence)


def without_gas(
    mechanism: Mechanism, liquids: Mapping[str, str], gases: Sequence[str], key: str
) -> tuple[Omission, ...]:
    """The oxides of a melt that evaporates, of whose metal there is no gas.

    liquids: oxide -> its liquid in the mechanism. key: which chooses the gases.
    """
    species = mechanism.species
    gaseous = {e for s in gases for e in species[s].composition} | {"O"}
    oxides = [oxide for oxide, liquid in liquids.items() if not set(species[liquid].composition) <= gaseous]
    if not oxides:
        return ()
    verb = "does" if len(oxides) == 1 else "do"
    sentence = (
        f"{', '.join(oxides)} of the melt {verb} not evaporate: no gas with the metal is among the species "
        f"({key}, or those of the mechanism)."
    )
    return (Omission(INERT, (), sentence),)


def _clear_vapour(chemistry: Chemistry, by_bands: bool) -> list[Omission]:
    """The gases with metals of the melt, of those without opacity."""
    rock = chemistry.rock.gases if chemistry.rock else ()
    if by_bands:
        clear = tuple(s for s in rock if chemistry.mechanism.species[s].bands is None)
        sentence = (
            "gases with metals of the melt without `bands` of the mechanism do not act on the radiation: "
            "neither by opacity nor by their pressure."
        )
    else:
        clear = tuple(s for s in rock if not chemistry.absorption[s])
        sentence = "gases with metals of the melt have no opacity (atmosphere.absorption)."
    return [Omission("opacity", clear, sentence)] if clear else []


def ideal_gases(gases: Sequence[str], law: str, key: str) -> tuple[Omission, ...]:
    """The gases that are treated as ideal although a law of fugacity coefficients is chosen; key.

    Where a law is chosen.
    """
    if not gases:
        return ()
    if law == "ideal":
        others = ", ".join(name for name in names("fugacity") if name != "ideal")
        sentence = f"all gases are taken as ideal; laws of real gases: {others} ({key})."
        return (Omission("real gas", (), sentence),)
    ideal = tuple(s for s in gases if real_gas(pure_law(law), s) is None)
    if not ideal:
        return ()
    verb, pronoun = ("is", "it") if len(ideal) == 1 else ("are", "them")
    sentence = f"{', '.join(ideal)} {verb} taken as ideal: {law} has no constants for {pronoun}."
    return (Omission("real gas", ideal, sentence),)


def condensates(names: Sequence[str]) -> list[WeighedOmission]:
    """Condensates of a closed system's mechanism that cannot form, as the user names none."""
    if not names:
        return []
    listed = ", ".join(names[:SHOWN])
    if len(names) > SHOWN:
        listed += f" and {len(names) - SHOWN} others"
    why = "as the condensates are not named (condensates=, 'all')"
    return [
        {
            "what": "condensates",
            "species": list(names),
            "sentence": f"{listed} of the mechanism cannot form, {why}.",
            "chosen": False,
            "share": 1.0,
            "pressure_bar": 0.0,
        }
    ]


def crystals_at_the_start(
    solid_share: float, can_be_molten: bool, warming: float = 0.0
) -> list[WeighedOmission]:
    """The crystallisation before the start of a run, whose mantle has a solid share by mass.

    can_be_molten: whether there is a start without crystals.
    warming [K]: by which the core-mantle boundary was hotter at a time than at the start.
    """
    if not solid_share > LEAST_SOLID:
        return []
    cure = "no surface temperature of the tables melts this mantle at every depth."
    if can_be_molten:
        cure = "run.initial_surface_temperature = 'molten' starts above the liquidus at every depth."
    sentence = (
        f"what crystallised before the start: {100 * solid_share:.2g} % of the mantle is solid then; {cure}"
    )
    if warming > NOTED_WARMING:
        sentence += f" Melt and crystals that mix first warm the core, by up to {warming:.0f} K."
    return [_of_mantle(START, sentence, solid_share)]


def early_lid(time: float) -> list[WeighedOmission]:
    """What a column leaves out where the lid forms at a time [yr] at which it has not forgotten its start."""
    if time > EARLY_LID:
        return []
    sentence = (
        f"the thermal boundary layer at the start: the lid forms after {time:.2g} yr, while the column still "
        "adjusts to its start of one entropy; this time depends on the thickness of the cells; "
        "run.initial_surface_temperature: a hotter start."
    )
    return [_of_mantle(START, sentence, 1.0)]


def dense_melt(pressure: float | None, warming: float = 0.0) -> list[WeighedOmission]:
    """What a column leaves out from the pressure [Pa] on at which melt is denser than crystals, if any.

    warming [K]: by which the core-mantle boundary was hotter at a time than at the start.
    """
    if pressure is None:
        return []
    sentence = (
        f"convection of a mush at more than {pressure / 1e9:.0f} GPa when it cools from above: by these "
        "equations of state, far beyond their calibration, melt is denser there than its crystals and sinks."
    )
    if warming > NOTED_WARMING:
        sentence += f" The heat that it takes along warms the core, by up to {warming:.0f} K."
    return [_of_mantle(SINKING, sentence, 1.0)]


def frozen_surface(solidus: float | None, lid: float) -> list[WeighedOmission]:
    """A lid that is no skin on melt: the solidus at the surface [K] is above the lid's temperature [K]."""
    if solidus is None:
        return []
    sentence = (
        f"a lid on melt: the surface solidus of the melting curves, {solidus:.0f} K, is above "
        f"run.end_surface_temperature = {lid:g} K, so that the surface is solid before the run ends, and the "
        "time of the lid includes the cooling of solid rock."
    )
    return [_of_mantle(FROZEN, sentence, 1.0)]


def stiff_pile(rayleigh: float | None) -> list[WeighedOmission]:
    """A pile that cannot convect, at its largest Rayleigh number."""
    if rayleigh is None or rayleigh > LEAST_RAYLEIGH:
        return []
    sentence = (
        f"convection of the pile: it is too viscous (cumulates.viscosity). Its Rayleigh number is at most "
        f"{max(rayleigh, 0.0):.2g}, below the critical {LEAST_RAYLEIGH:.0f} of a layer between free surfaces."
    )
    return [_of_mantle(STIFF, sentence, 1.0)]


def _of_mantle(what: str, sentence: str, share: float) -> WeighedOmission:
    return {
        "what": what,
        "species": [],
        "sentence": sentence,
        "chosen": False,
        "share": share,
        "pressure_bar": 0.0,
    }


def weighed(
    omitted: Sequence[Omission], shares: Mapping[str, float], pressure: float
) -> list[WeighedOmission]:
    """Each omission with the share of the gas that it concerns.

    shares: gas -> its largest mole fraction in the result; pressure: largest total pressure [Pa];
    NaN counts as none.
    """
    pressure_bar = 0.0 if pressure != pressure else float(pressure) / BAR
    records: list[WeighedOmission] = []
    for omission in omitted:
        share = 1.0
        if omission.species:
            every = [float(shares.get(s, 0.0)) for s in omission.species]
            share = max(0.0, *(value for value in every if value == value), 0.0)
        records.append(
            {
                "what": omission.what,
                "species": list(omission.species),
                "sentence": omission.sentence,
                "chosen": omission.chosen,
                "share": share,
                "pressure_bar": pressure_bar,
            }
        )
    return records


def largest(mixing_ratio: ArrayLike, species: Sequence[str]) -> dict[str, float]:
    """Gas -> its largest mole fraction; mixing_ratio.

    Array (species, ...), NaN where a point has no result.
    """
    values = np.asarray(mixing_ratio, dtype=float).reshape(len(species), -1)
    return dict(zip(species, np.fmax.reduce(values, axis=1, initial=0.0).tolist()))


def warn(records: Sequence[WeighedOmission]) -> None:
    """One OmissionWarning for all that matters, if anything does."""
    sentences = notable(records)
    if sentences:
        warnings.warn(f"left out: {' '.join(sentences)}", OmissionWarning, stacklevel=users_line())
