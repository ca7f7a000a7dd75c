"""The parameters of an equilibrium or a run by name: keys of the case, conditions, and coefficients of laws.

A name stands for a direction: what varies together when it varies. With carbon = "1 C/H" in the case carbon
varies with hydrogen, because the other keys stay as written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..case import Case
from ..closures.law_types import COMMON
from ..closures.redox import OxygenFugacity
from ..closures.registry import find
from ..dae.declare.direction import Direction
from ..errors import InputError, nearest
from ..schema.element_names import ELEMENTS
from ..schema.quantities import Inventory
from .assembly import Planet
from .varied_laws import PREFIX, law_numbers

INVENTORIES = {**ELEMENTS, "oxygen": "O"}
OFFSET = "oxygen_fugacity_offset"
BUFFER = f"{PREFIX}oxygen_fugacity.offset"


@dataclass(frozen=True)
class NamedParameter:
    """A quantity whose effect can be requested.

    name: with its section, as a case has it; others: further names of the same quantity.
    value: in `unit`, None for a condition of the call. written: the value as the case has it, "" for none.
    direction: what it does to the parameters of the model. error: published uncertainty (+-), in `unit`.
    fixed: what stays fixed while it varies. law: whether a symbol must stand in a law for it.
    """

    name: str
    meaning: str
    unit: str
    direction: Direction
    fixed: str
    value: float | None = None
    written: str = ""
    others: tuple[str, ...] = ()
    error: float | None = None
    source: str = ""
    law: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """All of its names."""
        return self.name, *self.others


class Refusal(NamedTuple):
    """Why a name has no derivative, and what to do."""

    why: str
    cure: str


def parameters_of(planet: Planet, arguments: Collection[str] = ()) -> tuple[NamedParameter, ...]:
    """Every named parameter of an equilibrium.

    arguments: names of the inventories that are arguments of the call ("hydrogen"): they are in kg there.
    """
    return *_conditions(planet), *of_chemistry(planet, arguments, "temperature, melt fraction")


def of_chemistry(planet: Planet, arguments: Collection[str], at: str) -> tuple[NamedParameter, ...]:
    """The named parameters of gas and melt. at: the conditions at which derivatives are taken, in words."""
    return (
        *_inventories(planet, arguments, at),
        *_oxygen(planet, at),
        *_pressures(planet, at),
        *_laws(planet, at),
    )


def chosen(
    parameters: Iterable[NamedParameter],
    names: object,
    where: str,
    what: str,
    refused: Callable[[str], Refusal | None] = lambda name: None,
) -> tuple[NamedParameter, ...]:
    """The parameters of these names. where, what: the argument, and what has the parameters, for errors.

    refused: why a name that is known has no derivative, and what to do; None for other names.
    InputError for what is no list of names, an unknown name, and two names of one parameter.
    """
    if isinstance(names, str) or not isinstance(names, Sequence) or not names:
        raise InputError(
            f"{where} {names!r}", "not a list of names.", "for example: ['hydrogen', 'law:H2O.coefficient']"
        )
    known = {name: p for p in parameters for name in p.names}
    taken: dict[str, tuple[str, NamedParameter]] = {}
    for name in names:
        if name not in known and (refusal := refused(str(name))) is not None:
            raise InputError(f"{where} {name!r}", refusal.why, cure=refusal.cure)
        if name not in known:
            listed = ", ".join(dict.fromkeys(p.name for p in known.values()))
            raise InputError(
                f"{where} {name!r}",
                f"no parameter of this {what} has this name.",
                f"known: {listed}",
                nearest(str(name), known),
            )
        parameter = known[name]
        if parameter.name in taken:
            raise InputError(
                f"{where} {name!r}",
                f"it is the same parameter as {taken[parameter.name][0]!r}.",
                "allowed: each parameter once",
                "remove one of them",
            )
        taken[parameter.name] = name, parameter
    return tuple(parameter for _, parameter in taken.values())


def _conditions(planet: Planet) -> Iterator[NamedParameter]:
    keys = f"melt fraction, keys of the case, {_oxidation(planet)}"
    along = Direction("temperature", {"temperature": 1.0})
    yield NamedParameter("temperature", "temperature of gas and melt", "K", along, keys)
    keys = f"temperature, keys of the case, {_oxidation(planet)}"
    along = Direction("melt_fraction", {"melt_fraction": 1.0})
    yield NamedParameter("melt_fraction", "melt fraction of the mantle, by mass", "1", along, keys)


def _oxidation(planet: Planet) -> str:
    """What stays fixed of the oxidation state."""
    oxygen = _prescribed_oxygen(planet)
    if oxygen is None:
        return "the oxygen of the planet"
    if oxygen.buffer is None:
        return "the oxygen fugacity"
    at_start = "" if planet.chemistry.iron is None else " of the start"
    return f"the distance of the oxygen fugacity{at_start} from {oxygen.buffer} (not the oxygen fugacity)"


def _prescribed_oxygen(planet: Planet) -> OxygenFugacity | None:
    chemistry = planet.chemistry
    return chemistry.oxygen or (chemistry.iron.fugacity if chemistry.iron else None)


# ---- inventories


def _inventories(planet: Planet, arguments: Collection[str], at: str) -> Iterator[NamedParameter]:
    symbols = {symbol: name for name, symbol in INVENTORIES.items()}
    present = {e: mass for e, mass in planet.chemistry.masses.items() if mass > 0}
    for element, mass in present.items():
        name = symbols[element]
        key = "redox.oxygen" if name == "oxygen" else f"volatiles.{name}"
        followers = [e for e in present if element in _chain(planet.case, arguments, e)]
        others = [symbols[e] for e in followers if e != element]
        fixed = f"{at}, the other keys as written, {_oxidation(planet)}"
        if others:
            fixed += f"; {', '.join(others)} follows, as a ratio in the case"
        inventory = None if name in arguments else _written(planet.case, element)
        yield NamedParameter(
            key,
            f"inventory of {name}",
            "kg",
            Direction(key, {f"moles_{e}": 1.0 for e in followers}),
            fixed,
            None if name in arguments else mass,
            inventory.text if inventory else "",
            (name,),
        )


def _written(case: Case, element: str) -> Inventory | None:
    """The inventory of an element as the case has it."""
    if element == "O":
        return case.redox.oxygen
    name = next(name for name, symbol in INVENTORIES.items() if symbol == element)
    inventory: Inventory = getattr(case.volatiles, name)
    return inventory


def _chain(case: Case, arguments: Collection[str], element: str) -> list[str]:
    """The element, that to which its inventory is a ratio, and so on."""
    names = {symbol: name for name, symbol in INVENTORIES.items()}
    chain = [element]
    while names[chain[-1]] not in arguments:
        inventory = _written(case, chain[-1])
        if inventory is None or not inventory.reference or inventory.reference in chain:
            break
        chain.append(inventory.reference)
    return chain


# ---- oxygen, pressures and laws


def _oxygen(planet: Planet, at: str) -> Iterator[NamedParameter]:
    oxygen = _prescribed_oxygen(planet)
    if oxygen is None or OFFSET not in {p.name for p in planet.model.parameters}:
        return
    key, fixed = "redox.oxygen_fugacity", f"{at}, the other keys as written"
    along = Direction(key, {OFFSET: 1.0}, relative=False)
    what = f"log10 fO2 above {oxygen.buffer}" if oxygen.buffer else "log10 fO2 [bar]"
    others = ("oxygen_fugacity", OFFSET, f"redox.{OFFSET}")
    yield NamedParameter(key, what, "dex", along, fixed, oxygen.offset, oxygen.label, others)
    if oxygen.buffer:
        law, number = find("buffer", oxygen.buffer), COMMON["buffer"]["offset"]
        along = Direction(BUFFER, {OFFSET: 1.0}, relative=False)
        fixed = f"{at}, all keys"
        source = f"{law.name}: {law.reference}"
        meaning = f"{number.meaning} of the buffer"
        yield NamedParameter(BUFFER, meaning, number.unit, along, fixed, number.value, source=source)


def _pressures(planet: Planet, at: str) -> Iterator[NamedParameter]:
    for kind, species, value in planet.chemistry.pressures.values():
        name = f"volatiles.initial_{kind}.{species}"
        along = Direction(name, {f"{kind}[{species}]": 1.0})
        fixed = f"{at}, the other keys as written, {_oxidation(planet)}"
        others = (f"{kind}_{species}",)
        yield NamedParameter(name, f"{kind} of {species}", "Pa", along, fixed, value, others=others)


def _laws(planet: Planet, at: str) -> Iterator[NamedParameter]:
    for name, row in law_numbers(planet.chemistry).items():
        number = row.number
        yield NamedParameter(
            name,
            number.meaning,
            number.unit,
            Direction(name, {name: 1.0}, number.relative),
            f"{at}, all keys, {_oxidation(planet)}",
            number.value,
            error=number.error,
            source=row.source,
            law=True,
        )
