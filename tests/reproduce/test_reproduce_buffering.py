"""The buffering paper reproduced: claims, verdicts, figures, maps."""

import csv

import numpy as np
import pytest
import xarray

from mocoupled.cumulates import static_buffering
from mocoupled.errors import InputError
from mocoupled.reproduce import runs
from mocoupled.reproduce.buffering import job as buffering
from mocoupled.reproduce.buffering.figures import FIGURES
from mocoupled.reproduce.buffering.values import VALUES, iron_anomaly
from mocoupled.reproduce.buffering.verdicts import KINDS, counts, evaluate, judge
from mocoupled.reproduce.claims import Claim, published_folder, read_claims
from mocoupled.reproduce.stratification import cases as stratification_cases
from mocoupled.reproduce.stratification import job as stratification
from mocoupled.reproduce.stratification import values as stratification_values
from mocoupled.runs.processes import Reply, place_of


@pytest.fixture(scope="module")
def claims():
    return read_claims(published_folder() / "buffering_claims.csv", KINDS)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The folder and the result, without the other laws of K_D, which no claim and no figure reads."""
    folder = tmp_path_factory.mktemp("reproduced")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(static_buffering, "spread_variables", lambda *_: {})
        return folder, buffering.reproduce(folder, quick=True)


def test_every_claim_has_a_value_and_a_tolerance(claims):
    computed = {c.key for c in claims if c.kind != "context"}
    assert computed == set(VALUES) and len({c.key for c in claims}) == len(claims)
    for c in claims:
        assert (c.low is None and c.high is None) or c.tolerance, c.key


def claim(**changes):
    stated = {
        "number": 1,
        "part": "",
        "section": "",
        "claim": "",
        "published": "",
        "low": 10.0,
        "high": 20.0,
        "unit": "1",
        "within": 5.0,
        "kind": "static",
        "cases": (),
        "conditions": "",
        "tolerance": "",
        "note": "",
    }
    return Claim(**stated | changes)


@pytest.mark.parametrize(
    "changes, value, verdict",
    [
        ({}, 15.0, "agrees"), ({}, 20.5, "within 3 %"), ({}, 21.1, "disagrees"),
        ({}, float("nan"), "not computed: there is no buffered ocean"), ({"low": None}, -1e9, "agrees"),
        ({"low": None, "high": None}, 1.0, "not comparable: no number is "
                                           "printed"), ({"kind": "calibrated"}, 15.0, "agrees (calibrated)"),
                                           ({"kind": "context"}, 1.0,
                                           "not computed: not a result of the model"),
    ],
)  # fmt: skip
def test_verdicts(changes, value, verdict):
    assert judge(claim(**changes), value) == verdict


def test_what_agrees_and_what_does_not(written):
    """The claims that do not reproduce are known by number; each says why. A change of these is news."""
    _, result = written
    apart = {judgement.claim.key for judgement in result.judged if judgement.word == "disagrees"}
    assert apart == {"7c", "9b", "10a", "10c", "17a", "17c", "19a", "19b", "21d"}
    assert all(judgement.claim.note for judgement in result.judged if judgement.word == "disagrees")
    assert {judgement.claim.key for judgement in result.judged if judgement.word == "within"} == {"8d", "11b"}
    assert counts(result.judged)["agrees (calibrated)"] == 6


def test_files(written):
    folder, result = written
    assert {f.relative_to(folder).as_posix() for f in result.files} == {
        "claims.csv",
        "claims.md",
        "energy.csv",
        *(f"figures/figure-{k:02d}.png" for k in FIGURES),
    }
    rows = list(csv.DictReader((folder / "claims.csv").read_text(encoding="utf-8").splitlines()))
    assert [float(r["ours"]) for r in rows if r["number"] == "1"] == pytest.approx([26.70, 56.71], abs=0.05)
    stated = (folder / "claims.md").read_text(encoding="utf-8")
    assert "proves nothing" in stated and "16.3 to 34.2" in stated and "## What does not reproduce" in stated
    for file in result.files:
        assert file.stat().st_size > (20_000 if file.suffix == ".png" else 800)


def test_energy_beside_the_paper(written):
    """Both energies in one table, with the numbers of the histories; the conclusion names what survives."""
    folder, _ = written
    rows = list(csv.DictReader((folder / "energy.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 12
    of = {(r["case"], int(r["timescale_Myr"]), r["energy"]): r for r in rows}
    assert float(of["earth", 10, "prescribed"]["Fe_at_0.99"]) == pytest.approx(38.4, abs=0.3)
    assert float(of["earth", 10, "conserved"]["Fe_at_0.99"]) == pytest.approx(56.2, abs=0.3)
    assert float(of["earth", 100, "prescribed"]["latent_heat_MJ_per_kg"]) > 4 * 1.2e-3 * 4400
    stated = (folder / "claims.md").read_text(encoding="utf-8")
    assert "Fe# 26 to 37 where it crystallises in 10 Myr or more does not survive" in stated
    assert "An Earth with less iron in its ocean than Mars survives it" in stated


def test_one_figure_alone(tmp_path):
    result = buffering.reproduce(tmp_path, [7], quick=True)
    assert [f.name for f in result.files] == ["figure-07.png"] and result.judged == ()
    with pytest.raises(InputError, match="figure 5"):
        buffering.reproduce(tmp_path / "none", [5])
    assert not (tmp_path / "none").exists()


def test_interrupted(tmp_path):
    assert buffering.reproduce(tmp_path, pressed=lambda: True).interrupted


@pytest.mark.parametrize(
    "row, words",
    [
        ("1,,s,c,p,5,4,u,,static,,,t,n", "above high"),
        ("1,,s,c,p,4,5,u,,statically,,,t,n", "no such kind"),
        ("one,,s,c,p,4,5,u,,static,,,t,n", "not a claim"),
        ("1,,s,c,p,four,5,u,,static,,,t,n", "not a claim"),
    ],
)
def test_bad_rows(tmp_path, row, words):
    file = tmp_path / "claims.csv"
    file.write_text(
        "number,part,section,claim,published,low,high,unit,within,kind,cases,conditions,tolerance,note\n"
        f"{row}\n"
    )
    with pytest.raises(InputError, match=words):
        read_claims(file, KINDS)


def test_a_claim_without_an_ocean_is_not_computed():
    (judgement,) = evaluate([claim(kind="static")], {"1": lambda: np.nan}, lambda share, text: None)
    assert judgement.word == "not computed"


# ---- the size of the planet: values of an independent calculation, in Fe#, for 1200 to 3500 km

SIZES = np.array([1200.0, 1600.0, 2000.0, 2400.0, 2890.0, 3500.0]) * 1e3


@pytest.mark.parametrize(
    "core, timescale, expected",
    [
        ("fixed", None, [np.nan, np.nan, np.nan, 8.2, 21.6, np.nan]),
        ("fixed", "1 Myr", [20, 19, 19, 20, 45, 89]),
        ("solidus", None, [24.8, 22.7, 21.2, 20.6, 21.6, 25.6]),
        ("solidus", "1 Myr", [73, 63, 54, 47, 45, 50]),
        ("potential", "1 Myr", [52.8, 49.0, 46.6, 45.2, 44.5, 44.5]),
    ],
)
def test_anomaly_over_size(core, timescale, expected):
    """Half a unit: what is printed without decimals; NaN: no buffered ocean, as there."""
    anomaly = iron_anomaly(SIZES, core, **({} if timescale is None else {"timescale": timescale}))
    assert anomaly == pytest.approx(np.array(expected), abs=0.5, nan_ok=True)


def test_maps(tmp_path):
    result = stratification.reproduce(tmp_path, (1,), quick=True)
    maps = xarray.load_dataset(tmp_path / "stratification.nc")
    assert [f.name for f in result.files] == ["stratification.nc", "figure-01.png"]
    assert maps.iron_anomaly.dims == ("map", "mantle_thickness", "bulk_iron")
    assert bool((maps.iron_anomaly.isnull() == ~maps.converged.astype(bool)).all())
    static = maps.iron_anomaly.sel(map="solidus-static")
    assert bool((static.diff("bulk_iron") > 0).all())  # richer in iron: more stratified, at every size
    with pytest.raises(InputError, match="figure 4"):
        stratification.chosen([4])


class Here:
    """A pool of this process, which has compiled already what the runs need."""

    def __init__(self, service, size):
        assert (service, size) == (place_of(runs.service), 1)
        self.under_way = frozenset()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def work(self, tasks, stopped):
        answer = runs.service()
        for key, content in tasks:
            assert not stopped()
            yield Reply(key, answer(content))


@pytest.fixture
def in_this_process(monkeypatch, without_overturn):
    """Runs of a paper without a worker process; test_reproduce.py has them with one."""
    monkeypatch.setattr(runs, "Pool", Here)


def test_map_over_size(tmp_path, monkeypatch, in_this_process):
    """Planets of 0.05 and 5 Earth masses: a lumped and quick stand-in of the shipped runs."""
    shipped = stratification_cases.cases_of_sizes(False)
    masses = {mass for _, mass, _ in shipped}
    assert (min(masses), max(masses)) == (0.05, 5.0)
    quick = stratification_cases.cases_of_sizes(True)
    lumped = {
        key: case.replace(
            {
                "mantle.model": "lumped",
                "cumulates.remelting": False,
                "run.end_surface_temperature": "1700 K",
                "run.rtol": 1e-5,
            }
        )
        for key, case in quick.items()
    }
    monkeypatch.setattr(stratification_values, "cases_of_sizes", lambda quick: lumped)
    result = stratification.reproduce(tmp_path, (3,), quick=True, workers=1)
    assert not result.problems
    assert [f.name for f in result.files] == ["stratification-size.nc", "figure-03.png"]
    over_size = xarray.load_dataset(tmp_path / "stratification-size.nc")
    assert over_size.ocean_iron.dims == ("bulk_iron", "planet_mass")
    assert bool((over_size.ocean_iron > over_size.bulk_iron).all())


def test_maps_of_runs(tmp_path, monkeypatch, in_this_process):
    """Eight lumped runs: the longer an ocean lives, the more iron its last melt has.

    The pile of a long-lived ocean has spent its heat before the ocean is small, when a little melt of a hot
    pile would dilute it. All are far below an ocean without remelting (Fe# 86).
    """
    shipped = stratification_cases.cases_of_maps(True)
    lumped = {
        key: case.replace(
            {"mantle.model": "lumped", "run.end_surface_temperature": "1700 K", "run.rtol": 1e-5}
        )
        for key, case in shipped.items()
    }
    monkeypatch.setattr(stratification_values, "cases_of_maps", lambda quick: lumped)
    result = stratification.reproduce(tmp_path, (2,), quick=True, workers=1)
    assert not result.problems and [f.name for f in result.files] == [
        "stratification-oxidation.nc",
        "stratification-carbon.nc",
        "figure-02.png",
    ]
    for name in stratification_cases.MAPS:
        maps = xarray.load_dataset(tmp_path / f"stratification-{name}.nc")
        order = np.argsort(maps.lifetime.values, axis=None)
        iron = maps.ocean_iron.values.reshape(-1)[order]
        assert (np.diff(iron) > 0).all() and 0.3 < iron[0] < iron[-1] < 0.6
