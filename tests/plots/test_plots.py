"""Figures: every one draws for every kind of run, shows the stored numbers and leaves whole files."""

import json
import struct
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import xarray

from mocoupled import plots
from mocoupled.constants import BAR, YEAR
from mocoupled.errors import InputError
from mocoupled.plots import overview, style, view

COMPOSITION = {
    "H2O": {"H": 2, "O": 1},
    "H2": {"H": 2},
    "CO2": {"C": 1, "O": 2},
    "CO": {"C": 1, "O": 1},
    "CH4": {"C": 1, "H": 4},
    "C2H2,acetylene": {"C": 2, "H": 2},
    "C(gr)": {"C": 1},
}
WEIGHT = {"H": 1.008e-3, "C": 12.011e-3, "O": 15.999e-3}
MOLAR_MASS = {s: sum(WEIGHT[e] * n for e, n in atoms.items()) for s, atoms in COMPOSITION.items()}
AREA_PER_GRAVITY = 4 * np.pi * 6.371e6**2 / 10.0
ATTRS = {
    "title": "A synthetic Earth: 3 oceans of hydrogen, C/H = 1 by mass, IW+0.5",
    "case_name": "synthetic",
    "source": "mocoupled 0.1.0",
    "status": "complete",
    "end_name": "surface lid",
    "end_reason": "A surface lid forms: the surface has cooled to 1650 K.",
    "extrapolations": json.dumps(
        [{"law": "solubility of H2O: peridotite-Sossi2022", "argument": "T", "share": 0.4}]
    ),
    "composition": json.dumps(COMPOSITION),
    "molar_masses": json.dumps(MOLAR_MASS),
}
SIZES = {
    "overview": (1753, 1240),
    "temperature-melt-fraction": (1080, 999),
    "partial-pressures": (1080, 798),
    "reservoirs-H": (1080, 1074),
    "flux": (1080, 984),
}


def stored(
    species=("H2O", "H2", "CO2", "CO", "CH4", "C2H2,acetylene"),
    times=60,
    graphite=True,
    escape=True,
    column=True,
    **attrs,
):
    """A Dataset like that of `mocoupled.results.trajectories`: smooth numbers that conserve the elements."""
    time = np.concatenate([[0.0], np.geomspace(0.02, 4300.0, max(times - 1, 0))])[:times]
    done = (time / 4300.0) ** 0.6
    T = 2700.0 - 1050.0 * done
    melt = 1.0 / (1.0 + np.exp(-(T - 1800.0) / 90.0))
    found = {
        "surface_temperature": ("time", T, {"units": "K"}),
        "core_mantle_temperature": ("time", 4400.0 + 400.0 * (1 - done), {"units": "K"}),
        "melt_fraction": ("time", melt, {"units": "1"}),
        "flux": ("time", 1.1e6 * (T / 2700.0) ** 4 / (1 + 30 * done), {"units": "W/m^2"}),
        "optical_depth": ("time", 3.5 * (1 + 30 * done) if species else np.zeros(time.size), {"units": "1"}),
        "energy_drift": ("time", 1e-9 * done, {"units": "1"}),
    }
    coords = {"time": ("time", time * YEAR, {"units": "s"})}
    if species:
        share = {
            "H2O": 0.3 * melt**-2.6,
            "H2": 0.4 * melt**-2.4,
            "CO2": 30 * (1 + done),
            "CO": 60 * (1 - 0.5 * done),
        }
        share |= {
            "CH4": 1e-6 * 10 ** (6 * done),
            "C2H2,acetylene": 1e-16 * (1 + done),
            "X2": 1 + done,
            "Y3": 2 + done,
        }
        share |= {s: 1e-3 for s in species if s.startswith("Q")}
        p = np.array([share[s] * np.ones(time.size) for s in species]).T * BAR
        mu = np.array([MOLAR_MASS.get(s, 0.03) for s in species])
        total = p.sum(axis=1)
        mean = (p * mu).sum(axis=1) / total
        gas = AREA_PER_GRAVITY * p * mu / mean[:, None]
        elements = [e for e in "HC" if any(COMPOSITION.get(s, {}).get(e) for s in species)]
        atoms = np.array([[COMPOSITION.get(s, {}).get(e, 0) for e in elements] for s in species])
        held = np.tile([{"H": 3e23, "C": 4e22}[e] for e in elements], (time.size, 1))
        taken = gas / mu @ atoms
        if escape and "H2" in species:
            lost = 0.05 * held[:, 0] * done
            held[:, 0] -= lost
            found["escaped_mass"] = ("time", lost / 2 * MOLAR_MASS["H2"], {"units": "kg"})
        if graphite and "CO" in species:
            mass = 2e20 * np.clip(done - 0.3, 1e-15, None)
            found["graphite_mass"] = ("time", mass, {"units": "kg"})
            found["graphite_activity"] = ("time", np.minimum(1.0, 0.05 + done / 0.3), {"units": "1"})
            taken[:, elements.index("C")] += mass / WEIGHT["C"]
        dissolved = np.zeros_like(p)
        for s, e in ("H2O", "H"), ("CO2", "C"):  # what is nowhere else
            if s in species:
                k, j = species.index(s), elements.index(e)
                dissolved[:, k] = (held - taken)[:, j] / COMPOSITION[s][e] * MOLAR_MASS[s]
        assert (dissolved >= 0).all()
        moles = dissolved / mu @ atoms + taken
        for name, values, unit in (
            ("pressure", p, "Pa"), ("mixing_ratio", p / total[:, None], "1"), ("gas_mass", gas, "kg"),
            ("dissolved_mass", dissolved, "kg"),
        ):  # fmt: skip
            found[name] = (("time", "species"), values, {"units": unit})
        found["surface_pressure"] = ("time", total, {"units": "Pa"})
        found["mean_molar_mass"] = ("time", mean, {"units": "kg/mol"})
        found["log10_fO2"] = ("time", -5.0 - 4.5 * done, {"units": "1"})
        found["element_moles"] = (("time", "element"), moles, {"units": "mol"})
        coords |= {"species": list(species), "element": elements}
    if column:
        pressure = np.linspace(1e9, 1.35e11, 20)
        coords |= {
            name: ("cell", values, {})
            for name, values in (
                ("cell_pressure", pressure),
                ("cell_solidus", 1400 + 2e-8 * pressure),
                ("cell_liquidus", 1900 + 2e-8 * pressure),
            )
        }
        depth = pressure / 1.35e11
        found["local_melt_fraction"] = (
            ("time", "cell"),
            np.clip(melt[:, None] * 1.3 - 0.3 * depth, 0, 1),
            {"units": "1"},
        )
        found["temperature"] = (("time", "cell"), T[:, None] + 2000 * depth, {"units": "K"})
        for name, value in (
            ("ocean_iron", 0.1 + 0.5 * done),
            ("crystal_iron", 0.03 + 0.2 * done),
            ("pile_iron", 0.03 + 0.04 * done),
        ):
            found[name] = ("time", value, {"units": "1"})
        coords["structure"] = ["akimotoite", "bridgmanite", "pyroxene"]
        found["density_anomaly"] = (
            ("structure", "time"),
            np.outer([1.0, 1.05, 0.7], 300 + 500 * done),
            {"units": "kg/m3"},
        )
        found["rheological_front_pressure"] = ("time", 1.35e11 * melt, {"units": "Pa"})
    return xarray.Dataset(found, coords=coords, attrs=ATTRS | attrs)


KINDS = {
    "hydrogen and carbon": {},
    "hydrogen only": {"species": ("H2O", "H2")},
    "carbon only": {"species": ("CO2", "CO")},
    "one species": {"species": ("H2O",)},
    "no volatiles": {"species": ()},
    "one stored time": {"times": 1},
    "two stored times": {"times": 2},
    "no graphite, no escape": {"graphite": False, "escape": False},
    "lumped mantle": {"column": False},
    "interrupted": {"status": "interrupted", "end_reason": "Stopped by the user at 12 $yr$."},
}


@pytest.fixture(autouse=True)
def _no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings(
            "ignore", category=DeprecationWarning, module="matplotlib"
        )  # an old one beside new libraries
        yield


def texts(figure):
    return [t.get_text() for t in figure.texts] + [t.get_text() for ax in figure.axes for t in ax.texts]


def lines(ax):
    return {line.get_label(): line for line in ax.get_lines() if not line.get_label().startswith("_")}


def drawn(name, result, **options):
    return plots.FIGURES[name](result, **options)


@pytest.mark.parametrize(
    ("kind", "time_axis"), [*((kind, "log") for kind in KINDS), ("hydrogen and carbon", "linear")]
)
def test_every_figure_of_every_kind_of_run(kind, time_axis, tmp_path):
    result = stored(**KINDS[kind])
    paths = plots.draw(result, tmp_path / "new" / "figures", time_axis=time_axis)
    assert [p.stem for p in paths] == [
        name
        for name in plots.FIGURES
        if kind != "lumped mantle" or name not in ("mantle-profiles", "mantle-melt", "iron")
    ]
    assert sorted(p.name for p in paths[0].parent.iterdir()) == sorted(p.name for p in paths), (
        "no temporary files stay"
    )
    for path in paths:
        content = path.read_bytes()
        assert content[:8] == b"\x89PNG\r\n\x1a\n" and len(content) > 5000
        size = struct.unpack(">II", content[16:24])
        if path.stem in SIZES:
            assert size == SIZES[path.stem]


@pytest.mark.parametrize("name", plots.FIGURES)
def test_axes_have_units(name):
    for ax in drawn(name, stored()).axes:
        assert ax.get_ylabel().endswith(")") and " (" in ax.get_ylabel()
    assert drawn(name, stored()).axes[-1].get_xlabel() == (
        "Melt fraction (kg/kg)" if name == "mantle-profiles" else "Time (yr)"
    )


def test_lines_are_the_stored_numbers():
    result = stored()
    year = result.time.values / YEAR

    def same(line, values):
        np.testing.assert_array_equal(line.get_xdata(), year)
        np.testing.assert_allclose(line.get_ydata(), values, rtol=1e-14)

    (pressure,) = drawn("partial-pressures", result).axes
    for s in result.species.values:
        same(lines(pressure)[s], result.pressure.sel(species=s) / BAR)
    same(lines(pressure)["surface_pressure"], result.surface_pressure / BAR)
    for ax in drawn("mixing-ratios", result).axes:
        for s in result.species.values:
            same(lines(ax)[s], result.mixing_ratio.sel(species=s))
    for name in ("temperature-melt-fraction", "flux", "oxygen-fugacity"):
        found = {k: v for ax in drawn(name, result).axes for k, v in lines(ax).items()}
        assert len(found) >= 2
        for variable, line in found.items():
            same(line, result[variable])


@pytest.mark.parametrize("element", "HC")
def test_reservoirs_add_up_to_the_inventory(element):
    """Mass of an element over all reservoirs is conserved: moles times the atomic weight, to round-off."""
    result = stored()
    masses = lines(drawn(f"reservoirs-{element}", result).axes[0])
    total = sum(line.get_ydata() for line in masses.values())
    inventory = result.element_moles.sel(element=element).values[0] * WEIGHT[element]
    np.testing.assert_allclose(total, inventory, rtol=1e-12)
    assert set(masses) >= {"dissolved", "CH4"} | (
        {"graphite_mass"} if element == "C" else {"escaped_mass", "H2O"}
    )
    shares = view.reservoirs(view.prepare(result), element, share=True)
    np.testing.assert_allclose(sum(c.values for c in shares), 1.0, rtol=1e-12)
    bands = drawn(f"reservoirs-{element}", result).axes[1].collections
    assert [b.get_label() for b in bands if not b.get_label().startswith("_")] == list(masses)


def test_numbers_of_the_end():
    rows = dict(overview.end_in_numbers(view.prepare(stored())))
    assert rows["time"] == "4300 yr" and rows["surface temperature"] == "1650 K"
    shares = [float(v.split(", ")[1][:-2]) for k, v in rows.items() if k.startswith("carbon ")]
    assert len(shares) == 3 and abs(sum(shares) - 100) < 0.2
    assert {"hydrogen escaped", "carbon as graphite"} <= set(rows)


@pytest.mark.parametrize("status", ["interrupted", "failed"])
@pytest.mark.parametrize("name", plots.FIGURES)
def test_an_unfinished_run_is_marked(name, status):
    assert f"RUN {status.upper()}" in texts(drawn(name, stored(status=status)))
    assert not any("RUN" in t for t in texts(drawn(name, stored())))


@pytest.mark.parametrize("name", plots.FIGURES)
def test_caption(name):
    assert any(
        "synthetic" in t and "complete" in t and "mocoupled 0.1.0" in t for t in texts(drawn(name, stored()))
    )


def test_overview_says_why_it_ended_and_what_was_extrapolated():
    said = texts(drawn("overview", stored()))
    assert ATTRS["title"] in said and ATTRS["end_reason"] in said
    assert any("peridotite-Sossi2022 (T 40 %)" in t for t in said)


def test_onset_of_graphite():
    result = stored()
    year = result.time.values / YEAR
    first = year[result.graphite_activity.values > 0.999][0]
    assert view.prepare(result).onset == first
    assert f"▼ graphite from {style.number(first, 3)} yr" in texts(drawn("reservoirs-C", result))
    by_mass = result.drop_vars("graphite_activity")
    carbon = result.element_moles.sel(element="C").values * WEIGHT["C"]
    assert view.prepare(by_mass).onset == year[result.graphite_mass.values > 1e-6 * carbon][0]
    assert view.prepare(stored(graphite=False)).onset is None
    always = result.assign(graphite_activity=result.graphite_activity * 0 + 1)
    assert "▼ graphite from the start" in texts(drawn("flux", always))


def test_not_a_number_is_a_gap_and_is_said():
    result = stored()
    result.pressure.values[10:14, 0] = np.nan
    result.pressure.values[[20, 22], 1] = np.nan  # leaves one value without neighbours
    figure = drawn("partial-pressures", result)
    water, hydrogen = lines(figure.axes[0])["H2O"], lines(figure.axes[0])["H2"]
    assert np.isnan(water.get_ydata()[10:14]).all()
    assert hydrogen.get_marker() == "o" and hydrogen.get_markevery() == [21]
    assert any("gaps where the values are not numbers: H₂O, H₂" in t for t in texts(figure))
    result.surface_temperature.values[:] = np.nan
    assert "not a number" in texts(drawn("overview", result))
    result.flux.values[:] = np.nan
    assert "not a number throughout" in texts(drawn("flux", result))


def test_zero_and_tiny_values_on_a_log_axis():
    result = stored()
    result.pressure.values[:, 3] = 0.0
    figure = drawn("partial-pressures", result)
    assert any("too small for the axis of partial pressure: CO, C₂H₂" in t for t in texts(figure))
    low, high = figure.axes[0].get_ylim()
    assert low > 1e-8 and high < 1e4
    result.pressure.values[:] = 0.0
    result.surface_pressure.values[:] = 0.0
    assert "zero throughout" in texts(drawn("partial-pressures", result))


def test_time_axis():
    result = stored()
    ax = drawn("flux", result).axes[0]
    assert ax.get_xscale() == "log" and ax.get_xlim()[1] == pytest.approx(4300.0)
    T, year = result.surface_temperature.values, result.time.values / YEAR
    before = year < ax.get_xlim()[0]
    assert np.abs(T[before] - T[0]).max() < 1e-3 * np.ptp(T), "nothing happens left of the axis"
    assert drawn("flux", result, time_axis="linear").axes[0].get_xscale() == "linear"
    short = result.isel(time=slice(-4, None))
    assert drawn("flux", short).axes[0].get_xscale() == "linear"


def test_colours_are_the_same_in_every_figure():
    species = ("H2O", "X2", "CO", "Y3")
    result = stored(species=species, graphite=False)
    seen = {}
    for name in ("partial-pressures", "mixing-ratios", "overview"):
        for ax in drawn(name, result).axes:
            for label, line in lines(ax).items():
                if label in species:
                    seen.setdefault(label, set()).add((line.get_color(), line.get_linestyle()))
    assert set(seen) == set(species) and all(len(looks) == 1 for looks in seen.values())
    assert len({look for looks in seen.values() for look in looks}) == len(species)
    assert view.prepare(stored(species=species[::-1], graphite=False)).styles == view.prepare(result).styles


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"names": ["partial-presures"]}, "did you mean 'partial-pressures'?"),
        ({"names": "overveiw"}, "did you mean 'overview'?"),
        ({"format": "pgn"}, "did you mean 'png'?"),
        ({"time_axis": "logarithmic"}, "known: log, linear"),
    ],
)
def test_wrong_requests(options, message, tmp_path):
    with pytest.raises(InputError, match=message.replace("?", r"\?")):
        plots.draw(stored(), tmp_path / "figures", **options)
    assert not (tmp_path / "figures").exists(), "nothing is written"


def test_wrong_result_and_folder(tmp_path):
    with pytest.raises(InputError, match="no stored times"):
        plots.draw(stored().isel(time=0, drop=True), tmp_path / "figures")
    with pytest.raises(InputError, match="no stored times"):
        plots.draw(stored(times=3).isel(time=slice(0)), tmp_path / "figures")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="this is a file"):
        plots.draw(stored(), tmp_path / "file")


def test_names_and_formats(tmp_path):
    assert plots.draw(stored(), tmp_path, "flux", format="pdf") == [tmp_path / "flux.pdf"]
    assert (tmp_path / "flux.pdf").read_bytes().startswith(b"%PDF")
    names = ["mixing-ratios", "flux"]
    assert [p.name for p in plots.draw(stored(), tmp_path, names)] == ["mixing-ratios.png", "flux.png"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    (path,) = plots.draw(stored(), tmp_path, "flux")
    before = path.read_bytes()

    def refuse(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        plots.draw(stored(times=30), tmp_path, "flux")
    assert [p.name for p in tmp_path.iterdir()] == ["flux.png"] and path.read_bytes() == before


def test_threads_draw_the_same_bytes(tmp_path):
    result = stored()
    (alone,) = plots.draw(result, tmp_path / "alone", "overview")
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda k: plots.draw(result, tmp_path / str(k), "overview")[0], range(4)))
    assert {p.read_bytes() for p in made} == {alone.read_bytes()}


def test_matplotlib_loads_late_and_without_pyplot(tmp_path):
    """The package's figures keep no global state: pyplot is never imported, matplotlib only once something is
    drawn."""
    result = stored(times=5)
    result.to_netcdf(tmp_path / "run.nc")
    code = (
        "import sys, xarray\nfrom mocoupled import plots\nassert 'matplotlib' not in sys.modules\n"
        f"plots.draw(xarray.load_dataset({str(tmp_path / 'run.nc')!r}), {str(tmp_path)!r}, 'flux')\n"
        "assert 'matplotlib' in sys.modules and 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_gas_alone_is_named():
    for name in ("partial-pressures", "mixing-ratios"):
        assert "H₂O" in texts(drawn(name, stored(species=("H2O",))))


def test_more_names_than_room():
    many = stored(species=("H2O", "H2", "CO2", "CO", *(f"Q{k}" for k in range(2, 42))), graphite=False)
    named = [t.get_text() for t in drawn("partial-pressures", many).axes[0].texts]
    assert len(named) < 30 and any(t.startswith("+ ") and t.endswith(" more") for t in named)


def test_spread_keeps_order_distance_and_bounds():
    wanted = np.sort(np.random.default_rng(1).uniform(0, 1, 12)) ** 3
    placed = style.spread(wanted, 0.05)
    assert (np.diff(placed) > 0.05 - 1e-12).all() and placed[0] >= 0 and placed[-1] <= 1 + 1e-12
    np.testing.assert_allclose(style.spread(np.array([0.1, 0.5, 0.9]), 0.05), [0.1, 0.5, 0.9])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1650.0, "1650 K"), (0.0294123, "0.02941 K"), (1.35e21, "1.35×10²¹ K"), (-9.5, "−9.5 K"),
        (1e-16, "10⁻¹⁶ K"),
        (0.0, "0 K"), (np.nan, "not a number"), (43210.7, "43211 K"), (-2.5e-5, "−2.5×10⁻⁵ K"),
        (np.inf, "infinite"),
    ],
)  # fmt: skip
def test_numbers_for_people(value, text):
    assert style.number(value, unit=" K") == text


def test_formulas():
    assert [style.formula(s) for s in ("H2O", "C(gr)", "C10H8", "C2H2,acetylene")] == [
        "H₂O",
        "C(gr)",
        "C₁₀H₈",
        "C₂H₂,acetylene",
    ]


def test_column_figures_show_the_stored_numbers():
    """Profiles are those stored, at the start, the end and between; the map is of the last stored state
    before each time."""
    result = stored()
    temperature, melt = drawn("mantle-profiles", result).axes
    first, *_, last = lines(temperature).values()
    np.testing.assert_allclose(first.get_xdata(), result.temperature.values[0])
    np.testing.assert_allclose(last.get_xdata(), result.temperature.values[-1])
    assert 3 <= len(lines(melt)) <= 9 and melt.get_ylim()[0] > melt.get_ylim()[1]
    (front,) = lines(drawn("mantle-melt", result).axes[-1]).values()
    np.testing.assert_allclose(front.get_ydata(), result.rheological_front_pressure / 1e9)
    assert "this run does not resolve the mantle in depth" in texts(
        drawn("mantle-melt", stored(column=False))
    )
