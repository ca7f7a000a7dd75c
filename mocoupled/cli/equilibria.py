"""The commands without time: mocoupled equilibrium | gas | compare."""

from __future__ import annotations

import re
import warnings

import click

from ..errors import ConvergenceError, InputError
from ..files import new_file
from . import terminal
from .output_files import whole, write_netcdf


def _points_option(*names, **more):
    return click.option(*names, metavar="VALUES", **more)


@click.command(short_help="Gas and melt in equilibrium at given conditions.")
@click.argument("case")
@_points_option(
    "-T",
    "--temperature",
    required=True,
    help="e.g. '1650 K', '1400,1650,2000' or '1400:3000:17' (first:last:number).",
)
@_points_option(
    "-m", "--melt-fraction", default="1", help="Melt fraction of the mantle, by mass [default: 1]."
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Replace a key of the case; may be repeated.",
)
@click.option(
    "--pressure",
    "pressures",
    multiple=True,
    metavar="SPECIES=VALUES",
    help="Partial pressure in place of an inventory of the species' element, e.g. 'H2O=500 bar'; may be repeated.",
)
@click.option(
    "--fugacity",
    "fugacities",
    multiple=True,
    metavar="SPECIES=VALUES",
    help="Fugacity in place of an inventory; may be repeated.",
)
@click.option(
    "--inventory",
    "inventories",
    multiple=True,
    metavar="ELEMENT=VALUES",
    help="Inventory in place of the case's, e.g. 'carbon=4e20 kg'; may be repeated.",
)
@click.option("-o", "--output", metavar="FILE", help="Write the result as NetCDF (.nc) or as a table (.csv).")
def equilibrium(case, temperature, melt_fraction, settings, pressures, fugacities, inventories, output):
    """Equilibrium of CASE's gas, melt and graphite; several values of an option make every combination.

    A measured gas in place of an inventory:  mocoupled equilibrium earth -T 1650 -m 0.3 --pressure 'H2O=500 bar' --inventory 'carbon=4e20 kg'
    """
    from ..equilibria.planet_equilibrium import equilibrium as solve

    asked = terminal.read_case(case, settings)
    axes = {"temperature": values(temperature, "K", "-T"), "melt_fraction": values(melt_fraction, "1", "-m")}
    tables: dict[str, list[str]] = {}
    for kind, unit, given in (
        ("pressure", "Pa", pressures),
        ("fugacity", "Pa", fugacities),
        ("inventory", "kg", inventories),
    ):
        for text in given:
            name, numbers = _named(text, f"--{kind}", "SPECIES=VALUES" if unit == "Pa" else "ELEMENT=VALUES")
            column = name if kind == "inventory" else f"{kind}_{name}"
            if column in axes:
                raise InputError(
                    f"--{kind} {text!r}",
                    f"{name} is given twice.",
                    cure="several values stand in one option: 'H2O=100,200 bar'",
                )
            axes[column] = (
                _inventories(numbers, asked, name)
                if kind == "inventory"
                else values(numbers, unit, f"--{kind} {name}")
            )
            tables.setdefault(kind, []).append(name)
    target = _target(output)
    grid = _grid(axes)
    for kind in ("pressure", "fugacity"):
        if kind in tables:
            grid[kind] = {name: grid.pop(f"{kind}_{name}") for name in tables[kind]}
    result = _warned(lambda: solve(asked, **grid))
    _present(result, target, list(axes), "pressure")


def _inventories(text, case, name) -> list[float]:
    """Masses [kg] of an element: with units of mass, or as shares of the mantle ("100,200 ppmw")."""
    from ..interior.static_structure import structure
    from ..units import split

    unit = (split(text.rpartition(",")[2]) or (0.0, ""))[1]
    if re.fullmatch(r"[A-Z][a-z]?\s*/\s*[A-Z][a-z]?", unit):
        raise InputError(
            f"--inventory {name}={text}",
            "a ratio to another element stands in the case.",
            "allowed: masses, or ppmw of the mantle",
            f"--set volatiles.{name}='{text.strip()}'",
        )
    if unit.endswith(("ppmw", "/kg")):
        return [
            share * structure(case.planet).mantle_mass for share in values(text, "1", f"--inventory {name}")
        ]
    return values(text, "kg", f"--inventory {name}")


def _named(text, option, form):
    """Name and values of 'NAME=VALUES'."""
    name, equals, numbers = text.partition("=")
    if not equals or not name.strip() or not numbers.strip():
        example = (
            f"{option} '{'carbon=4e20 kg' if option == '--inventory' else 'H2O=500 bar'}'"
            if option
            else "H=2 C=1 O=3"
        )
        raise InputError(
            f"{option} {text!r}".strip(), f"not of the form {form}.", cure=f"for example {example}"
        )
    return name.strip(), numbers


@click.command(short_help="Closed-system equilibrium of gas and condensates (FactSage's Equilib).")
@_points_option(
    "-T",
    "--temperature",
    required=True,
    help="e.g. '1388 K', '600,923' or '600:2000:15' (first:last:number).",
)
@_points_option("-P", "--pressure", required=True, help="Total pressure, e.g. '794 bar' or '1e5,1e7' (Pa).")
@click.argument("amounts", nargs=-1, required=True, metavar="NAME=MOLES...")
@click.option(
    "--mechanism",
    help="A shipped mechanism or the path of one [default: the smallest shipped one that has all gases of the elements].",
)
@click.option(
    "--species",
    default="all",
    help="Gases to use, e.g. 'H2,H2O,CO'; names with commas as they are or in quotes [default: all].",
)
@click.option(
    "--condensates",
    help="Condensates that may form, e.g. 'C(gr),H2O(l)', 'all' of the mechanism, or 'none' [default: C(gr) where the mechanism has it].",
)
@click.option(
    "--fugacity",
    default="ideal",
    metavar="LAW",
    help="Law of the fugacity coefficients, e.g. PengRobinson1976 [default: ideal].",
)
@click.option("--engine", default="kernel", help="kernel, cantera or both [default: kernel].")
@click.option("-o", "--output", metavar="FILE", help="Write the result as NetCDF (.nc) or as a table (.csv).")
def gas(temperature, pressure, amounts, mechanism, species, condensates, fugacity, engine, output):
    """Equilibrium of a closed system that holds NAME=MOLES of elements or species; several values make every combination.

    For example:  mocoupled gas -T 1388 -P '794 bar' H=4.6 C=0.4 O=2.5   or   mocoupled gas -T 1388 -P '1e5,1e7' H2O=1,2 CO2=0.1
    """
    from ..equilibria.closed_equilibrium import EVERY, gas_equilibrium

    axes = {"temperature": values(temperature, "K", "-T"), "total_pressure": values(pressure, "Pa", "-P")}
    names = []
    for amount in amounts:
        name, numbers = _named(amount, "", "ELEMENT=MOLES")
        if name in names:
            raise InputError(
                amount, f"{name} is given twice.", cure="several values stand in one argument: H=2,3"
            )
        names.append(name)
        axes[f"moles_{name}"] = values(numbers, "mol", amount)
    target = _target(output)

    def solve():
        known = mechanism or EVERY
        gases = species if species.strip() == "all" else _names(species, known)
        pure = condensates and (
            ()
            if condensates.strip() == "none"
            else "all"
            if condensates.strip() == "all"
            else tuple(_names(condensates, known))
        )
        grid = _grid(axes)
        moles = {name: grid[f"moles_{name}"] for name in names}
        return gas_equilibrium(
            grid["temperature"],
            grid["total_pressure"],
            moles,
            gases,
            pure,
            mechanism=mechanism,
            fugacity=fugacity,
            engine=engine,
        )

    result = _warned(solve)
    varied = [name for name, v in axes.items() if name.startswith("moles_") and len(v) > 1]
    _present(result, target, ["temperature", "total_pressure", *varied], "pressure")


@click.group(short_help="FactSage tables and independent codes beside ours.")
def compare():
    """Compare our equilibria with FactSage tables, and with NASA's CEA where it is installed."""


def _compare_options(function):
    for option in (
        click.option(
            "-o",
            "--output",
            metavar="FOLDER",
            help="Write figures (pressures, and a bar chart of the differences) and a CSV for each table there.",
        ),
        click.argument("tables", nargs=-1, metavar="[TABLE]..."),
    ):
        function = option(function)
    return function


@compare.command()
@_compare_options
@click.option(
    "--mechanism",
    help="For 'all gases': a mechanism's name or path [default: the smallest shipped one that has all gases of the elements].",
)
@click.option(
    "--fugacity",
    metavar="LAW",
    help="Law of the fugacity coefficients for tables of a real gas, e.g. PengRobinson1976.",
)
def factsage(tables, output, mechanism, fugacity):
    """Compare TABLEs with ours: shipped names, CSV files, workbooks (.xlsx), or the text of an Equilib run; none: all shipped."""
    from .pages.compare import compare_factsage

    _compared(
        lambda console: compare_factsage(tables, console, output, mechanism=mechanism, fugacity=fugacity)
    )


@compare.command()
@_compare_options
def cea(tables, output):
    """Compare NASA's CEA (package `cea`) with our kernel on the problems of TABLEs (none: all shipped)."""
    from .pages.compare import compare_cea

    _compared(lambda console: compare_cea(tables, console, output))


def _compared(work):
    page = terminal.Page()
    files = work(page.console)
    page.show()
    for file in files:
        click.echo(f"wrote {file}")


def values(text: str, unit: str, where: str) -> list[float]:
    """Numbers from '1650 K', '1400,1650 K' (the last unit holds for all) or 'first:last:number'."""
    from ..units import split, to_si

    ranged = re.fullmatch(r"([^:]+):([^:]+):\s*(\d{1,9})", text.strip())
    if ranged:
        count = int(ranged[3])
        if not 2 <= count <= 10_000_000:
            raise InputError(
                f"{where} {text!r}",
                "a range needs from 2 to 10 000 000 values.",
                "allowed: first:last:number",
            )
        first, last = (part.strip() for part in ranged.groups()[:2])
        shared = (split(last) or (0.0, ""))[1] if (split(first) or (0.0, "?"))[1] == "" else ""
        first, last = to_si(f"{first} {shared}".strip(), unit, where), to_si(last, unit, where)
        return [first + (last - first) * k / (count - 1) for k in range(count)]
    parts = [part.strip() for part in text.split(",")]
    suffix = (split(parts[-1]) or (0.0, ""))[1]
    return [
        to_si(f"{part} {suffix}" if suffix and (split(part) or (0.0, "?"))[1] == "" else part, unit, where)
        for part in parts
    ]


def _names(text, mechanism):
    """Names separated by commas or blanks; those that hold commas are known to the mechanism, or stand in quotes."""
    from ..chemistry.mechanism import read_mechanism
    from ..schema.species_names import split_names

    return split_names(text, read_mechanism(mechanism, where="mechanism").species)


def _grid(axes):
    """Single values as numbers; several as DataArrays, so that axes make every combination."""
    import xarray

    if all(len(v) == 1 for v in axes.values()):
        return {name: v[0] for name, v in axes.items()}
    return {
        name: xarray.DataArray(v, dims=name, coords={name: v}) if len(v) > 1 else v[0]
        for name, v in axes.items()
    }


def _target(output):
    if output is None:
        return None
    return new_file(output, suffixes=(".nc", ".csv"), cure="remove it")


def _warned(work):
    """The result, its warnings printed; ConvergenceError when no point has a solution."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = work()
    if not bool(result.converged.any()):
        reasons = (
            "; ".join(str(w.message) for w in caught if "calibration" not in str(w.message))
            or "no reason is known"
        )
        raise ConvergenceError(f"no point has a solution: {reasons}")
    for warning in caught:
        click.echo(f"warning: {warning.message}", err=True)
    return result


def _present(result, target, axes, quantity):
    from .pages import pages as screen

    page = terminal.Page()
    screen.static(result, axes, quantity, page.console)
    page.show()
    if target is None:
        return
    if target.suffix == ".nc":
        _write_netcdf(result, target)
    else:
        with whole(target) as path:
            _table(result).to_csv(path, index=False)
    click.echo(f"wrote {target}")


def _write_netcdf(result, target):
    """NetCDF by the CF conventions."""
    from ..provenance.references import used_references
    from ..results.conventions import annotated
    from ..version import __version__

    case = result.attrs.get("case_name")
    what = f"equilibria of {case}" if case else "equilibria of a closed system"
    told = {"title": what, "source": f"mocoupled {__version__}"} | result.attrs
    named = annotated(
        result.assign_attrs(told), used_references(result), f"mocoupled {__version__} computed {what}"
    )
    for name, unit in (("temperature", "K"), ("melt_fraction", "1")):
        if name in named.coords:
            named[name].attrs.setdefault("units", unit)
    write_netcdf(named, target)


def _table(result):
    """One row per point: labelled variables become columns such as pressure[H2O]."""
    import pandas

    points = list(result.converged.dims)
    columns = {d: result[d].broadcast_like(result.converged).values.reshape(-1) for d in points}
    for name, variable in result.data_vars.items():
        extra = [d for d in variable.dims if d not in points]
        if not extra:
            columns[f"{name} ({variable.attrs['units']})"] = variable.transpose(*points).values.reshape(-1)
            continue
        for label in result[extra[0]].values:
            columns[f"{name}[{label}] ({variable.attrs['units']})"] = (
                variable.sel({extra[0]: label}).transpose(*points).values.reshape(-1)
            )
    return pandas.DataFrame(columns)
