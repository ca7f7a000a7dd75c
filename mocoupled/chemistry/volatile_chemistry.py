"""The chemistry of a planet's volatiles as a record: elements, species, reactions, laws, oxidation state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from ..closures.ferric_iron import OXIDES, Share
from ..closures.law_types import SymbolicLaw
from ..closures.redox import OxygenFugacity
from ..melt.composition import MeltComposition
from .equilibrium_constants import molar_mass
from .records import Mechanism, Reaction

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True)
class FerricIron:
    """The iron whose redox evolves.

    law: of its oxidation state. oxides: of the melt, by mass. partition: Fe3+/Fe2+ of crystals over that of
    the melt.
    pressure: whether the law takes the surface pressure.
    metal: activity coefficient of FeO in the melt, relative to wuestite; None where no iron metal forms.
    fugacity, share: the start, an oxygen fugacity or a share of ferric iron; with neither, the budget of
    oxygen.
    usual_oxides: numbers of the size of `oxides`, where these are symbols.
    """

    law: SymbolicLaw
    oxides: Mapping[str, Share]
    partition: float
    pressure: bool
    fugacity: OxygenFugacity | None
    share: float | None
    metal: float | None = None
    usual_oxides: Mapping[str, float] | None = None

    @property
    def moles_per_kg(self) -> Share:
        """Iron in a kilogram of melt or crystals [mol]."""
        return self.oxides["FeO"] / OXIDES["FeO"][0]

    @property
    def usual_moles_per_kg(self) -> float:
        """A number of the size of `moles_per_kg`."""
        return float((self.usual_oxides or self.oxides)["FeO"]) / OXIDES["FeO"][0]

    @property
    def metals_per_kg(self) -> Share:
        """Iron and magnesium in a kilogram of melt or crystals [mol]."""
        return self.moles_per_kg + self.oxides["MgO"] / OXIDES["MgO"][0]

    def oxides_at(self, iron: sympy.Expr) -> dict[str, Share]:
        """The oxides by mass with Fe/(Fe + Mg) = iron, and the same moles of both together."""
        shares = {"FeO": iron, "MgO": 1 - iron}
        replaced = {oxide: share * self.metals_per_kg * OXIDES[oxide][0] for oxide, share in shares.items()}
        return {**self.oxides, **replaced}

    @property
    def label(self) -> str:
        """Its start, and what sets the fugacity from then on, in words."""
        start = self.fugacity.label if self.fugacity else f"Fe3+/Fe = {self.share:g}"
        return (
            f"{start} at the start, then as the budget of oxygen in volatiles "
            f"and ferric iron has it ({self.law.name})"
        )


@dataclass(frozen=True)
class MeltVapour:
    """Gases that form from the oxides of the melt, whose activities impose their pressures.

    activities: name of their law. composition: the melt, of the oxides that the law has.
    left_out: wt% of the oxides that it does not have. liquids: oxide -> its liquid in the mechanism.
    reactions: gas -> the reaction that forms it from liquid oxides, O2 and gases with a balance.
    counted: gas -> atoms of each element less those of the oxides from which it forms, without zeros.
    congruent: whether the vapour has the oxygen of its oxides (a budget of no oxygen beyond them).
    ln_moles: oxide -> ln of its amount, where the composition is a parameter; None where it is that above.
    """

    activities: str
    composition: MeltComposition
    left_out: Mapping[str, float]
    liquids: Mapping[str, str]
    reactions: Mapping[str, Reaction]
    counted: Mapping[str, Mapping[str, int | Fraction]]
    congruent: bool
    ln_moles: Mapping[str, sympy.Expr] | None = None

    @property
    def gases(self) -> tuple[str, ...]:
        """Names of the gases."""
        return tuple(self.reactions)


@dataclass(frozen=True)
class Chemistry:
    """The volatile chemistry of a case, resolved against its mechanism.

    source: data set of ln K and molar masses.
    masses: element -> kg, without absent elements.
    pressures: element -> ("pressure" or "fugacity", species, Pa) where one of these replaces the inventory at
    the start.
    species: gases in the order of the mechanism, then graphite if it may form.
    reactions: independent reactions among the species.
    solubility, absorption [m2/kg at 101325 Pa], partition: by gas.
    oxygen: the fugacity that the melt imposes, or None where oxygen is a budget like any element.
    temperature_limits: K, where the species have data.
    fugacity: law of the fugacity coefficients.
    water: whether water may condense.
    graphite_volume: m3/mol; 0 where the activity of graphite is not to depend on pressure.
    iron: the iron that exchanges oxygen with the budget, or None.
    imposed: gases of oxygen alone (O2, O, O3) whose fugacity follows from that of a buffer, each with the
    reaction that forms it from O2 (None for O2). They are among the species, and in no reaction of
    `reactions`.
    melt: the silicate melt at the start, oxide -> mass fraction, all iron as FeO.
    rock: gases with metals of the melt, or None. They are not among the species.
    watched_iron: activity coefficient of FeO and the melt, oxide -> mass fraction, where saturation in iron
    metal is recorded and no metal forms; None where metal, ferric iron or vapour of the melt have it.
    """

    mechanism: Mechanism
    source: str
    masses: Mapping[str, float]
    pressures: Mapping[str, tuple[str, str, float]]
    species: tuple[str, ...]
    reactions: tuple[Reaction, ...]
    solubility: Mapping[str, SymbolicLaw]
    absorption: Mapping[str, float]
    partition: Mapping[str, float]
    oxygen: OxygenFugacity | None
    temperature_limits: tuple[float, float]
    fugacity: str = "ideal"
    water: bool = False
    graphite_volume: float = 0.0
    iron: FerricIron | None = None
    imposed: Mapping[str, Reaction | None] = field(default_factory=dict)
    melt: Mapping[str, float] = field(default_factory=dict)
    rock: MeltVapour | None = None
    watched_iron: tuple[float, Mapping[str, Share]] | None = None

    @property
    def elements(self) -> tuple[str, ...]:
        """The conserved elements that are present, in the order of the mechanism."""
        present = {*self.masses, *self.pressures}
        if self.iron:
            present.add("O")
        return tuple(element for element in self.mechanism.atomic_weights if element in present)

    @property
    def gases(self) -> tuple[str, ...]:
        """The species that are gases."""
        return tuple(s for s in self.species if self.mechanism.species[s].phase == "gas")

    @property
    def all_gases(self) -> tuple[str, ...]:
        """The species that are gases, and those that form from oxides of the melt."""
        return (*self.gases, *(self.rock.gases if self.rock else ()))

    @property
    def moles(self) -> dict[str, float]:
        """Element -> mol, for the elements with an inventory."""
        return {e: m / self.mechanism.atomic_weights[e] for e, m in self.masses.items()}

    @property
    def oxygen_label(self) -> str:
        """What sets the oxidation state, in words."""
        if self.oxygen is not None:
            return self.oxygen.label
        if self.iron is not None and "O" not in self.masses and "O" not in self.pressures:
            return self.iron.label
        if "O" in self.pressures:
            kind, species, _ = self.pressures["O"]
            return f"budget of as much oxygen as the given {kind} of {species} asks for"
        if self.rock is not None and self.rock.congruent:
            return "congruent: the gas has the oxygen of the oxides that evaporate, and no other"
        reservoirs = f" in volatiles and ferric iron ({self.iron.law.name})" if self.iron else ""
        return f"budget of {self.masses['O']:.6g} kg of oxygen{reservoirs}"

    def counted(self, species: str) -> Mapping[str, int | Fraction]:
        """Atoms of each element in a species, less those that oxides of the melt supply."""
        if self.rock is not None and species in self.rock.counted:
            return self.rock.counted[species]
        return self.mechanism.species[species].composition

    def molar_mass(self, species: str) -> float:
        """Molar mass of a species [kg/mol] in the data set."""
        return molar_mass(self.mechanism, species, self.source)
