"""The base of the sections of a case, and the field with default and description."""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from ..errors import InputError
from .quantities import refusal
from .species_names import split_names


def listed(value: object) -> object:
    """A list of names from one text ("H2O, H2", as on the command line); "all" as None.

    Names with commas stand in quotes. Without quotes the names of the mechanism decide, when the chemistry is
    resolved.
    """
    if isinstance(value, str):
        return None if value.strip() == "all" else split_names(value)
    return value


def once(names: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Refuse an empty list and a name listed twice."""
    repeated = sorted(n for n, count in Counter(names or ()).items() if count > 1)
    if repeated:
        raise refusal(
            f"{', '.join(repeated)} is listed more than once.",
            "",
            "write a name that contains commas in quotes: \"'C2H2,acetylene', H2\"",
        )
    if names is not None and not names:
        raise refusal("the list is empty.", "allowed: names of species, or 'all'.")
    return names


def says(default: object, description: str, **more: Any) -> Any:  # as pydantic's Field
    """A field with its default (as a user would write it) and its description.

    A default of dict is made anew.
    """
    if default is dict:
        return Field(default_factory=dict, description=description, **more)
    return Field(default=default, description=description, **more)


Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
frozen = AfterValidator(MappingProxyType)


class Section(BaseModel):
    """Base of the sections: frozen, no unknown key, defaults checked like anything the user writes."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, arbitrary_types_allowed=True
    )

    def __setattr__(self, name: str, value: object) -> None:
        """InputError: a section is frozen."""
        where = f"{type(self).__name__}.{name}"
        raise InputError(where, "a case is frozen.", "", 'use case.replace({"section.key": value})')
