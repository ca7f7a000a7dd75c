"""The page of the public Python names, which mkdocstrings fills in, and the list of validation reports."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import mocoupled as mo

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ROOT / "validation" / "reports"
KINDS = (".md", ".png", ".csv")  # of the files of the reports that are shown

_FIRST = (
    "# Python names\n\n"
    "All of them are in `mocoupled` (`import mocoupled as mo`); they load on first use, so that the import "
    "is fast. "
    "Arguments and results are in SI\n"
    "unless a text carries its unit. [Use as a library](library.md) shows them at work; the "
    "[variables](reference/variables.md) of the results have a page.\n"
)


def names_page() -> str:
    """Every public name, in the order of the package, with its docstring."""
    parts = [_FIRST]
    for name in mo.__all__:
        value = getattr(mo, name)
        if inspect.ismodule(value):
            parts += [f"## mocoupled.{name}", inspect.getdoc(value) or "", *map(_directive, _public(value))]
        elif callable(value):
            parts.append(_directive(f"{value.__module__}.{value.__qualname__}"))
    parts.append("## Laws of one's own")
    parts += [
        _directive("mocoupled.closures.registry.law"),
        _directive("mocoupled.closures.law_types.SymbolicLaw"),
        _directive("mocoupled.closures.law_types.NumericLaw"),
    ]
    return "\n\n".join(parts) + "\n"


def _directive(path: str) -> str:
    return f"::: {path}"


def _public(module: ModuleType) -> Iterator[str]:
    """Functions and classes of the face of a module, in the order of its `__all__`."""
    for name in module.__all__:
        value = getattr(module, name)
        if inspect.isfunction(value) or inspect.isclass(value):
            yield f"{value.__module__}.{name}"


def reports() -> dict[str, Path]:
    """Path in the site -> file, of the validation reports with their figures and tables."""
    files = sorted(p for p in REPORTS.rglob("*") if p.suffix in KINDS)
    return {f"validation/reports/{p.relative_to(REPORTS).as_posix()}": p for p in files}
