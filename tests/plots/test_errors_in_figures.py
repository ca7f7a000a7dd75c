"""Shades of one standard deviation around the curves of a run with errors; the command that draws them."""

import warnings

import numpy as np
import pytest
from click.testing import CliRunner
from support.synthetic_run import drawn, lines, stored, texts

import mocoupled as mo
from mocoupled.cli.commands import command_group
from mocoupled.constants import BAR
from mocoupled.inference.error_bars import ERROR
from mocoupled.inference.parts_of_errors import PART, with_parts
from mocoupled.plots import draw, view
from mocoupled.plots.time_panel import WIDEST

NAMES = ["volatiles.hydrogen", "volatiles.carbon", "redox.oxygen_fugacity", "law:H2O.coefficient"]
ERRORS = {"volatiles.hydrogen": "20 %", "redox.oxygen_fugacity": 0.5}
RELATED = {("volatiles.hydrogen", "redox.oxygen_fugacity"): 0.6}
CHANGES = {"mantle.model": "lumped", "volatiles.solubility.H2O": "peridotite-Sossi2022-e51"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        case = mo.Case.read("E1").replace(CHANGES)
        folder = tmp_path_factory.mktemp("runs") / "wet"
        return mo.run(case, output=folder, sensitivities=[NAMES[0], NAMES[2], NAMES[3]]), folder


def shades(ax):
    """Name of a curve -> the edges (lower, upper) of its shade, by time."""
    edges = {}
    for collection in ax.collections:
        label = str(collection.get_label())
        if label.startswith("_error of "):
            points = collection.get_paths()[0].vertices
            edges[label.removeprefix("_error of ")] = (points[:, 1].min(), points[:, 1].max())
    return edges


def test_parts_make_the_variance(run):
    """The sum of their squares is the variance of `uncertainty`, with correlations and a published error."""
    bars = mo.uncertainty(run[0], ERRORS, correlations=RELATED)
    whole = with_parts(run[0], ERRORS, RELATED)
    for name in ("pressure", "melt_fraction", "log10_fO2", "surface_temperature"):
        size = np.sqrt((whole[PART + name] ** 2).sum("error_part", skipna=False))
        expected = bars[ERROR + name].transpose(*size.dims)
        np.testing.assert_allclose(size, expected, rtol=1e-9, atol=1e-11 * float(abs(run[0][name]).max()))
    inputs = "volatiles.hydrogen (20 %), redox.oxygen_fugacity (0.5 dex), law:H2O.coefficient (3.86 %)"
    assert whole.attrs["errors_of"] == inputs
    assert not any(str(name).startswith(PART) for name in run[0].data_vars)


def test_what_is_in_the_melt_and_in_the_gas_has_one_error(run):
    """Hydrogen in melt and gas errs as the inventory does: parts of the reservoirs cancel, sizes do not."""
    whole = with_parts(run[0], {"volatiles.hydrogen": "20 %"} | {NAMES[2]: 0.5, NAMES[3]: "0 %"})
    curves = view.reservoirs(view.prepare(whole), "H")
    total = sum(c.values for c in curves)
    parts = np.sum([c.parts for c in curves], axis=0)
    np.testing.assert_allclose(np.sqrt((parts**2).sum(axis=0)), 0.2 * total, rtol=1e-6)
    assert sum(c.error[-1] for c in curves) > 0.3 * total[-1]
    assert all(c.parts is None for c in view.reservoirs(view.prepare(whole), "H", share=True))


def test_shades_of_a_made_up_run():
    """From value - error to value + error; of the logarithm on a log axis; where the curve is."""
    result = stored()
    parts = np.array([0.3, 0.4])
    named = {"species": result.species}
    result["error_part_pressure"] = (
        ("error_part", "time", "species"),
        parts[:, None, None] * result.pressure.transpose("time", "species").values,
    )
    result["error_part_surface_temperature"] = (
        ("error_part", "time"),
        30.0 * np.ones((2, result.sizes["time"])) * np.array([[1.0], [0.0]]),
    )
    result = result.assign_coords(named)
    result.attrs["errors_of"] = "volatiles.hydrogen (50 %)"
    (ax,) = (figure := drawn("partial-pressures", result)).axes
    for name, (low, high) in shades(ax).items():
        if name != "surface_pressure":
            there = result.pressure.sel(species=name).values / BAR
            bottom = ax.get_ylim()[0]
            there = there[there >= bottom]
            np.testing.assert_allclose((low, high), (there.min() / np.exp(0.5), there.max() * np.exp(0.5)))
    assert set(shades(ax)) <= set(result.species.values) and len(shades(ax)) > 2
    assert any("shades: one standard deviation" in t and "hydrogen (50 %)" in t for t in texts(figure))
    panel = drawn("temperature-melt-fraction", result).axes[0]
    T = lines(panel)["surface_temperature"].get_ydata()
    np.testing.assert_allclose(shades(panel)["surface_temperature"], (T.min() - 30.0, T.max() + 30.0))
    assert panel.get_ylim()[0] < T.min() - 30.0
    assert not shades(drawn("temperature-melt-fraction", stored()).axes[0])
    huge = result.assign(error_part_pressure=result.error_part_pressure * 1e6)
    for low, high in shades(drawn("partial-pressures", huge).axes[0]).values():
        assert low >= 0 and high < np.exp(WIDEST) * 1e6


def test_command(run, tmp_path):
    """Published errors without a word; --input and --correlation; what is refused."""
    _, folder = run
    plot = ["plot", str(folder), "--figure", "flux", "-q"]
    before = draw(run[0], tmp_path, "flux")[0].read_bytes()
    assert CliRunner().invoke(command_group, plot).exit_code == 0
    published = (folder / "figures" / "flux.png").read_bytes()
    assert published != before
    more = ["--input", "hydrogen=20 %", "--correlation", "hydrogen,law:H2O.coefficient=0.5"]
    assert CliRunner().invoke(command_group, plot + more).exit_code == 0
    assert (folder / "figures" / "flux.png").read_bytes() not in (before, published)
    for bad, words in (
        (["--input", "temperature=1"], "no sensitivities for this parameter"),
        (["--input", "hydrogen=-5 %"], "negative"),
        (["--correlation", "hydrogen=1"], "not two names"),
    ):
        error = CliRunner().invoke(command_group, plot + bad).exception
        assert isinstance(error, mo.InputError) and words in str(error)


def test_a_run_without_sensitivities_has_no_errors(run):
    _, folder = run
    plain = mo.read(folder)
    names = [n for n in plain.data_vars if str(n).startswith("sensitivity_")]
    with pytest.raises(mo.InputError, match="no sensitivities"):
        with_parts(plain.drop_vars(names))
