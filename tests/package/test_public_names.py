"""The public names of the package: each is what its own module defines, whatever was imported before."""

import types
from unittest.mock import patch

import pytest
from support.in_turn import in_turn

import mocoupled as mo

FIRST = (
    "mocoupled.runs",
    "mocoupled.runs.main_job",
    "mocoupled.cli.run",
    "mocoupled.cli.resume",
    "mocoupled.cli.commands",
    "mocoupled.sweeps.many_cases",
    "mocoupled.equilibria.planet_equilibrium",
    "mocoupled.cumulates.static_buffering",
    "mocoupled.lower_mantle.two_component_melting",
    "mocoupled.reproduce",
)


NAMES = """
def work(first):
    import importlib, types
    importlib.import_module(first)
    import mocoupled as mo
    for name in mo.__all__:
        value = getattr(mo, name)
        if name not in ("__version__", "melting"):
            assert callable(value) and value.__module__.startswith("mocoupled."), name
            assert not isinstance(value, types.ModuleType), name
    from mocoupled import run
    assert run is mo.run is importlib.import_module("mocoupled.runs.main_job").run
    assert mo.melting is importlib.import_module("mocoupled.lower_mantle")
"""
LIBRARIES = "import numpy, pandas, pydantic, scipy.interpolate, scipy.optimize, sympy, xarray"


def test_public_names_stay_after_every_order_of_imports(tmp_path):
    """`mocoupled.run` is the function, also where a module with a similar name was imported before it."""
    done = in_turn(tmp_path, NAMES, [(first,) for first in FIRST], LIBRARIES)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_public_name_is_the_function_and_not_a_module():
    for name in set(mo.__all__) - {"__version__", "melting"}:
        assert not isinstance(getattr(mo, name), types.ModuleType)
    assert sorted(dir(mo)) == sorted(mo.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'mocoupled' has no attribute 'walk'"):
        _ = mo.walk


def test_a_function_can_be_replaced_by_its_path():
    """`unittest.mock.patch` reaches the module of `mocoupled.run`, and puts the function back."""
    from mocoupled.runs import main_job

    former = main_job.prepare
    with patch("mocoupled.runs.main_job.prepare", side_effect=LookupError("replaced")) as replaced:
        assert main_job.prepare is replaced
        with pytest.raises(LookupError, match="replaced"):
            mo.run(mo.Case.read("E1"))
    assert main_job.prepare is former
    with patch("mocoupled.run") as run:
        assert mo.run is run
    assert mo.run is main_job.run
