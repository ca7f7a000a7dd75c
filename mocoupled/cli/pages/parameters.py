"""The page of `mocoupled show CASE --parameters`: what sensitivities and uncertainties can name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .text import rows

if TYPE_CHECKING:
    from rich.console import Console

    from ...planet.parameters_of_case import NamedParameter

LABELS = 40  # columns
LAW = "law:"


def print_parameters(parameters: Iterable[NamedParameter], console: Console) -> None:
    """Print parameters with value, unit, published error and source."""
    groups: dict[str, list[tuple[str, object]]] = {}
    for parameter in parameters:
        title = "numbers of laws" if parameter.name.startswith(LAW) else "conditions and keys of the case"
        groups.setdefault(title, []).append((parameter.name, _text(parameter)))
    for title, pairs in groups.items():
        rows(pairs, console, title, LABELS)


def _text(parameter: NamedParameter) -> str:
    """Value with its error, meaning, other names and source."""
    lines = [f"{_value(parameter)}: {parameter.meaning}"]
    if parameter.others:
        lines.append(f"also: {', '.join(parameter.others)}")
    if parameter.source:
        lines.append(parameter.source)
    return "\n".join(lines)


def _value(parameter: NamedParameter) -> str:
    unit = "" if parameter.unit == "1" else f" {parameter.unit}"
    if parameter.value is None:
        return f"a condition{f', in{unit}' if unit else ''}"
    number = f"{parameter.value:.6g}"
    if parameter.error is not None:
        number += f" +- {parameter.error:g}"
    written = f" ({parameter.written})" if parameter.written else ""
    return f"{number}{unit}{written}"
