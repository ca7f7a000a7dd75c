"""Functions of melting: ternaries, paths and densities; golden numbers of paths; refusals."""

import json

import numpy as np
import pytest
import xarray
from support.places import TESTS

import mocoupled as mo
from mocoupled.errors import InputError

melting = mo.melting
GOLDEN = json.loads((TESTS / "reference" / "fms_golden.json").read_text(encoding="utf-8"))
P = 52e9


@pytest.fixture(scope="module")
def paths():
    return {name: melting.path(name, P, step=0.005) for name in ("olivine", "pyrolite")}


def at(path, name, value, where="melt_fraction_by_volume"):
    """A variable where the melt fraction is `value`, by interpolation in its logarithm."""
    share = np.log(path[where].values[::-1])
    return np.apply_along_axis(
        lambda column: np.interp(np.log(value), share, column[::-1]), 0, path[name].values
    )


@pytest.mark.parametrize("name", ["olivine", "pyrolite"])
def test_golden_fractional_paths(name, paths):
    """Begin, cotectic onset and snapshots of an independent first-order integration in steps of 0.2-0.5 %.

    The tolerance is its step. Its onset is where a step began, up to 0.06 mol%, 1.4 K and 0.03 mol% SiO2
    before ours; these agree with each other by the slopes of the path. Its last snapshots, at 2 % melt,
    have errors of 0.4 mol% and 4 K. Ours change by less than 1e-5 from steps of 1 % to 0.2 %.
    """
    stated, path = GOLDEN["fractional_52GPa_full"][name], paths[name]
    first = path.isel(step=0)
    assert float(first.temperature) == pytest.approx(stated["Tliq"], abs=2e-4)
    densities = [
        float(first.melt_density),
        *first.solid_density.sel(solid=["bridgmanite", "ferropericlase"]).values,
    ]
    np.testing.assert_allclose(densities, [stated["rl0"], stated["rb0"], stated["rf0"]], atol=1e-3)
    onset = path.isel(step=int(np.argmax(path.present.values.sum(axis=1) > 1)))
    for ours, key in (
        ("melt_fraction", "cot_mol"),
        ("melt_fraction_by_volume", "cot_vol"),
        ("melt_fraction_by_mass", "cot_mass"),
    ):
        assert 1 - float(onset[ours]) == pytest.approx(stated[key], abs=0.001)
    assert float(onset.temperature) == pytest.approx(stated["cot_T"], abs=1.5)
    np.testing.assert_allclose(onset.melt_composition, stated["cot_x"], atol=4e-4)
    np.testing.assert_allclose(onset.iron_fraction[:2], [stated["cot_yf"], stated["cot_yb"]], atol=2e-4)
    assert float(onset.exchange_coefficient) == pytest.approx(stated["KD"], abs=3e-4)
    for share, below, melt, iron_f, iron_b, moles in stated["snap"]:
        last = share == 0.02
        assert float(path.temperature[0]) - float(at(path, "temperature", share)) == pytest.approx(
            below, abs=5.0 if last else 0.2
        )
        np.testing.assert_allclose(
            at(path, "melt_composition", share) * 100, melt, atol=0.5 if last else 0.06
        )
        np.testing.assert_allclose(
            at(path, "iron_fraction", share)[:2], [iron_f, iron_b], atol=0.006 if last else 6e-4
        )
        assert float(at(path, "melt_fraction", share)) == pytest.approx(moles, abs=1e-3)


@pytest.mark.parametrize("name", ["olivine", "pyrolite"])
def test_golden_batch_paths(name):
    """The lever calculation of the same program in steps of r: solidus within 0.3 K and 0.1 mol%.

    Ours is checked by the lever rule.
    """
    stated, path = GOLDEN["batch_52GPa_full"][name], melting.path(name, P, "batch")
    onset = path.isel(step=int(np.argmax(path.present.values.sum(axis=1) > 1)))
    assert float(path.temperature[0]) == pytest.approx(stated["T_liq"], abs=0.0051)
    assert float(onset.melt_fraction) == pytest.approx(stated["cot_melt_mol"], abs=1e-4)
    assert float(onset.temperature) == pytest.approx(stated["cot_T"], abs=0.0051)
    np.testing.assert_allclose(onset.melt_composition, stated["cot_x"], atol=6e-5)
    assert float(path.temperature[-1]) == pytest.approx(stated["solidus_T"], abs=0.3)
    np.testing.assert_allclose(path.melt_composition[-1], stated["last_melt"], atol=1.1e-3)
    assert float(path.melt_fraction[-1]) == 0.0


def test_path_conserves_and_is_described(paths):
    for path in paths.values():
        assert float(path.mass_balance.max()) < 1e-10
        for end in ("", "_by_volume", "_by_mass"):
            total = path[f"melt_fraction{end}"] + path[f"solid_fraction{end}"].sum("solid")
            np.testing.assert_allclose(total, 1, atol=1e-12)
        assert all({"units", "long_name"} <= set(v.attrs) for v in path.data_vars.values())
        assert (
            path.attrs["mixing"] == "full"
            and "half" in path.attrs["uncertainty"]
            and path.attrs["end_reason"] == "1 % melt reached."
        )
        # iron prefers the melt: richer in FeO, poorer in MgO and SiO2, until at the very end SiO2 turns to
        # that of the eutectic
        two = (path.present.sum("solid") > 1) & (path.melt_fraction > 0.02)
        melt = path.melt_composition.where(two, drop=True)
        assert (np.diff(melt.sel(oxide="FeO")) > 0).all()
        assert (np.diff(melt.sel(oxide="MgO")) < 0).all() and (np.diff(melt.sel(oxide="SiO2")) < 0).all()


def test_volumes_and_masses_by_hand(paths):
    """The share of bridgmanite by volume follows from molar volumes, amounts and composition.

    The state is the last with bridgmanite alone.
    """
    path = paths["pyrolite"]
    k = int(np.argmax(path.present.values.sum(axis=1) > 1)) - 1  # bridgmanite of a known composition alone
    state = path.isel(step=k)
    oxides = state.solid_oxides.sel(solid="bridgmanite").values
    y = oxides[0] / (oxides[0] + oxides[1])
    diagram = melting.phase_diagram(P)
    volume = oxides.sum() * float(diagram.solid_volume(1, float(state.temperature), y))
    melt = float(state.melt_fraction) * float(
        diagram.melt_volume(state.melt_composition.values, float(state.temperature))
    )
    assert float(state.solid_fraction_by_volume.sel(solid="bridgmanite")) == pytest.approx(
        volume / (volume + melt), rel=1e-12
    )


def test_calcium():
    """Passive CaO is conserved, and follows Rayleigh's law while bridgmanite alone crystallises."""
    for D in (0.0, 0.5, 0.85, 1.0):
        path = melting.path("pyrolite", P, step=0.02, calcium_partition=D)
        k = int(np.argmax(path.present.values.sum(axis=1) > 1))
        N = path.melt_fraction.values[: k + 1]
        np.testing.assert_allclose(path.melt_calcium[: k + 1], 0.024 * N ** (D - 1), rtol=1e-12)
        batch = melting.path("pyrolite", P, "batch", step=0.02, calcium_partition=D)
        calcium = (
            batch.melt_calcium * batch.melt_fraction
            + batch.bridgmanite_calcium * batch.solid_fraction.sel(solid="bridgmanite")
        )
        np.testing.assert_allclose(calcium[:-1], 0.024, rtol=1e-12)
        # without uptake by bridgmanite, no phase with calcium is left at the solidus
        assert np.isnan(calcium[-1]) if D == 0 else float(calcium[-1]) == pytest.approx(0.024, rel=1e-12)
    # fractional, in the limit of small steps: moles in the melt fall by what bridgmanite takes
    path = melting.path("pyrolite", P, step=0.004)
    moles = (path.melt_calcium * path.melt_fraction).values
    mean = 0.5 * (path.bridgmanite_calcium.values[1:] + path.bridgmanite_calcium.values[:-1])
    np.testing.assert_allclose(
        moles[0] - moles[-1], np.sum(mean * np.diff(path.solid_fraction.sel(solid="bridgmanite"))), rtol=1e-5
    )


def test_ternary():
    ternary = melting.ternary(P)
    assert ternary.sizes["point"] == 1711 and bool(ternary.converged.all())
    np.testing.assert_allclose(ternary.composition.sum("oxide"), 1, atol=1e-15)
    corners = {
        o: float(ternary.liquidus_temperature[int(np.argmax(ternary.composition.sel(oxide=o).values))])
        for o in ("FeO", "MgO", "SiO2")
    }
    for oxide, T in corners.items():  # the pure oxides: by the end-members alone
        assert pytest.approx(GOLDEN["melting_K"]["52"][oxide], abs=0.01) == T
    assert ternary.cotectic_converged.sel(boundary="ferropericlase-bridgmanite")[:50].all()
    assert all({"units", "long_name"} <= set(v.attrs) for v in ternary.data_vars.values())


def test_netcdf_round_trip(tmp_path, paths):
    for name, dataset in {
        "path": paths["olivine"],
        "ternary": melting.ternary(P, divisions=8, cotectic_points=4),
    }.items():
        dataset.to_netcdf(tmp_path / f"{name}.nc", engine="netcdf4")
        with xarray.open_dataset(tmp_path / f"{name}.nc", engine="netcdf4") as stored:
            assert stored.load().equals(dataset)


def test_density_crossovers():
    """Composition and pressure where the melt is denser than the solid.

    Bridgmanite at the cotectic: beyond 17.2 mol% FeO at 52 GPa. Ferropericlase: between 48 and 88 %. The
    first bridgmanite of pyrolite sinks below 86.9 GPa in pressure, and floats above.
    """
    ((low, high),) = melting.density_crossover(P)
    assert low == pytest.approx(0.172, abs=5.1e-4) and high > 0.9
    first, second = melting.density_crossover(P, "ferropericlase")
    assert first[0] == 0.0 and first[1] < 0.01  # without iron
    assert second[0] == pytest.approx(0.48, abs=5.1e-3) and second[1] == pytest.approx(0.878, abs=5.1e-4)
    ((begin, end),) = melting.density_crossover_pressure("pyrolite")
    assert begin == pytest.approx(86.9e9, abs=0.051e9) and end == 136e9
    for pressure, denser in ((begin - 1e8, False), (begin + 1e8, True)):
        state = melting.liquidus([melting.COMPOSITIONS["pyrolite"].oxides], pressure)
        assert bool(state.melt_density[0] > state.liquidus_density[0]) is denser


def test_composition():
    assert melting.composition("olivine").oxides == pytest.approx((0.0667, 0.6, 0.3333), abs=5e-5)
    composition = melting.composition({"FeO": 7, "MgO": 50.5, "SiO2": 42.5, "CaO": 2.4})
    assert composition.oxides == pytest.approx((0.07, 0.505, 0.425)) and composition.calcium == pytest.approx(
        2.4 / 102.4
    )
    assert melting.composition(composition) is composition


def test_two_component_against_the_ternary():
    """Near the core-mantle boundary two models of the same data differ by 900 K.

    This is the uncertainty of the form.
    """
    result = melting.two_component("pyrolite", 129e9)
    assert bool(result.converged.all()) and (np.diff(result.melt_fraction) > 0).all()
    assert result.attrs["solidus"] < result.attrs["liquidus"]
    apart = result.attrs["liquidus"] - float(
        melting.liquidus([(0.07, 0.505, 0.425)], 129e9).liquidus_temperature[0]
    )
    assert 850 < apart < 1050
    # iron-rich melt is denser than the solid there, in both models
    assert (result.melt_density > result.solid_density).all()


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda: melting.composition("peridot"), "known: olivine, pyrolite"),
        (lambda: melting.composition({"FeO": 1, "Al2O3": 1}), "no such oxide"),
        (lambda: melting.composition({"FeO": -1, "MgO": 2}), "not an amount"),
        (lambda: melting.composition({"FeO": float("nan")}), "not a finite number"),
        (lambda: melting.composition({"FeO": True}), "a logical value"),
        (lambda: melting.composition({"CaO": 0.1}), "none of FeO"),
        (lambda: melting.composition({"MgO": 1, "CaO": 1}), "passive"),
        (lambda: melting.composition(3), "not a table of names and values"),
        (lambda: melting.path("olivine", 20e9), "majorite"),
        (lambda: melting.path("olivine", float("nan")), "not a finite number"),
        (lambda: melting.path("olivine", P, mixing="HEAD"), "did you mean 'head'"),
        (lambda: melting.path("olivine", P, "equilibrium"), "fractional, batch"),
        (lambda: melting.path("olivine", P, calcium_partition=float("nan")), "calcium_partition"),
        (lambda: melting.path("olivine", P, calcium_partition=-1), "partition"),
        (lambda: melting.ternary(140e9), "mantle ends"),
        (lambda: melting.ternary(P, divisions=1), "2 to 1000"),
        (lambda: melting.ternary(P, cotectic_points=0), "2 to 1000"),
        (lambda: melting.liquidus([0.2, 0.2, 0.2], P), "mole fractions"),
        (lambda: melting.liquidus(0.3, P), "mole fractions"),
        (lambda: melting.liquidus("pyrolite", P), "mole fractions"),
        (lambda: melting.liquidus([np.nan, 0.5, 0.5], P), "not a finite number"),
        (lambda: melting.density_crossover(P, "stishovite"), "cotectic"),
        (lambda: melting.two_component("pyrolite", 52e9), "110 to 140"),
        (lambda: melting.two_component({"SiO2": 1}, 120e9), "FeO or MgO"),
        (lambda: melting.two_component("pyrolite", 120e9, [np.nan]), "not a finite number"),
        (lambda: melting.two_component("pyrolite", 120e9, [100.0]), "2000 to 7000"),
        (lambda: melting.two_component("pyrolite", 120e9, volatiles=-1), "0 to 0.1"),
    ],
)
def test_refusals(call, says):
    with pytest.raises(InputError, match=says):
        call()


def test_liquidus_reads_melts_of_all_kinds():
    """A DataArray is ordered by its labels; masked melts are left out; no melts give no points.

    The DataArray was read in the order of the array.
    """
    import pint
    import xarray as xr

    by_hand = melting.liquidus([[0.07, 0.505, 0.425]], P).liquidus_temperature.values
    turned = xr.DataArray(
        [[50.5], [7.0], [42.5]],
        dims=("oxide", "melt"),
        coords={"oxide": ["MgO", "FeO", "SiO2"]},
        attrs={"units": "%"},
    )
    assert melting.liquidus(
        turned, pint.UnitRegistry().Quantity(P / 1e9, "GPa")
    ).liquidus_temperature.values == pytest.approx(by_hand, rel=1e-9)
    hidden = melting.liquidus(
        np.ma.masked_array([[0.07, 0.505, 0.425], [9, 9, 9]], mask=[[0] * 3, [1] * 3]), P
    )
    assert (
        hidden.converged.values.tolist() == [True, False]
        and np.isnan(hidden.liquidus_temperature.values[1])
        and hidden.liquidus_phase.values[1] == -1
    )
    assert melting.liquidus([], P).sizes["point"] == 0
    with pytest.raises(InputError, match="labels FeO, MgO, SiO2"):
        melting.liquidus(
            xr.DataArray([0.1, 0.5, 0.4], dims="oxide", coords={"oxide": ["FeO", "CaO", "SiO2"]}), P
        )


def test_melting_is_a_name_of_the_package():
    assert "melting" in dir(mo) and mo.melting is melting
