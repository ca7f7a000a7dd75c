"""The chemistry of a planet's volatiles as one record: elements, species, reactions, laws and the oxidation state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..closures.ferric_iron import OXIDES
from ..closures.law_types import SymbolicLaw
from ..closures.redox import OxygenFugacity
from .reactions import Mechanism, Reaction, molar_mass


@dataclass(frozen=True)
class FerricIron:
    """The iron whose redox evolves: its law, the oxides of the melt by mass, Fe3+/Fe2+ of crystals over melt.

    pressure: whether the law takes the surface pressure. The start is one of an oxygen fugacity, a share of ferric iron,
    and (with neither) the budget of oxygen.
    """

    law: SymbolicLaw
    oxides: Mapping[str, float]
    partition: float
    pressure: bool
    fugacity: OxygenFugacity | None
    share: float | None

    @property
    def moles_per_kg(self) -> float:
        """Iron in a kilogram of melt or crystals, mol."""
        return self.oxides["FeO"] / OXIDES["FeO"][0]

    @property
    def label(self) -> str:
        """How it starts, and what sets the fugacity from then on."""
        start = self.fugacity.label if self.fugacity else f"Fe3+/Fe = {self.share:g}"
        return f"{start} at the start, then as the budget of oxygen in volatiles and ferric iron has it ({self.law.name})"


@dataclass(frozen=True)
class Chemistry:
    """A case's volatile chemistry, resolved against its mechanism.

    source: data set of ln K and molar masses. masses: element -> kg, without absent elements; pressures: element ->
    ("pressure" or "fugacity", species, Pa) where a start is given by one in place of the inventory. species: gases in the mechanism's order, then graphite if it
    may form. solubility, absorption [m2/kg at 101325 Pa], partition: by gas. temperature_limits [K]: where the
    species' data hold. oxygen: the fugacity that the melt imposes, or None where oxygen is a budget like any element.
    fugacity: law of the fugacity coefficients; water: whether it may condense; graphite_volume [m3/mol]: 0 where its
    activity is not to depend on pressure. iron: that which takes part in the budget of oxygen, or None. imposed: gases of
    oxygen alone (O2, O, O3) whose fugacity follows from that of a buffer, each with the reaction that forms it from O2 (None
    for O2 itself); they are among the species, and in no reaction of `reactions`.
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

    @property
    def elements(self) -> tuple[str, ...]:
        """The conserved elements that are present, in the mechanism's order."""
        return tuple(
            e
            for e in self.mechanism.atomic_weights
            if e in self.masses or e in self.pressures or (e == "O" and self.iron)
        )

    @property
    def gases(self) -> tuple[str, ...]:
        return tuple(s for s in self.species if self.mechanism.species[s].phase == "gas")

    @property
    def moles(self) -> dict[str, float]:
        """Element -> mol, for the elements with an inventory."""
        return {e: m / self.mechanism.atomic_weights[e] for e, m in self.masses.items()}

    @property
    def oxygen_label(self) -> str:
        """How the oxidation state is set, in words."""
        if self.oxygen is not None:
            return self.oxygen.label
        if self.iron is not None and "O" not in self.masses and "O" not in self.pressures:
            return self.iron.label
        if "O" in self.pressures:
            return "budget of as much oxygen as the given {} of {} asks for".format(*self.pressures["O"])
        held = f" in volatiles and ferric iron ({self.iron.law.name})" if self.iron else ""
        return f"budget of {self.masses['O']:.6g} kg of oxygen{held}"

    def molar_mass(self, species: str) -> float:
        """kg/mol, as the data set has it."""
        return molar_mass(self.mechanism, species, self.source)
