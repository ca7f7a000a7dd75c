"""The kinds of values of a case: quantities with unit and range, and inventories of elements.

Errors of these values are sentences for the user.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from pydantic_core import PydanticCustomError, core_schema

from ..closures.registry import names
from ..errors import InputError, nearest
from ..units import FACTORS, by_mass, measured, si_text, spelled, split, to_si, written_unit
from .element_names import ELEMENTS, LISTED

# a budget of no oxygen beyond that of the melt's oxides, as word and as unit
CONGRUENT = "congruent"
# units that a cure proposes for a bare number
USUAL = ("km", "au", "GPa", "bar", "Myr", "yr", "ocean", "g/cm^3")


def refusal(problem: str, allowed: str = "", cure: str = "", key: str = "") -> PydanticCustomError:
    """A refusal that pydantic gathers with the others; `key` names the key of the section it belongs to."""
    context = {"problem": problem, "allowed": allowed, "cure": cure, "key": key}
    return PydanticCustomError("refused", "{problem}", context)


@dataclass(frozen=True)
class SI:
    """What makes a number a quantity: its SI unit (as text) and its range.

    Reads "<number> <unit>" or a bare SI number.

    low, high: the range [unit], with its ends but for those named by `exclusive` ("low", "high" or "low
    high").
    whole: the number is an integer. molar: of a share of moles, which units by mass do not fit.
    optional: "none" may stand for no value; nothing: another word for it.
    """

    unit: str
    low: float = -math.inf
    high: float = math.inf
    exclusive: str = ""
    whole: bool = False
    molar: bool = False
    optional: bool = False
    nothing: str = ""

    def read(self, value: object) -> float | int | None:
        """The value in SI, or a refusal."""
        if self.optional and nothing(value) is None:
            return None
        if self.nothing and (value is None or _is_word(value, self.nothing)):
            return None
        if self.molar and isinstance(value, str) and by_mass((split(value) or (0.0, ""))[1]):
            raise refusal(
                "this is a share by mass, and the key is one of moles.", f"allowed: {self.allowed}."
            )
        try:
            number = to_si(value, self.unit)
        except InputError as error:
            raise refusal(error.problem, error.allowed, error.cure) from None
        excluded = {end for end in ("low", "high") if end in self.exclusive and number == getattr(self, end)}
        if excluded or not self.low <= number <= self.high:
            written = written_unit(value)
            text = str(value).strip() if written else si_text(number, self.unit)
            raise refusal(
                f"{text} is out of range.",
                f"allowed: {self.range_in(written)}.",
                self._with_unit(value, number),
            )
        if self.whole and number != int(number):
            raise refusal(f"{number!r} is not a whole number.", f"allowed: {self.allowed}.")
        return int(number) if self.whole else number

    def _with_unit(self, value: object, number: float) -> str:
        """The cure for a bare number that would be in range with a unit: "6371 km?"."""
        has_unit = isinstance(value, str) and bool((split(value) or (0.0, "?"))[1])
        if has_unit or self.unit == "1":
            return ""
        near = [
            name
            for name, (si, factor) in FACTORS.items()
            if si == spelled(self.unit) and factor != 1 and self.low <= number * factor <= self.high
        ]
        usual = ("M_earth",) if "M_earth" in near else USUAL
        common = [name for name in near if name in usual] or near[:1]
        return (
            f"did you mean {' or '.join(repr(f'{number:g} {name}') for name in common[:2])}? A bare number "
            f"is in {self.unit}"
            if common
            else ""
        )

    @property
    def allowed(self) -> str:
        """The range in words, with the SI unit."""
        return self.range_in("")

    def range_in(self, written: str) -> str:
        """The range in words, in a unit as `spelled`; in SI for ""."""
        (lowest, unit), (highest, _) = (measured(end, self.unit, written) for end in (self.low, self.high))
        low = f"{'above' if 'low' in self.exclusive else 'at least'} {lowest:g}"
        high = f"{'below' if 'high' in self.exclusive else 'at most'} {highest:g}"
        words = (
            " and ".join(w for w, end in ((low, self.low), (high, self.high)) if math.isfinite(end))
            or "any number"
        )
        if not self.exclusive and math.isfinite(self.low) and math.isfinite(self.high):
            words = f"from {lowest:g} to {highest:g}"
        unit = f" {unit}" if unit else ""
        return (
            ("a whole number " if self.whole else "")
            + words
            + unit
            + (", or 'none'" if self.optional else "")
            + (f", or {self.nothing!r}" if self.nothing else "")
        )

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> core_schema.CoreSchema:
        """How pydantic reads the number."""
        return core_schema.no_info_plain_validator_function(self.read)


@dataclass(frozen=True)
class SIOrLaw(SI):
    """A quantity, or the name of a law of a kind that gives it."""

    kind: str = ""

    def read(self, value: object) -> float | int | str | None:  # type: ignore[override]  # a name is a value too
        """The value in SI, or the name of the law, or a refusal."""
        written = value.strip() if isinstance(value, str) else ""
        absent = self.optional and nothing(value) is None
        if not written or absent or (self.nothing and _is_word(value, self.nothing)):
            return super().read(value)
        known = names(self.kind)
        if written in known:
            return written
        if split(written) is None:
            what = self.kind.replace("_", " ")
            raise refusal(
                f"no law of {what} has this name.", f"allowed: {self.allowed}.", nearest(written, known)
            )
        return super().read(value)

    def range_in(self, written: str) -> str:
        """The range in words, and the names of the laws."""
        return f"{super().range_in(written)}, or {', '.join(map(repr, names(self.kind)))}"


def nothing(value: object) -> object:
    """None for the text "none", which is how TOML, having no null, says it; anything else as it is."""
    return None if _is_word(value, "none") else value


def _is_word(value: object, word: str) -> bool:
    return isinstance(value, str) and value.strip().casefold() == word


@dataclass(frozen=True)
class Inventory:
    """How much of an element a planet has.

    unit: "kg"; "kg/kg", of the mantle; or for instance "C/H", a mass ratio to another element. Of oxygen
    also CONGRUENT, with the amount 0.
    text: what the user wrote; equality ignores it.
    """

    amount: float
    unit: str
    text: str = field(compare=False)

    @classmethod
    def read(cls, value: object, symbol: str) -> Inventory:
        """The inventory of element `symbol`.

        value: for instance "3 ocean", "4.65e20 kg", "100 ppmw", "1 C/H", or a number in kg.
        """
        if isinstance(value, cls):
            value = value.text
        example = "C/H" if symbol == "C" else f"{symbol}/C"
        oceans = "'3 ocean', " if symbol == "H" else ""
        allowed = (
            f"allowed: {oceans}'4e20 kg', '100 ppmw' or '0.01 wt%' of the mantle, '0.1 {example}' by mass, "
            "or a number in kg."
        )
        written = value.strip() if isinstance(value, str) else ""
        if symbol == "O" and written.casefold() == CONGRUENT:
            return cls(0.0, CONGRUENT, CONGRUENT)
        number, unit = split(written) or (0.0, "")
        if ratio := re.fullmatch(r"([A-Za-z]{1,2})\s*/\s*([A-Za-z]{1,2})", unit):
            if ratio[1] == symbol and ratio[2] in ELEMENTS.values() and ratio[2] != symbol:
                amount, unit = to_si(number, "1"), f"{symbol}/{ratio[2]}"
                return cls(_not_negative(amount, allowed), unit, written)
            if ratio[1] in ELEMENTS.values() or ratio[2] in ELEMENTS.values():
                others = ", ".join(s for s in LISTED.values() if s != symbol)
                named = f"{symbol}/<another of {others}, or any other element but O>"
                raise refusal(
                    f"{unit!r} is not a ratio of {symbol} to another element.", f"allowed: {named}."
                )
        if symbol != "H" and re.search("ocean", unit):
            raise refusal("an ocean is an amount of hydrogen.", allowed)
        if symbol == "H" and unit.strip() in ("H2O", "water", "EO"):
            raise refusal(
                f"{unit!r} is not a unit.",
                allowed,
                f"did you mean '{number:g} ocean'? An ocean is the hydrogen of Earth's oceans",
            )
        fraction = by_mass(unit)
        try:
            amount = to_si(value, "kg/kg" if fraction else "kg")
        except InputError as error:
            raise refusal(error.problem, allowed, error.cure) from None
        if fraction and amount > 1:
            raise refusal("this is more than the mantle itself.", allowed)
        text = written if isinstance(value, str) else str(si_text(amount, "kg"))
        return cls(_not_negative(amount, allowed), "kg/kg" if fraction else "kg", text)

    @property
    def si(self) -> str:
        """The inventory as text in SI, which reads back to an equal one."""
        return self.unit if self.unit == CONGRUENT else f"{self.amount!r} {self.unit}"

    @property
    def reference(self) -> str | None:
        """Symbol of the element a ratio refers to."""
        return self.unit.partition("/")[2] if self.unit not in ("kg", "kg/kg") else None


def _not_negative(amount: float, allowed: str) -> float:
    if amount < 0:
        raise refusal("an inventory is not negative.", allowed)
    return amount
