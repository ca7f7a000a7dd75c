"""The keys of a case on its silicate melt."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator

from ..errors import InputError
from .quantities import refusal
from .section import Section, says

if TYPE_CHECKING:
    from ..melt.composition import MeltComposition

EARTH = "BSE"


def _composition(value: object) -> Any:  # text, or a table of oxides
    """A composition as a file has it, checked: a name, or a table of oxides in wt%."""
    if isinstance(value, str) and value == EARTH:
        return value
    from ..melt.composition import composition_of  # on use: it imports sympy

    try:
        read = composition_of(value)
    except InputError as error:
        raise refusal(error.problem, error.allowed, error.cure) from None
    if read.name:
        return read.name
    stated = value if isinstance(value, Mapping) else read.mass_fractions
    return MappingProxyType({str(oxide): _percent(amount) for oxide, amount in stated.items()})


def _percent(amount: Any) -> float | str:
    return amount if isinstance(amount, str) else float(amount)


class Melt(Section):
    """The silicate melt of the mantle."""

    composition: Annotated[Any, BeforeValidator(_composition)] = says(
        EARTH,
        "name of a composition (BSE, basalt, komatiite, Mars), or a table of oxides in wt%: of ferric iron, "
        "of solubilities that depend on it, of the iron of the mantle and of mo.vapour(case). "
        "redox.total_iron, redox.melt_oxides and cumulates.bulk_iron override the default, and must agree "
        "with another composition",
    )

    @property
    def oxides(self) -> MeltComposition:
        """The composition by oxides."""
        from ..melt.composition import composition_of

        return composition_of(self.composition)
