"""The composition of a silicate melt by oxides: named compositions, normalisation, and its checks."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from ..closures.ferric_iron import BULK_SILICATE_EARTH
from ..closures.ferric_iron import OXIDES as KNOWN
from ..conditions import number, table
from ..errors import InputError, nearest, users_line

# kg/mol; the iron of Fe2O3 counts as FeO
FERRIC_OXIDE_MASS = 159.688e-3
FERROUS_SHARE = 2 * KNOWN["FeO"][0] / FERRIC_OXIDE_MASS
# wt%; an analysis within the first range is not worth a word, beyond the second it is a mistake
USUAL_SUM = (98.0, 102.0)
ALLOWED_SUM = (90.0, 110.0)
EXAMPLE = "{'SiO2': 45.0, 'MgO': 37.8, 'FeO': 8.05, ...}, in wt%"
DEFAULT = "BSE"


class CompositionWarning(UserWarning):
    """The oxides of a melt do not add up to 100 %; they are normalised."""


@dataclass(frozen=True)
class NamedComposition:
    """A published composition. weight_percent: oxide -> wt%, as printed.

    unverified: oxides whose numbers could not be read in the paper, nor compared with a copy of its table.
    """

    weight_percent: Mapping[str, float]
    reference: str
    unverified: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """The reference, with the oxides that are not verified."""
        if not self.unverified:
            return self.reference
        return f"{self.reference}; not verified: {', '.join(self.unverified)}"


NAMED: Mapping[str, NamedComposition] = MappingProxyType(
    {
        DEFAULT: NamedComposition(
            {oxide: 100 * share for oxide, share in BULK_SILICATE_EARTH.items()},
            "McDonough & Sun 1995, Chem. Geol. 120, 223, Table 5",
        ),
        # as the public table of reference compositions of pyrolite (MORB_Gale2013) has it
        "basalt": NamedComposition(
            {
                "SiO2": 50.41, "TiO2": 1.54, "Al2O3": 14.95, "FeO": 10.07, "MnO": 0.173, "MgO": 7.69,
                "CaO": 11.35, "Na2O": 2.76, "K2O": 0.144, "P2O5": 0.169,
            },  # fmt: skip
            "Gale et al. 2013, Geochem. Geophys. Geosyst. 14, 489: mean mid-ocean ridge basalt (MORB)",
        ),
        # as a file of the program MAGMA has it; another one has MgO 26.60, and with it a sum of 96.77
        "komatiite": NamedComposition(
            {
                "SiO2": 47.10, "TiO2": 0.24, "Al2O3": 4.04, "Fe2O3": 12.80, "MgO": 29.60, "CaO": 5.44,
                "Na2O": 0.46, "K2O": 0.09,
            },  # fmt: skip
            "Schaefer & Fegley 2004, Icarus 169, 216: komatiite",
        ),
        # SiO2, Al2O3, FeO, MgO and CaO as a public file on interiors of planets has them from the paper; a
        # port of MAGMA has TiO2, Na2O and K2O to 4 % as here, and names no source
        "Mars": NamedComposition(
            {
                "SiO2": 43.7, "TiO2": 0.14, "Al2O3": 3.04, "Cr2O3": 0.73, "FeO": 18.1, "MnO": 0.44,
                "MgO": 30.5, "CaO": 2.43, "Na2O": 0.53, "K2O": 0.04, "P2O5": 0.15,
            },  # fmt: skip
            "Taylor 2013, Chemie der Erde 73, 401: bulk silicate Mars",
            ("TiO2", "Cr2O3", "MnO", "Na2O", "K2O", "P2O5"),
        ),
    }
)  # fmt: skip


@dataclass(frozen=True)
class MeltComposition:
    """A melt by oxides, all iron as FeO.

    mass_fractions: oxide -> share of the mass, which add up to 1; numbers, or arrays that broadcast.
    total: the sum of the oxides as they were stated [wt%]. name, reference: of a named composition, else "".
    ferrous_total: the same sum with all iron as FeO [wt%]: a share times this sum is the oxide as stated.
    """

    mass_fractions: Mapping[str, float | np.ndarray]
    total: float | np.ndarray = 100.0
    name: str = ""
    reference: str = ""
    ferrous_total: float | np.ndarray = 100.0
    moles: Mapping[str, float | np.ndarray] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        moles = {oxide: share / KNOWN[oxide][0] for oxide, share in self.mass_fractions.items()}
        object.__setattr__(self, "moles", moles)

    @property
    def mole_fractions(self) -> dict[str, float | np.ndarray]:
        """Oxide -> share of the moles of oxides as written (Al2O3, Na2O)."""
        total = sum(self.moles.values())
        return {oxide: moles / total for oxide, moles in self.moles.items()}

    def at(self, places: np.ndarray | None) -> MeltComposition:
        """The melts at some points: those of the arrays at these indices. None: all."""
        if places is None:
            return self
        shares = self.mass_fractions.items()
        some = {o: x[places] if isinstance(x, np.ndarray) and x.ndim else x for o, x in shares}
        return replace(self, mass_fractions=MappingProxyType(some))

    @property
    def label(self) -> str:
        """What a result carries: the name, or the oxides in wt% (of arrays their ranges)."""
        if self.name:
            return f"{self.name} ({self.reference})"
        parts = []
        for oxide, share in self.mass_fractions.items():
            percent = 100 * np.asarray(share)
            ends = dict.fromkeys(
                f"{end:.4g}" for end in (percent.min(initial=np.inf), percent.max(initial=0))
            )
            parts.append(f"{oxide} {' to '.join(ends)}")
        return f"{', '.join(parts)} wt%"


def named(name: str, where: str = "composition") -> NamedComposition:
    """The composition of this name, in capitals or not. InputError for an unknown name."""
    folded = {known.casefold(): known for known in NAMED}
    if name.strip().casefold() not in folded:
        raise InputError(
            f"{where} = {name!r}",
            "no composition has this name.",
            f"known: {', '.join(NAMED)}; or oxides: {EXAMPLE}",
            nearest(name, NAMED),
        )
    return NAMED[folded[name.strip().casefold()]]


def check_oxides(oxides: Mapping[str, object], where: str = "composition") -> None:
    """InputError for a name that is no oxide of a melt, and for none at all."""
    known = [*KNOWN, "Fe2O3"]
    for oxide in oxides:
        if oxide not in known:
            raise InputError(
                f"{where} {oxide}",
                "no oxide has this name.",
                f"known: {', '.join(known)}",
                nearest(oxide, known),
            )
    if not oxides:
        raise InputError(where, "there are no oxides.", f"for example {EXAMPLE}")


def composition_of(composition: object, where: str = "composition") -> MeltComposition:
    """A composition from its name, or from a table of oxides in wt% (numbers).

    InputError for an unknown name or oxide, a negative amount, and a sum outside `ALLOWED_SUM`.
    A CompositionWarning states a sum outside `USUAL_SUM`.
    """
    if isinstance(composition, MeltComposition):
        return composition
    if isinstance(composition, str):
        return normalised(named(composition, where).weight_percent, where, composition)
    oxides = table(composition, where, EXAMPLE)
    check_oxides(oxides, where)
    percent = {oxide: number(value, "%", f"{where} {oxide}") for oxide, value in oxides.items()}
    return normalised(percent, where)


def normalised(
    weight_percent: Mapping[str, float | np.ndarray], where: str = "composition", name: str = ""
) -> MeltComposition:
    """The composition with these oxides in wt%, scaled to 100 %, the iron of Fe2O3 as FeO.

    weight_percent: numbers or arrays that broadcast. name: of a named composition.
    Errors and warnings as for `composition_of`.
    """
    check_oxides(weight_percent, where)
    for oxide, values in weight_percent.items():
        if not np.all(np.asarray(values) >= 0):  # NaN too
            worst = float(np.min(values))
            wrong = "an amount is negative." if worst < 0 else "an amount is no number."
            raise InputError(f"{where} {oxide} = {worst:g} wt%", wrong, "allowed: 0 or more")
    total = sum(weight_percent.values())
    ends = (float(np.min(total, initial=np.inf)), float(np.max(total, initial=-np.inf)))
    low, high = ALLOWED_SUM
    if np.size(total) and not low <= ends[0] <= ends[1] <= high:
        raise InputError(
            where,
            f"the oxides add up to {_span(ends)} wt%.",
            f"allowed: {low:g} to {high:g} wt%, which is then normalised to 100",
            "state every oxide, in wt%" if ends[0] < low else "is an oxide there twice?",
        )
    if np.size(total) and not name and not USUAL_SUM[0] <= ends[0] <= ends[1] <= USUAL_SUM[1]:
        warnings.warn(
            f"{where}: the oxides add up to {_span(ends)} wt%; they are normalised to 100.",
            CompositionWarning,
            stacklevel=users_line(),
        )
    reduced = dict(weight_percent)
    if "Fe2O3" in reduced:
        iron = FERROUS_SHARE * reduced.pop("Fe2O3")
        reduced["FeO"] = reduced.get("FeO", 0.0) + iron
    whole = sum(reduced.values())
    shares = {oxide: values / whole for oxide, values in reduced.items()}
    reference = named(name).source if name else ""
    canonical = next((known for known in NAMED if known.casefold() == name.strip().casefold()), "")
    return MeltComposition(MappingProxyType(shares), total, canonical, reference, whole)


def _span(ends: tuple[float, float]) -> str:
    """A range in words, a single number where both ends are the same."""
    return " to ".join(dict.fromkeys(f"{end:.4g}" for end in ends))
