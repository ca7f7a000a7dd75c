"""What a process for one command loads: little, and the same libraries where a name is used after all."""

from __future__ import annotations

import subprocess
import sys

import pytest

START = "import sys; from mocoupled.loading import let_in, load_little; load_little()\n"


def printed(script: str) -> str:
    """What a new process prints that begins as the commands do."""
    command = [sys.executable, "-c", START + script]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout.strip()


def test_a_deferred_package_is_not_run_by_its_modules_nor_by_known_names() -> None:
    script = """
from scipy.integrate import BDF
from scipy.interpolate import CubicSpline, PchipInterpolator, PPoly
from scipy.linalg.lapack import dgesv
from scipy.optimize import brentq
from scipy.sparse.linalg import SuperLU
from scipy.special import wrightomega
from mocoupled.loading import SELDOM
whole = [name for name in SELDOM if type(sys.modules[name]).__name__ != "_Deferred"]
print(whole, "scipy.optimize._linprog" in sys.modules, "scipy.integrate._bvp" in sys.modules)
"""
    assert printed(script) == "[] False False"


def test_the_names_of_deferred_packages_are_those_of_the_packages_themselves() -> None:
    """A name from its module is the object that the whole package has, or the ufunc behind its wrapper."""
    script = """
import importlib
from mocoupled.loading import SELDOM, _load
for package, places in SELDOM.items():
    deferred = importlib.import_module(package)
    by_place = {name: getattr(deferred, name) for name, place in places.items() if place}
    if "_places" in vars(deferred):
        _load(deferred)
    for name, taken in by_place.items():
        same = getattr(deferred, name)
        if same is not taken and getattr(same, "__wrapped__", None) is not taken:
            print(package, name)
    for name, place in places.items():
        if not place and hasattr(deferred, name):
            print(package, name, "exists")
"""
    assert printed(script) == ""


def test_a_deferred_package_is_whole_once_another_name_is_used() -> None:
    script = """
import scipy.optimize, scipy.interpolate, scipy.spatial, numpy.testing
solution = scipy.optimize.linprog([1.0, 2.0], A_ub=[[-1.0, -1.0]], b_ub=[-1.0])
tree = scipy.spatial.cKDTree([[0.0], [1.0]])
numpy.testing.assert_allclose(solution.x, [1.0, 0.0], atol=1e-9)
f = scipy.interpolate.interp1d([0.0, 1.0], [0.0, 2.0])
names = ("numpy.testing", "scipy.optimize", "scipy.interpolate", "scipy.spatial")
print(float(f(0.5)), tree.n, {type(sys.modules[name]).__name__ for name in names})
"""
    assert printed(script) == "1.0 2 {'module'}"


def test_a_name_that_does_not_exist_is_an_error_of_the_library() -> None:
    script = """
import scipy.optimize
try:
    scipy.optimize.no_such_name
except AttributeError as error:
    print(error)
"""
    assert "scipy.optimize" in printed(script)


def test_libraries_that_are_kept_out_are_not_loaded_and_one_can_be_let_in() -> None:
    script = """
import numpy, xarray
data = xarray.Dataset({"a": ("x", [1.0])}, {"x": [0.0]})
before = [bool(sys.modules.get(name)) for name in ("dask", "pyarrow", "pint")]
let_in("pint")
import pint
print(before, pint.UnitRegistry().Quantity("1 km").to("m").magnitude)
"""
    assert printed(script) == "[False, False, False] 1000.0"


def test_an_unusual_unit_is_converted_in_a_process_that_keeps_pint_out() -> None:
    assert printed("from mocoupled.units import to_si; print(to_si('1 mile', 'm'))") == "1609.344"


def test_matplotlib_loads_without_its_axes_in_three_dimensions_and_says_nothing() -> None:
    script = """
import warnings
from mocoupled.plots import warm_up
with warnings.catch_warnings(record=True) as caught:
    warm_up()
print(len(caught), bool(sys.modules.get("mpl_toolkits.mplot3d")))
"""
    assert printed(script) == "0 False"


def test_figures_do_not_load_the_chemistry() -> None:
    script = (
        "import mocoupled.plots; print([n for n in ('sympy', 'pydantic', 'cantera') if n in sys.modules])"
    )
    assert printed(script) == "[]"


@pytest.mark.parametrize(("command", "kept_out"), [("run", True), ("gas", True), ("sweep", False)])
def test_commands_without_dask_keep_it_out(command: str, kept_out: bool) -> None:
    script = f"""
import sys
from mocoupled.__main__ import main
sys.argv = ["mocoupled", {command!r}, "--help"]
try:
    main()
except SystemExit:
    print(sys.modules.get("dask", "could be loaded"))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.splitlines()[-1] == ("None" if kept_out else "could be loaded")


def test_a_worker_keeps_dask_out() -> None:
    """A service that states what was loaded before it."""
    script = """
import sys
from mocoupled.runs import worker
def service():
    print(sys.modules.get("dask", "could be loaded"))
sys.argv = ["worker", "__main__:service"]
worker.main()
"""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-uc", script], text=True, **pipes) as process:
        assert process.stderr is not None and process.stdin is not None
        assert process.stderr.readline() == "None\n"
        process.stdin.close()  # the worker ends with the process that sends its tasks
