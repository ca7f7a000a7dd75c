"""What a result leaves out: gases that do not dissolve though a law is shipped, gases without opacity, real gases taken as ideal."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..case import Case
from ..chemistry.real_gases import real_gas
from ..chemistry.volatile_chemistry import Chemistry
from ..closures.law import Law, names
from ..constants import BAR
from ..errors import users_line

NOTABLE = 0.03  # mole fraction of the gas from which an omission is worth a warning
DENSE = (
    1000 * BAR
)  # Pa; total pressure from which ideal gases are worth a warning: fugacity coefficients leave 1 by tens of per cent
GREY = "optical_depth"  # argument of the radiation laws to which a gas's opacity matters


class OmissionWarning(UserWarning):
    """Something that matters to a result is left out of it."""


@dataclass(frozen=True)
class Omission:
    """One thing left out.

    what: "solubility", "opacity", "real gas" or "condensates". species: the gases concerned. sentence: what is left out, and the cure.
    chosen: whether the case itself prescribes it.
    """

    what: str
    species: tuple[str, ...]
    sentence: str
    chosen: bool = False


def omissions(case: Case, chemistry: Chemistry, laws: Mapping[str, Law]) -> tuple[Omission, ...]:
    """What the equations of a planet leave out, before anything is solved. Opacity counts where there is a radiation law."""
    found = []
    for name in chemistry.gases:
        known = [law for law in chemistry.mechanism.species[name].melt if law != "none"]
        if chemistry.solubility[name].name == "none" and known:
            sentence = f"{name} does not dissolve in the melt; laws for it: {', '.join(known)} (volatiles.solubility.{name})."
            found.append(Omission("solubility", (name,), sentence, name in case.volatiles.solubility))
    if "radiation" in laws and GREY in laws["radiation"].arguments:
        clear = tuple(s for s in chemistry.gases if not chemistry.absorption[s])
        chosen = all(s in case.atmosphere.absorption for s in clear)
        if clear:
            sentence = f"{', '.join(clear)} {'has' if len(clear) == 1 else 'have'} no opacity (atmosphere.absorption)."
            found.append(Omission("opacity", clear, sentence, chosen))
    return (*found, *ideal_gases(chemistry.gases, chemistry.fugacity, "chemistry.fugacity"))


def ideal_gases(gases: Sequence[str], law: str, key: str) -> tuple[Omission, ...]:
    """The gases that are taken as ideal with a law of the fugacity coefficients. key: where a law is chosen."""
    if not gases:
        return ()
    if law == "ideal":
        named = ", ".join(name for name in names("fugacity") if name != "ideal")
        return (
            Omission("real gas", (), f"all gases are taken as ideal; laws of real gases: {named} ({key})."),
        )
    ideal = tuple(s for s in gases if real_gas(law, s) is None)
    sentence = f"{', '.join(ideal)} {'is' if len(ideal) == 1 else 'are'} taken as ideal: {law} has no constants for {'it' if len(ideal) == 1 else 'them'}."
    return (Omission("real gas", ideal, sentence),) if ideal else ()


def condensates(names: Sequence[str]) -> list[dict]:
    """Condensates of a closed system's mechanism that may not form, as none are named, in the form of `weighed`."""
    if not names:
        return []
    sentence = f"{', '.join(names[:5])}{f' and {len(names) - 5} others' if len(names) > 5 else ''} of the mechanism cannot form, as the condensates are not named (condensates=, 'all')."
    return [
        {
            "what": "condensates",
            "species": list(names),
            "sentence": sentence,
            "chosen": False,
            "share": 1.0,
            "pressure_bar": 0.0,
        }
    ]


def weighed(found: Sequence[Omission], shares: Mapping[str, float], pressure: float) -> list[dict]:
    """Each omission with the share of the gas that it concerns.

    shares: gas -> its largest mole fraction in the result; pressure: largest total pressure [Pa]; NaN counts as none.
    Returns dicts: what, species, sentence, chosen, share (of the gas with the most; of all gases taken as ideal: 1) and
    pressure_bar.
    """
    made, pressure_bar = [], 0.0 if pressure != pressure else float(pressure) / BAR
    for one in found:
        known = (share for s in one.species if (share := float(shares.get(s, 0.0))) == share)
        share = max(0.0, *known, 0.0) if one.species else 1.0
        made.append(
            {
                "what": one.what,
                "species": list(one.species),
                "sentence": one.sentence,
                "chosen": one.chosen,
                "share": share,
                "pressure_bar": pressure_bar,
            }
        )
    return made


def largest(mixing_ratio, species: Sequence[str]) -> dict[str, float]:
    """Gas -> its largest mole fraction; mixing_ratio: array (species, ...), NaN where a point has no result."""
    values = np.asarray(mixing_ratio, dtype=float).reshape(len(species), -1)
    return dict(zip(species, np.fmax.reduce(values, axis=1, initial=0.0).tolist()))


def matters(made: Sequence[Mapping]) -> list[Mapping]:
    """The omissions that matter to the result and that the case does not prescribe itself."""
    return [
        one
        for one in made
        if not one["chosen"]
        and one["share"] >= NOTABLE
        and (one["species"] or one["pressure_bar"] * BAR > DENSE)
    ]


def notable(made: Sequence[Mapping]) -> list[str]:
    """Those that matter, a sentence each."""
    return [_with_share(one) for one in matters(made)]


def short(one: Mapping) -> str:
    """An omission in a few words, for a caption."""
    return f"{one['what']} of {', '.join(one['species']) or 'the mixture'}"


def _with_share(one) -> str:
    if one["what"] == "condensates":
        return one["sentence"]
    if not one["species"]:
        return f"{one['sentence'].rstrip('.')}, at up to {one['pressure_bar']:.4g} bar."
    few = "" if len(one["species"]) == 1 else " for the most abundant"
    return f"{one['sentence'].rstrip('.')}: up to {one['share']:.2g} of the gas{few}."


def warn(made: Sequence[Mapping]):
    """One OmissionWarning for all that matters, if anything does."""
    sentences = notable(made)
    if sentences:
        warnings.warn(f"left out: {' '.join(sentences)}", OmissionWarning, stacklevel=users_line())
