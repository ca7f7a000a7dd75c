"""What mocoupled equilibrium and gas share: grid of conditions, warnings, table, files."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import ConvergenceError, InputError
from ..files import new_file
from .output_files import whole, write_netcdf
from .pages.point_tables import point_table
from .terminal import Page

if TYPE_CHECKING:
    import pandas
    import xarray


def named_values(text: str, option: str, form: str) -> tuple[str, str]:
    """Name and values of 'NAME=VALUES'; InputError for another form. option: "" for an argument."""
    name, equals, numbers = text.partition("=")
    if equals and name.strip() and numbers.strip():
        return name.strip(), numbers
    example = "H=2 C=1 O=3"
    if option:
        example = f"{option} '{'carbon=4e20 kg' if option == '--inventory' else 'H2O=500 bar'}'"
    raise InputError(f"{option} {text!r}".strip(), f"not of the form {form}.", cure=f"for example {example}")


def grid_of(axes: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """Single values as numbers; several as DataArrays along an axis, so that axes make every combination."""
    import xarray

    grid: dict[str, Any] = {}
    for name, numbers in axes.items():
        several = len(numbers) > 1
        grid[name] = xarray.DataArray(numbers, dims=name, coords={name: numbers}) if several else numbers[0]
    return grid


def output_file(output: str | None) -> Path | None:
    """The path of the file to write, checked; None without the option."""
    if output is None:
        return None
    return new_file(output, suffixes=(".nc", ".csv"), cure="remove it")


def with_warnings(work: Callable[[], xarray.Dataset]) -> xarray.Dataset:
    """The result, its warnings printed; ConvergenceError when no point has a solution."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = work()
    if not bool(result.converged.any()):
        reasons = "; ".join(str(w.message) for w in caught if "calibration" not in str(w.message))
        raise ConvergenceError(f"no point has a solution: {reasons or 'no reason is known'}")
    for warning in caught:
        click.echo(f"warning: {warning.message}", err=True)
    return result


def present(result: xarray.Dataset, target: Path | None, axes: Sequence[str]) -> None:
    """Print the table of equilibria, and write it to the target. axes: names of the conditions."""
    from .pages.equilibria import print_equilibria

    page = Page()
    print_equilibria(result, list(axes), page.console)
    page.show()
    if target is not None:
        write_points(result, target)


def write_points(result: xarray.Dataset, target: Path) -> None:
    """Write equilibria as NetCDF or as a table, by the ending of the target."""
    if target.suffix == ".nc":
        _write_conventional(result, target)
    else:
        with whole(target) as path:
            table_of_points(result).to_csv(path, index=False)
    click.echo(f"wrote {target}")


def _write_conventional(result: xarray.Dataset, target: Path) -> None:
    """NetCDF by the CF conventions."""
    from ..provenance.references import used_references
    from ..results.conventions import annotated
    from ..version import __version__

    case = result.attrs.get("case_name")
    title = f"equilibria of {case}" if case else "equilibria of a closed system"
    if "time" in result.dims:
        title = f"run of {case}, with error bars"
    attributes = {"title": title, "source": f"mocoupled {__version__}"} | result.attrs
    named = annotated(
        result.assign_attrs(attributes),
        used_references(result),
        f"mocoupled {__version__} computed {title}",
    )
    for name, unit in (("temperature", "K"), ("melt_fraction", "1")):
        if name in named.coords:
            named[name].attrs.setdefault("units", unit)
    write_netcdf(named, target)


def table_of_points(result: xarray.Dataset) -> pandas.DataFrame:
    """One row for each point of an equilibrium."""
    return point_table(result, list(result.converged.dims))
