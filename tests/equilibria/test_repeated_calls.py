"""Results follow from the arguments alone: no earlier call, thread or change of a result has an effect."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import xarray as xr

import mocoupled as mo

pytestmark = pytest.mark.usefixtures("quiet")
WATER = {"H": 2.0, "O": 1.0, "C": 0.1}


def test_coordinates_of_an_earlier_call_do_not_stay(earth):
    for call in (
        lambda T: mo.equilibrium(earth, T, 0.5),
        lambda T: mo.gas_equilibrium(T, 1e5, {"H": 2.0, "O": 1.0}),
    ):
        plain_result = call(1700.0)
        for time in (5.0, 6.0):
            assert call(xr.DataArray(1700.0, coords={"time": time})).time.item() == time
        T = xr.DataArray([1800.0, 2000.0], dims="temperature", coords={"temperature": [1800.0, 2000.0]})
        for k in range(2):
            assert call(T.isel(temperature=k)).temperature.item() == T.values[k]
        assert call(T).temperature.values.tolist() == [1800.0, 2000.0]
        assert call(1700.0).identical(plain_result) and "time" not in call(1700.0).coords


def test_changes_of_a_result_do_not_reach_later_results(earth):
    """Results of later calls shared the labels and attributes of the first result."""
    for call in (
        lambda: mo.gas_equilibrium(1500.0, 1e5, {"H": 2.0, "O": 1.0}),
        lambda: mo.equilibrium(earth, 1500.0, 0.5),
    ):
        changed, unchanged = call(), call().copy(deep=True)
        changed.species.attrs["units"] = changed.pressure.attrs["units"] = "none"
        changed.species.values[:] = "X"
        changed.pressure.values[:] = 0.0
        assert call().identical(unchanged)


def test_no_change_of_a_result_reaches_a_later_result():
    """Values, units, attributes and encoding of a result are changed; a later result is as before."""
    case = mo.Case.read("earth")
    first, unchanged = mo.equilibrium(case, 1900.0, 0.3), mo.equilibrium(case, 1900.0, 0.3)
    first.pressure.values[:] = 0.0
    first.pressure.attrs["units"] = "bar"
    first.species.attrs["note"] = "mine"
    first.species.values[:] = "X"
    first.attrs.clear()
    first.pressure.encoding["dtype"] = "f4"
    again = mo.equilibrium(case, 1900.0, 0.3)
    assert again.identical(unchanged) and not again.pressure.encoding


def test_order_and_threads(earth):
    """Sixteen calls of four kinds from eight threads give the results of one thread in another order."""
    time = xr.DataArray(1650.0, coords={"time": 3.0})
    calls = [
        lambda: mo.equilibrium(earth, 1650.0, 0.3),
        lambda: mo.equilibrium(earth, time, 0.3),
        lambda: mo.gas_equilibrium(time, 1e5, WATER),
        lambda: mo.gas_equilibrium(1650.0, 1e5, WATER),
    ]
    alone = [call() for call in reversed(calls)][::-1]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda k: calls[k % 4](), range(16)))
    assert all(result.identical(alone[k % 4]) for k, result in enumerate(results))


def test_a_mechanism_that_changes_is_read_again(tmp_path, monkeypatch):
    """A result depends on the content of the file of the mechanism and on the folder.

    The path of the file alone does not identify it.
    """
    from mocoupled.chemistry.mechanism_paths import find_mechanism

    text = find_mechanism("volatiles").read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    case = mo.Case.read("earth").replace({"chemistry.mechanism": "mine.yaml"})

    def both():
        return mo.gas_equilibrium(1500.0, 1e7, WATER, mechanism="mine.yaml"), mo.equilibrium(
            case, 1500.0, 0.5
        )

    before = both()
    (tmp_path / "mine.yaml").write_text(text + "\n# changed\n", encoding="utf-8")
    for old, new in zip(before, both()):
        assert old.attrs["mechanism_sha256"] != new.attrs["mechanism_sha256"]


def test_a_point_searches_no_packages(monkeypatch):
    """A second call does not search all packages for Cantera: this takes longer than an equilibrium."""
    first = [mo.equilibrium("earth", 1900.0, 0.3), mo.gas_equilibrium(1500.0, 1e5, WATER)]

    def refuse(*_):
        raise AssertionError("packages are searched")

    monkeypatch.setattr("importlib.util.find_spec", refuse)
    assert first[0].identical(mo.equilibrium("earth", 1900.0, 0.3)) and first[1].identical(
        mo.gas_equilibrium(1500.0, 1e5, WATER)
    )


# ---- names of dimensions


def test_a_dimension_named_like_an_output():
    """A dimension with the name of an output is renamed, and attrs["renamed"] lists it.

    `pressure` becomes total_pressure; any other name becomes <name>_input.
    """
    P = xr.DataArray([1e5, 1e7], dims="pressure", coords={"pressure": [1e5, 1e7]})
    gas = mo.gas_equilibrium(1500.0, P, {"H": 2.0, "O": 1.0})
    assert gas.pressure.dims == ("species", "total_pressure") and gas.total_pressure.values.tolist() == [
        1e5,
        1e7,
    ]
    assert gas.attrs["renamed"] == "pressure -> total_pressure" and gas.total_pressure.attrs["units"] == "Pa"
    bars = mo.gas_equilibrium(
        1500.0,
        xr.DataArray(
            [1.0, 100.0], dims="pressure", coords={"pressure": [1.0, 100.0]}, attrs={"units": "bar"}
        ),
        {"H": 2.0, "O": 1.0},
    )
    assert bars.pressure_input.values.tolist() == [1.0, 100.0] and bars.total_pressure.values.tolist() == [
        1e5,
        1e7,
    ]
    for name in ("species", "residual", "mixing_ratio", "moles_H", "converged"):
        odd = mo.gas_equilibrium(
            xr.DataArray([1500.0, 1600.0], dims=name, coords={name: [1, 2]}), 1e5, {"H": 2.0, "O": 1.0}
        )
        assert odd[f"{name}_input"].values.tolist() == [1, 2] and odd.converged.all()
        bare = mo.gas_equilibrium(xr.DataArray([1500.0, 1600.0], dims=name), 1e5, {"H": 2.0, "O": 1.0})
        assert bare.converged.dims == (f"{name}_input",)
    degrees = xr.DataArray(
        [1226.85], dims="temperature", coords={"temperature": [1226.85]}, attrs={"units": "degC"}
    )
    state = mo.equilibrium("earth", degrees, 0.5)
    assert state.temperature.values == pytest.approx(
        [1500.0]
    ) and state.temperature_input.values.tolist() == [1226.85]
    table_of = mo.gas_equilibrium(
        1500.0, 1e5, {"H": xr.DataArray([2.0, 3.0], dims="moles_H", coords={"moles_H": [2.0, 3.0]}), "O": 1.0}
    )
    assert table_of.moles_H.dims == ("moles_H",)
    pile = mo.buffering("earth", core_temperature=xr.DataArray([4600.0], dims="rate", coords={"rate": [1.0]}))
    assert pile.rate_input.values.tolist() == [1.0] or "rate" in pile.dims
