"""Values of a user are read by one module, and every option of the command line takes several values.

No public function converts a number by itself.
"""

import ast
import csv
import inspect
import itertools

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from support.command_line import words
from support.places import PACKAGE

import mocoupled as mo

PUBLIC_NAMES = [getattr(mo, name) for name in mo.__all__] + [
    getattr(mo.melting, n) for n in mo.melting.__all__
]
# files of the public functions, and files to which these pass values of a user
FILES = sorted(
    {
        function.__module__.removeprefix("mocoupled.").replace(".", "/")
        for function in filter(inspect.isfunction, PUBLIC_NAMES)
    }
    | {"case", "equilibria/amounts", "schema/buffering_case", "sweeps/grid_file"}
)
# functions of numpy that remove units, masks and coordinates
STRIPPING = {
    "asarray",
    "asanyarray",
    "ascontiguousarray",
    "asfarray",
}
CONVERTING = {"float", "int", "complex", "array", "atleast_1d", "ravel", "isfinite", "to_si", "tolist"}
PUBLIC = (
    {name for name in mo.__all__ if name[:1].islower()}
    | set(mo.melting.__all__)
    | {"replace", "read", "parse"}
)


def called(node) -> str:
    """The last name of the function that a call calls."""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def strippers(tree) -> list[str]:
    """Calls in a file that remove the unit, mask or coordinates of a value that a user passed."""
    result = [
        f"line {node.lineno}: {called(node)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and called(node) in STRIPPING
    ]
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef) or function.name not in PUBLIC:
            continue
        parameters = {item.arg for item in [*function.args.args, *function.args.kwonlyargs]}
        read = {}  # parameter -> line from which on it is a converted value
        for node in ast.walk(function):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    for name in ast.walk(target):
                        if isinstance(name, ast.Name) and name.id in parameters:
                            read[name.id] = min(node.lineno, read.get(name.id, node.lineno))
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and called(node) in CONVERTING:
                names = [
                    a.id for a in [*node.args, getattr(node.func, "value", None)] if isinstance(a, ast.Name)
                ]
                result += [
                    f"line {node.lineno}: {called(node)}({name})"
                    for name in names
                    if name in parameters and node.lineno <= read.get(name, node.lineno)
                ]
    return result


@pytest.mark.parametrize("file", FILES)
def test_functions_read_values_by_one_module(file):
    tree = ast.parse((PACKAGE / f"{file}.py").read_text(encoding="utf-8"))
    assert strippers(tree) == [], f"{file}.py reads by itself what mocoupled/conditions.py is to read"


def test_reading_by_other_ways_is_detected():
    code = (
        "import numpy as np\ndef equilibrium(case, temperature, melt_fraction):\n    a = "
        "float(temperature)\n    melt_fraction = number(melt_fraction)\n    b = float(melt_fraction)\n    "
        "return np.asarray(b)\n"
    )
    assert strippers(ast.parse(code)) == ["line 6: asarray", "line 3: float(temperature)"]


@pytest.mark.parametrize(
    "name", [np.array(["a", "b"]), pd.DataFrame(), pd.NA, None, 3, ["kernel"], "none of them", {"a": 1}]
)
def test_names_of_choices(name, tmp_path):
    """A value that is not a name is refused, without a comparison.

    Some of these values compare to an array of logical values.
    """
    for call in (
        lambda: mo.gas_equilibrium(1500.0, 1e5, {"H": 2.0, "O": 1.0}, engine=name),
        lambda: mo.gas_equilibrium(1500.0, 1e5, {"H": 2.0, "O": 1.0}, fugacity=name),
        lambda: mo.equilibrium_map(
            "earth", {"temperature": [1500.0, 1600.0], "melt_fraction": 0.5}, tmp_path / "map", store=name
        ),
        lambda: mo.melting.path("pyrolite", 52e9, mode=name),
        lambda: mo.melting.liquidus([[0.07, 0.505, 0.425]], 52e9, mixing=name),
        lambda: mo.melting.density_crossover(52e9, solid=name),
        lambda: mo.buffering("earth", melting=name),
    ):
        with pytest.raises(mo.InputError):
            call()


def test_sizes_of_arrays_and_paths():
    with pytest.raises(mo.InputError, match="40 dimensions"):
        mo.equilibrium("earth", np.full((1,) * 40, 1500.0))
    with pytest.raises(mo.InputError, match="not a path"):
        mo.read("9" * 5000)


NAMES = ("temperature", "pressure", "species", "total_pressure", "melt_fraction", "converged", "x")


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(NAMES, 2)))
def test_any_names_of_dimensions(first, second):
    """Two dimensions with any names, with coordinates or without: the result has the values of both."""
    for ours, other in ((None, None), ([1500.0, 1600.0], [1e5, 1e6, 1e7]), (["p", "q"], [1, 2, 3])):
        T = xr.DataArray([1500.0, 1600.0], dims=first, coords={} if ours is None else {first: ours})
        P = xr.DataArray([1e5, 1e6, 1e7], dims=second, coords={} if other is None else {second: other})
        gas = mo.gas_equilibrium(T, P, {"H": 2.0, "O": 1.0})
        assert sorted(gas.converged.shape) == [2, 3] and gas.converged.all()
        assert set(gas.temperature.values.ravel()) == {1500.0, 1600.0} and set(
            gas.total_pressure.values.ravel()
        ) == {1e5, 1e6, 1e7}
        where = dict.fromkeys(gas.converged.dims, 0)
        assert gas.pressure.isel(where).values == pytest.approx(
            mo.gas_equilibrium(1500.0, 1e5, {"H": 2.0, "O": 1.0}).pressure.values, rel=1e-9
        )


# ---- the command line


def test_several_pressures(mocoupled):
    """The example in the help of the command ended in a traceback."""
    status, out, err = mocoupled("gas", "-T", "1500", "-P", "1e5,1e7", "H=2", "O=1")
    assert status == 0, err
    rows = [line.split() for line in out.splitlines()]
    assert [row[:2] for row in rows[1:3]] == [["1500", "1"], ["1500", "100"]] and rows[0][2:4] == [
        "P,",
        "bar",
    ]
    by_hand = mo.gas_equilibrium(1500.0, [1e5, 1e7], {"H": 2.0, "O": 1.0})
    assert [float(row[2]) for row in rows[1:3]] == pytest.approx(
        (by_hand.pressure.sel(species="H2").values / 1e5).tolist(), rel=1e-3
    )


def test_several_amounts(mocoupled, tmp_path):
    status, out, err = mocoupled(
        "gas", "-T", "1400,1500", "-P", "1e5,1e7", "H=2,3", "O=1", "-o", str(tmp_path / "table.csv")
    )
    assert status == 0, err
    with open(tmp_path / "table.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8 and {
        (row["temperature (K)"], row["total_pressure (Pa)"], row["moles_H (mol)"]) for row in rows
    } == {(T, P, H) for T in ("1400.0", "1500.0") for P in ("100000.0", "10000000.0") for H in ("2.0", "3.0")}
    at = {"temperature (K)": "1500.0", "total_pressure (Pa)": "100000.0", "moles_H (mol)": "3.0"}
    row = next(r for r in rows if at.items() <= r.items())
    assert float(row["pressure[H2] (Pa)"]) == pytest.approx(
        mo.gas_equilibrium(1500.0, 1e5, {"H": 3.0, "O": 1.0}).pressure.sel(species="H2").item(), rel=1e-9
    )


def test_species_on_the_command_line(mocoupled):
    status, out, err = mocoupled("gas", "-T", "1500", "-P", "1 bar", "H2O=1,2", "CO2=0.1 mol")
    assert status == 0 and "n(H2O), mol" in out


@pytest.mark.parametrize(
    "line",
    [
        (
            "equilibrium",
            "earth",
            "-T",
            "1400:1800:2",
            "-m",
            "0.3,1",
            "--inventory",
            "hydrogen=1,3 ocean",
            "--inventory",
            "carbon=4e20,5e20 kg",
        ),
        (
            "equilibrium",
            "earth",
            "-T",
            "1650",
            "-m",
            "0.3",
            "--pressure",
            "H2O=100,200 bar",
            "--inventory",
            "carbon=4e20 kg",
        ),
        (
            "equilibrium",
            "earth",
            "-T",
            "1126.85:1226.85 degC:2",
            "--fugacity",
            "H2O=1e7,2e7",
            "--inventory",
            "carbon=4e20 kg",
        ),
        ("equilibrium", "earth", "-T", "1650", "--inventory", "carbon=100,200 ppmw"),
        ("gas", "-T", "1400,1500 K", "-P", "1:10 bar:3", "H=2,3", "O=1,1.2", "C=0,0.1"),
        ("melting", "two-component", "-P", "129 GPa", "-T", "4500,4600 K"),
    ],
)
def test_several_values_of_every_option(line, mocoupled):
    status, out, err = mocoupled(*line)
    assert status == 0 and len(out.splitlines()) > 3, err


@pytest.mark.parametrize(
    ("line", "cure"),
    [
        (("gas", "-T", "1500", "-P", "1 bar", "h=2"), "did you mean 'H'?"),
        (("gas", "-T", "1650C", "-P", "1 bar", "H=2"), "write degC: C is coulomb"),
        (("gas", "-T", "1500", "-P", "1 bar", "H=2", "H=3"), "H=2,3"),
        (
            ("equilibrium", "earth", "-T", "1650", "--inventory", "carbon=1 C/H"),
            "--set volatiles.carbon='1 C/H'",
        ),
        (("show", "earth", "--set", "planet.radius=6371"), "did you mean '6371 km'?"),
        (("show", "earth", "--set", "planet.gravity=9,81 m/s^2"), "write 9.81"),
    ],
)
def test_cures_on_the_command_line(line, cure, mocoupled):
    status, _, err = mocoupled(*line)
    assert status == 2 and cure in words(err), err
