"""Cases by name or path, values of a case, and axes of maps."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from support.quantities import Astro, Q

import mocoupled as mo
from mocoupled.errors import InputError

pytestmark = pytest.mark.usefixtures("quiet")


def test_cases_by_name(tmp_path, earth):
    state = mo.equilibrium(earth, 1650.0, 0.3)
    (tmp_path / "mine.toml").write_text(earth.to_toml(), encoding="utf-8")
    for case in ("earth", tmp_path / "mine.toml", str(tmp_path / "mine.toml")):
        assert mo.equilibrium(case, "1650 K", "0.3").surface_pressure.item() == state.surface_pressure.item()
    assert mo.equilibrium("earth", 1650).melt_fraction.item() == 1.0
    quick = {
        "mantle.model": "lumped",
        "mantle.shells": 10,
        "run.end_surface_temperature": Q(2376.85, "degC"),
        "run.rtol": np.float32(1e-3),
    }
    (tmp_path / "quick.toml").write_text(earth.replace(quick).to_toml(), encoding="utf-8")
    run = mo.run(tmp_path / "quick.toml")
    assert run.surface_temperature.values[-1] == pytest.approx(2650.0)
    for bad in (3, None, {"planet": 1}, "erth", b"earth"):
        for function, *arguments in (
            (mo.equilibrium, 1650.0),
            (mo.run,),
            (mo.sweep, {"planet.gravity": [9, 10]}),
            (mo.equilibrium_map, {}, tmp_path / "m"),
        ):
            with pytest.raises(InputError):
                function(bad, *arguments)


def test_errors_name_a_cure(earth, tmp_path):
    for call, cure in (
        (lambda: mo.Case("earth"), "Case.read('earth')"),
        (lambda: mo.Case(name="x"), "Case.read"),
        (lambda: earth.replace(hydrogen="3 ocean"), "\"volatiles.hydrogen\": '3 ocean'"),
        (lambda: earth.replace(), "case.replace"),
        (lambda: mo.equilibrium(earth), "temperature=1650.0"),
        (lambda: mo.equilibrium(earth, 1650, H=1e20), "did you mean hydrogen=?"),
        (lambda: mo.gas_equilibrium(1500.0), "pressure=1e7"),
        (lambda: mo.gas_equilibrium(1500.0, 1e7, {"h": 2.0}), "did you mean 'H'?"),
        (lambda: mo.run(earth, 3), "pathlib.Path"),
        (lambda: mo.read(3), "pathlib.Path"),
        (lambda: mo.resume(None), "pathlib.Path"),
        (lambda: mo.cite("runs/earth"), "cite(read(folder))"),
        (lambda: mo.buffering(earth), "mantle"),
        (lambda: mo.run(earth, checkpoint="5 m"), "time is needed"),
        (lambda: mo.equilibrium(earth, 1650, threads=True), "logical value"),
        (
            lambda: mo.equilibrium_map(
                earth, {"temperature": True, "melt_fraction": [0.1, 0.2]}, tmp_path / "m"
            ),
            "number",
        ),
    ):
        with pytest.raises(InputError) as error:
            call()
        assert cure in str(error.value), str(error.value)


@pytest.mark.parametrize(
    ("key", "value", "stored"),
    [
        ("planet.radius", Q(6371, "km"), 6.371e6), ("planet.radius", xr.DataArray(6371.0,
        attrs={"units": "km"}), 6.371e6), ("planet.radius", np.float32(6.4e6), 6.4e6),
        ("planet.radius", Astro(1.0, "earthRad"), 6.3781e6), ("planet.gravity", Decimal("9.81"), 9.81),
        ("mantle.cells", np.int64(20), 20),
        ("chemistry.species", np.array(["H2", "H2O"]), ("H2", "H2O")),
        ("chemistry.graphite", np.bool_(False), False), ("run.rtol", Q(1e-4, ""), 1e-4),
        ("volatiles.initial_pressure", {"H2O": Q(3, "bar")}, {"H2O": 3e5}),
        ("volatiles.initial_pressure", pd.Series({"H2O": 3e5}), {"H2O": 3e5}),
    ],
)  # fmt: skip
def test_values_of_a_case(key, value, stored, earth):
    case = earth.replace(
        {key: value}
        | ({"volatiles.hydrogen": "0 kg", "volatiles.carbon": "0 kg"} if "pressure" in key else {})
    )
    section, name = key.split(".")
    attribute = getattr(getattr(case, section), name)
    assert attribute == (pytest.approx(stored, rel=1e-12) if isinstance(stored, float) else stored)
    assert mo.Case.parse(case.to_toml()) == case


def test_inventories_of_a_case(earth):
    for amount in (Q(4.65e23, "g"), np.float64(4.65e20), Astro(4.65e23, "g")):
        assert earth.replace({"volatiles.hydrogen": amount}).volatiles.hydrogen.amount == pytest.approx(
            4.65e20, rel=1e-12
        )
    assert earth.replace({"volatiles.hydrogen": Q(1e-4, "kg/kg")}).volatiles.hydrogen.unit == "kg/kg"
    for bad in (1j, np.ma.masked, object(), xr.Dataset(), np.datetime64("2020"), Q(3, "km"), {1: 2}):
        with pytest.raises(InputError, match="volatiles.hydrogen"):
            earth.replace({"volatiles.hydrogen": bad})


@pytest.mark.parametrize(
    ("key", "value", "cure"),
    [
        ("planet.radius", "6371", "did you mean '6371 km'?"),
        ("planet.radius", 6371, "'6371 km'"),
        ("volatiles.hydrogen", "3 H2O", "did you mean '3 ocean'?"),
    ],
)
def test_cures_of_keys(key, value, cure, earth):
    with pytest.raises(InputError) as error:
        earth.replace({key: value})
    assert cure in str(error.value)


def test_earth_radii(earth):
    assert earth.replace({"planet.radius": "1.5 R_Earth"}).planet.radius == pytest.approx(1.5 * 6.3781e6)


def test_maps_and_axes(tmp_path):
    """An axis is read as an argument is: its unit is not lost."""
    T = Q(np.array([1226.85, 1326.85]), "degC")
    result = mo.equilibrium_map(
        "earth",
        {
            "temperature": T,
            "melt_fraction": xr.DataArray(50.0, attrs={"units": "percent"}),
            "hydrogen": "100 ppmw",
        },
        tmp_path / "map",
    )
    assert result.temperature.values == pytest.approx([1500.0, 1600.0]) and result.converged.all()
    state = mo.equilibrium("earth", 1500.0, 0.5, hydrogen="100 ppmw")
    assert result.surface_pressure.values[0] == pytest.approx(state.surface_pressure.item(), rel=1e-9)
    result.close()
    from mocoupled.sweeps.grid import build
    from mocoupled.sweeps.grid_check import check

    base = mo.Case.read("earth").replace({"mantle.model": "lumped", "mantle.shells": 10})
    axes = check(
        build(
            base, {"volatiles.hydrogen": Q([4.65e23, 1.55e23], "g"), "run.end_time": [Q(5, "Myr"), "6 Myr"]}
        )
    )
    assert [inventory.amount for inventory in axes["volatiles.hydrogen"][1]] == pytest.approx(
        [4.65e20, 1.55e20]
    )
    assert axes["run.end_time"][1] == pytest.approx([5e6 * 365.25 * 86400, 6e6 * 365.25 * 86400])
