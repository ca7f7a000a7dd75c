"""The keys of a case on its volatile elements and on its oxidation state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import BeforeValidator, ValidationInfo, field_validator, model_validator

from ..errors import InputError
from ..units import to_si
from .element_names import ELEMENTS
from .former_keys import with_present_keys
from .inventories import Inventories
from .quantities import SI, Inventory, SIOrLaw, nothing, refusal
from .section import Section, Text, frozen, says

if TYPE_CHECKING:
    from ..closures.redox import OxygenFugacity


# of a key that describes iron, in files of earlier versions
OLDER_DEFAULTS = {"total_iron": (0.0805,)}


def fitting_buffer(oxygen_fugacity: object, buffer: str | None) -> str | None:
    """The law of the buffer; None for the default law of its family.

    That is so for an absolute oxygen fugacity, and for one relative to another family than that of the law.
    """
    from ..closures.redox import families, is_absolute, relative_offset  # on use: it imports sympy

    offset, known = relative_offset(oxygen_fugacity), families()
    if is_absolute(oxygen_fugacity):
        return None
    if offset is None or offset[0] not in known or not any(buffer in laws for laws in known.values()):
        return buffer
    return buffer if buffer in known[offset[0]] else None


class Volatiles(Inventories):
    """How much of each volatile element there is, and how it dissolves."""

    initial_pressure: Annotated[dict[Text, Annotated[float, SI("Pa", 0, exclusive="low")]], frozen] = says(
        dict, "species: its partial pressure at the start, in place of an inventory of its element"
    )
    initial_fugacity: Annotated[dict[Text, Annotated[float, SI("Pa", 0, exclusive="low")]], frozen] = says(
        dict, "species: its fugacity at the start, in place of an inventory of its element"
    )
    solubility: Annotated[dict[Text, Text], frozen] = says(
        dict, "species: name of its solubility law; a species not named here follows the mechanism"
    )
    partition_coefficient: Annotated[
        dict[Text, Annotated[float | str, SIOrLaw("1", 0, kind="partition")]], frozen
    ] = says(
        dict,
        "species: mass fraction in the crystals over that in the melt, a number or the name of a law such "
        "as 'garnet-lherzolite-Bell2004'; 0 where not named",
    )

    @model_validator(mode="before")
    @classmethod
    def _present(cls, table: object) -> object:
        return with_present_keys("volatiles", table) if isinstance(table, Mapping) else table

    @field_validator(*ELEMENTS, mode="plain")
    @classmethod
    def _inventory(cls, value: object, info: ValidationInfo) -> Inventory:
        return Inventory.read(value, ELEMENTS[str(info.field_name)])

    @model_validator(mode="after")
    def _ratios(self) -> Self:
        names = {symbol: name for name, symbol in ELEMENTS.items()}
        for name, symbol in ELEMENTS.items():
            chain, inventory = [symbol], getattr(self, name)
            while inventory.amount and (symbol := inventory.reference):
                chain.append(symbol)
                if chain.count(symbol) > 1:
                    circle = " -> ".join(chain)
                    raise refusal(
                        f"the ratios form a circle: {circle}.", "", "give one of them as a mass", name
                    )
                other = names[symbol]
                inventory = getattr(self, other)
                if not inventory.amount:
                    cure = f"give {other} an inventory"
                    raise refusal(f"the ratio refers to {other}, of which there is none.", "", cure, name)
        return self

    def masses(self, mantle_mass: float) -> dict[str, float]:
        """Element symbol -> kg in the planet, for the elements that have an inventory above zero.

        mantle_mass: mass of the whole mantle, melt and solid [kg].
        """
        allowed = "allowed: a mass above 0 kg."
        mantle_mass = to_si(mantle_mass, "kg", "mantle_mass")
        if mantle_mass <= 0:
            raise InputError("mantle_mass", f"{mantle_mass!r} kg is out of range.", allowed)
        inventories = {symbol: getattr(self, name) for name, symbol in ELEMENTS.items()}

        def mass(symbol: str) -> float:
            inventory = inventories[symbol]
            if inventory.unit == "kg":
                return inventory.amount
            return inventory.amount * (mass(inventory.reference) if inventory.reference else mantle_mass)

        return {symbol: mass(symbol) for symbol, inventory in inventories.items() if inventory.amount > 0}


def _oxygen(value: object) -> Inventory | None:
    """The oxygen budget, or None."""
    return None if nothing(value) is None else Inventory.read(value, "O")


class Redox(Section):
    """The oxidation state of the surface magma, which sets that of the gas."""

    oxygen_fugacity: Annotated[Text | None, BeforeValidator(nothing)] = says(
        None,
        "dex from a buffer ('IW+0.5', the default), or absolute ('log10 fO2 = -9.5', in bar); none with an "
        "oxygen budget",
    )
    oxygen: Annotated[Inventory | None, BeforeValidator(_oxygen)] = says(
        None,
        "budget of the oxygen in the volatiles, gas and melt (and in ferric iron, above FeO), which then "
        "sets its fugacity: a mass, ppmw, or 'O/H' ratio",
    )
    buffer: Annotated[Text | None, BeforeValidator(nothing)] = says(
        None, "name of the buffer's law, for instance 'ONeillEggins2002'; none: the default of the family"
    )
    buffer_pressure: Annotated[float | None, SI("Pa", 1e5, 1e11, optional=True)] = says(
        None,
        "pressure at which the buffer's assemblage is taken, for a buffer with a pressure term; none: 1 bar",
    )
    ferric_iron: Annotated[Text | None, BeforeValidator(nothing)] = says(
        None,
        "law of the ferric-ferrous ratio, e.g. 'Hirschmann2022': the iron's oxygen joins the budget, and "
        "the fugacity evolves; none: it does not",
    )
    ferric_share: Annotated[float | None, SI("1", 0, 1, exclusive="low high", optional=True)] = says(
        None,
        "Fe3+ over all iron of the melt at the start, in place of oxygen_fugacity at the start; with "
        "ferric_iron",
    )
    total_iron: Annotated[float | None, SI("1", 0, 0.6, exclusive="low", optional=True)] = says(
        None,
        "all iron of melt and crystals, by mass as FeO, with ferric_iron; none: that of melt.composition "
        "(bulk silicate Earth: 8.05 %), or of cumulates.bulk_iron with cumulates.coupled",
    )
    ferric_partition: Annotated[float, SI("1", 0, 100)] = says(
        1.0,
        "Fe3+/Fe2+ of the crystals over that of the melt they are in equilibrium with; 1: iron alike in "
        "both, 0: ferric iron in the melt only (from 0.001 in a column with cumulates.coupled)",
    )
    ferric_pressure: bool = says(
        False, "whether the pressure terms of ferric_iron act, at the surface pressure"
    )
    iron_metal: bool = says(
        True,
        "whether iron metal separates where the evolving redox falls to saturation, with ferric_iron; not "
        "with cumulates.coupled",
    )
    iron_oxide_activity: Annotated[float, SI("1", 0.1, 10)] = says(
        1.5,
        "activity coefficient of FeO in the melt relative to wuestite, for iron_metal; 1.2 to 1.7 in "
        "peridotite melts",
    )
    melt_oxides: Annotated[dict[Text, Annotated[float, SI("1", 0, 1)]], frozen] = says(
        dict,
        "oxide: mass fraction of the melt, for ferric_iron, in place of that of melt.composition; iron is "
        "total_iron",
    )

    @model_validator(mode="before")
    @classmethod
    def _state_set_once(cls, section: object) -> object:
        if not isinstance(section, dict):
            return section
        budget, fugacity, share = (
            nothing(section.get(name)) for name in ("oxygen", "oxygen_fugacity", "ferric_share")
        )
        if budget is not None and fugacity is not None:
            raise refusal(
                "the oxidation state is given twice: as a fugacity and as a budget of oxygen.",
                "allowed: one of oxygen_fugacity and oxygen; the other is 'none'.",
                "set oxygen_fugacity = 'none' if the fugacity is to follow from the budget",
                key="oxygen",
            )
        if share is not None and (
            other := "oxygen" if budget is not None else "oxygen_fugacity" if fugacity is not None else None
        ):
            raise refusal(
                f"the oxidation state is given twice: as a share of ferric iron and as {other}.",
                f"allowed: one of ferric_share and {other}; the other is 'none'.",
                f"set {other} = 'none' if the fugacity is to follow from the iron",
                key="ferric_share",
            )
        return {**section, "oxygen_fugacity": "IW+0.5"} if budget is fugacity is share is None else section

    @field_validator("oxygen_fugacity", mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        if value is not None and not isinstance(value, str):
            raise refusal("text in quotes is expected.", "for instance 'IW+0.5'")
        return value

    @model_validator(mode="after")
    def _iron(self) -> Self:
        if self.ferric_iron is None:
            defaults: dict[str, object] = {
                "ferric_share": None,
                "total_iron": None,
                "ferric_partition": 1.0,
                "ferric_pressure": False,
                "iron_metal": True,
                "iron_oxide_activity": 1.5,
                "melt_oxides": {},
            }
            for key, default in defaults.items():
                if getattr(self, key) not in (default, *OLDER_DEFAULTS.get(key, ())):
                    raise refusal(
                        "this key describes the redox of the iron, which does not evolve in this case.",
                        "",
                        "name a law in ferric_iron, such as 'Hirschmann2022'",
                        key=key,
                    )
            return self
        from ..closures.ferric_iron import KIND, OXIDES  # on use: it imports sympy
        from ..closures.registry import find

        try:
            law = find(KIND, self.ferric_iron, "redox")
        except InputError as error:
            raise refusal(
                "no law of the ferric-ferrous ratio has this name.",
                f"{error.allowed}.",
                error.cure,
                key="ferric_iron",
            ) from None
        if self.ferric_pressure and not law.pressure:
            raise refusal(
                f"{law.name} has no pressure term.",
                "allowed: with KressCarmichael1991.",
                key="ferric_pressure",
            )
        for oxide in self.melt_oxides:
            if oxide not in OXIDES or oxide == "FeO":
                raise refusal(
                    "FeO is total_iron." if oxide == "FeO" else f"{oxide!r} is not an oxide of the laws.",
                    f"allowed: {', '.join(o for o in OXIDES if o != 'FeO')}.",
                    key="melt_oxides",
                )
        return self

    @model_validator(mode="after")
    def _read(self) -> Self:
        if self.oxygen_fugacity is None:  # a budget of oxygen: there is no buffer
            if self.buffer_pressure is not None:
                raise refusal(
                    "with a budget of oxygen there is no buffer whose pressure could be set.",
                    key="buffer_pressure",
                )
            return self
        from ..closures.redox import at_pressure, parse_oxygen_fugacity  # on use: it imports sympy

        try:
            read = parse_oxygen_fugacity(self.oxygen_fugacity, self.buffer, "redox")
        except InputError as error:
            key = "buffer" if "buffer law" in error.problem else "oxygen_fugacity"
            raise refusal(error.problem, error.allowed, error.cure, key=key) from None
        try:
            at_pressure(read, self.buffer_pressure)
        except InputError as error:
            raise refusal(error.problem, error.allowed, error.cure, key="buffer_pressure") from None
        return self

    @property
    def imposed(self) -> OxygenFugacity | None:
        """The oxygen fugacity that the case sets (an OxygenFugacity), or None with a budget of oxygen."""
        if self.oxygen_fugacity is None:
            return None
        from ..closures.redox import at_pressure, parse_oxygen_fugacity

        return at_pressure(parse_oxygen_fugacity(self.oxygen_fugacity, self.buffer), self.buffer_pressure)
