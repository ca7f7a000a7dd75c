"""The page of the public names, for mkdocstrings to fill in, and the list of validation reports."""

from __future__ import annotations

import inspect
from pathlib import Path

import mocoupled as mo

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ROOT / "validation" / "reports"
KINDS = (".md", ".png", ".csv")  # of what is shown of the reports

_FIRST = """# Python names

All of them are in `mocoupled` (`import mocoupled as mo`); they load on first use, so that the import is fast. Arguments and results are in SI
unless a text carries its unit. [Use as a library](library.md) shows them at work; the [variables](reference/variables.md) of the results have a page.
"""


def names_page() -> str:
    """Every public name, in the order of the package, with the docstring it has."""
    parts = [_FIRST]
    for name in mo.__all__:
        one = getattr(mo, name)
        if inspect.ismodule(one):
            parts += [f"## mocoupled.{name}", inspect.getdoc(one) or "", *map(_directive, _public(one))]
        elif callable(one):
            parts.append(_directive(f"{one.__module__}.{one.__qualname__}"))
    return (
        "\n\n".join(
            [
                *parts,
                "## Laws of one's own",
                _directive("mocoupled.closures.registry.law"),
                _directive("mocoupled.closures.law_types.SymbolicLaw"),
                _directive("mocoupled.closures.law_types.NumericLaw"),
            ]
        )
        + "\n"
    )


def _directive(path):
    return f"::: {path}"


def _public(module):
    """Functions and classes of the face of a module, in the order of its `__all__`."""
    for name in module.__all__:
        one = getattr(module, name)
        if inspect.isfunction(one) or inspect.isclass(one):
            yield f"{one.__module__}.{name}"


def reports() -> dict[str, Path]:
    """Path in the site → file, of the reports of the validation with their figures and tables."""
    found = sorted(p for p in REPORTS.rglob("*") if p.suffix in KINDS)
    return {f"validation/reports/{p.relative_to(REPORTS).as_posix()}": p for p in found}
