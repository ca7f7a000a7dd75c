"""The file of a sweep's grid, and a sample: their sections, names and numbers, refused in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from ..errors import InputError, nearest
from .quantities import refusal

MOST_CASES = 1_000_000  # of one sweep
KINDS = ("evolution", "equilibrium")
METHODS = ("latin-hypercube", "sobol")

Kind = Literal["evolution", "equilibrium"]
Method = Literal["latin-hypercube", "sobol"]
assert get_args(Kind) == KINDS and get_args(Method) == METHODS

EXAMPLE_OF_RANGES = (
    'for example under [sample.ranges]: "volatiles.hydrogen" = {from = "1 ocean", to = "10 ocean"}'
)


def whole_number(number: int) -> str:
    """A whole number as text; Python refuses to write one with thousands of digits."""
    if abs(number) < 10**15:
        return str(number)
    return f"{'-' if number < 0 else ''}more than 1e15"


def _text(value: object) -> object:
    if not isinstance(value, str):
        raise refusal("text in quotes is expected.")
    return value


def _section(value: object) -> object:
    if not isinstance(value, dict):
        raise refusal("a section is expected.", "write it as [{key}]")
    return value


def _tables(value: object) -> object:
    if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
        raise refusal(
            "tables are expected.", "write each group of keys that change together as [[zip]]", key="plain"
        )
    return value


def _base(value: object) -> object:
    if not _text(value):
        raise refusal("the grid names no base case.", 'for example: case = "earth"', key="grid")
    return value


def _kind(value: object) -> object:
    if _text(value) not in KINDS:
        raise refusal(
            "there is no such kind of sweep.", f"allowed: {', '.join(KINDS)}", nearest(str(value), KINDS)
        )
    return value


def _method(value: object) -> object:
    if value not in METHODS:
        raise refusal(
            "there is no such method.", f"allowed: {', '.join(METHODS)}", nearest(str(value), METHODS)
        )
    return value


def _at_least(least: int) -> BeforeValidator:
    def check(value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise refusal("this is not a whole number in the allowed range.", f"allowed: {least} or more")
        if value > MOST_CASES and least:
            raise refusal("these are too many cases.", f"allowed: up to {MOST_CASES} in one sweep")
        return value

    return BeforeValidator(check)


def _ranges(value: object) -> object:
    if not isinstance(value, Mapping) or not value:
        raise refusal("the sample has no ranges.", EXAMPLE_OF_RANGES, key="plain")
    return value


SectionOfGrid = Annotated[dict[str, Any], BeforeValidator(_section)]


class GridDocument(BaseModel):
    """The sections of a grid file; None for one that is not there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Annotated[str, BeforeValidator(_text)] = ""
    case: Annotated[str, BeforeValidator(_base)]
    kind: Annotated[Kind | None, BeforeValidator(_kind)] = None
    set: SectionOfGrid = Field(default_factory=dict)
    axes: SectionOfGrid | None = None
    zip: Annotated[list[dict[str, Any]], BeforeValidator(_tables)] | None = None
    sample: SectionOfGrid | None = None
    equilibrium: SectionOfGrid | None = None


class SampleDocument(BaseModel):
    """A sample of a sweep: method, number of cases, seed, and a range for each key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Annotated[Method, BeforeValidator(_method)] = "latin-hypercube"
    number: Annotated[int, _at_least(2)]
    seed: Annotated[int, _at_least(0)]
    ranges: Annotated[dict[str, Any], BeforeValidator(_ranges)]

    @model_validator(mode="before")
    @classmethod
    def _required(cls, section: dict[str, Any]) -> dict[str, Any]:
        """What is missing is refused as what is wrong, with what is allowed."""
        return {"number": None, "seed": None, "ranges": None} | section

    @model_validator(mode="after")
    def _balanced(self) -> SampleDocument:
        number = self.number
        if self.method == "sobol" and number & (number - 1):
            below = 1 << (number.bit_length() - 1)
            raise refusal(
                "a Sobol sequence is balanced at powers of two only.",
                "",
                f"take {below} or {2 * below}, or the method 'latin-hypercube'",
                "number",
            )
        return self


M = TypeVar("M", bound=BaseModel)


def checked(model: type[M], document: Mapping[str, Any], label: str, nothing_else: str, cure: str = "") -> M:
    """The checked document, with the values of the model.

    label: what errors call it. nothing_else: what to say of a key that it does not have; cure: of such a key
    without a near name. InputError for the first thing that is wrong.
    """
    try:
        return model.model_validate(dict(document))
    except ValidationError as error:
        raise _explained(
            error.errors(include_url=False), model, document, label, nothing_else, cure
        ) from None


def _explained(
    errors: list[Any],
    model: type[BaseModel],
    document: Mapping[str, Any],
    label: str,
    nothing_else: str,
    cure: str,
) -> InputError:
    """The first of pydantic's errors in our words; a key that is not known comes before all others."""
    names = tuple(model.model_fields)
    for error in errors:
        if error["type"] == "extra_forbidden":
            key = str(error["loc"][0])
            return InputError(
                f"{label} {key}", nothing_else, f"allowed: {', '.join(names)}", nearest(key, names) or cure
            )
    first = errors[0]
    if first["type"] == "missing":
        return InputError(label, "the grid names no base case.", 'for example: case = "earth"')
    context = first.get("ctx", {})
    key = str(first["loc"][0]) if first["loc"] else context.get("key", "")
    value = document.get(key)
    shown = whole_number(value) if isinstance(value, int) and not isinstance(value, bool) else repr(value)
    place = {"grid": label, "plain": f"{label} {key}"}.get(context.get("key", ""), f"{label} {key} = {shown}")
    allowed = context.get("allowed", "").replace("{key}", key)
    return InputError(place, context.get("problem", first["msg"]), allowed, context.get("cure", ""))
