"""Many runs, the figures of Bower et al. 2022 and the command: resume, failures, Ctrl-C, what is written."""

import os
import signal
import sys

import numpy as np
import pytest
from support import paused_worker
from support.paused_command import REACHED
from support.waiting import HANG, until

import mocoupled as mo
from mocoupled.case import Case
from mocoupled.cli import commands as cli
from mocoupled.errors import InputError
from mocoupled.plots import compositions, depletions, profiles
from mocoupled.reproduce import PAPERS, find, runs
from mocoupled.reproduce import value_sources as sources
from mocoupled.reproduce.bower2022 import figures, job
from mocoupled.reproduce.bower2022.cases import FIGURES, collect, name, of_figure, read
from mocoupled.reproduce.claims import paper_claims
from mocoupled.reproduce.paper import Result
from mocoupled.results import output
from mocoupled.sweeps.folder_lock import locked

LOOSE = {"mantle.model": "lumped", "run.rtol": 1e-4}  # whatever mantle the shipped cases have
SHORT = LOOSE | {"run.end_surface_temperature": "2600 K"}


def short(*names):
    return {n: read(n).replace(SHORT) for n in names}


# ---- many runs


def test_stored_runs_are_used_again_and_a_failure_is_reported(tmp_path):
    cases = short("E1", "E2") | {"bad": Case.read("E1").replace(SHORT | {"mantle.solidus": "nowhere"})}
    stated = []
    first = runs.run_all(cases, tmp_path, 1, lambda fraction, text: stated.append((fraction, text)))
    assert list(first) == list(cases)
    assert [o.status for o in first.values()] == [runs.DONE, runs.DONE, runs.FAILED]
    assert "no solidus law has this name" in first["bad"].reason and not first["bad"].usable
    assert stated[-1] == (1.0, "3 of 3 cases, 1 failed") and stated[0][0] == 0.0
    assert not (tmp_path / "bad").exists()

    when = (tmp_path / "E1" / "evolution.nc").stat().st_mtime_ns
    changed = cases | {"E2": cases["E2"].replace({"volatiles.hydrogen": "2.5 ocean"})}
    changed.pop("bad")
    second = runs.run_all(changed, tmp_path, 1)
    assert [o.status for o in second.values()] == [runs.STORED, runs.DONE]
    assert (tmp_path / "E1" / "evolution.nc").stat().st_mtime_ns == when
    stored_run = output.read(tmp_path / "E2")
    assert stored_run.attrs["case"] == changed["E2"].to_toml() and stored_run.attrs["status"] == "complete"


@pytest.mark.parametrize(
    "spoilt",
    [{"status": "interrupted"}, {"status": "failed"}, {"source": "mocoupled 0.0.1"}, {"case": "other"}],
)
def test_only_a_complete_run_of_this_case_and_version_counts(spoilt, tmp_path):
    case = short("E1")["E1"]
    result = mo.run(case)
    output.write(result, tmp_path)
    assert runs.stored(case, tmp_path)
    output.write(result.assign_attrs(spoilt), tmp_path)
    assert not runs.stored(case, tmp_path)
    (tmp_path / "evolution.nc").write_bytes(b"no file")
    assert not runs.stored(case, tmp_path)


def test_a_press_leaves_what_is_done(tmp_path):
    done = runs.run_all(
        short("E1", "E2", "E3"), tmp_path, 1, pressed=lambda: output.status_of(tmp_path / "E1") == "complete"
    )
    assert done["E1"].status == runs.DONE and {done["E2"].status, done["E3"].status} == {runs.INTERRUPTED}
    assert {path.name for path in tmp_path.iterdir()} <= {"E1", "E2"}
    assert runs.stored(short("E1")["E1"], tmp_path / "E1")


# ---- the cases


def test_every_case_of_every_figure_is_there():
    for figure in FIGURES:
        whole, quick = of_figure(figure), of_figure(figure, quick=True)
        assert set(quick) <= set(whole) and len(set(whole)) == len(whole)
        assert all(
            int("".join(filter(str.isdigit, n.split("-")[0]))) in (1, 3, 10)
            for n in quick
            if n not in ("R0", "R", "L")
        )
    cases = collect([n for figure in FIGURES for n in of_figure(figure)])
    assert len(cases) == 118 and all(case.name == n for n, case in cases.items())
    assert (
        cases["F3-C0-IW-2"].redox.oxygen_fugacity == "IW-2"
        and cases["F3-C0-IW-2"].volatiles.carbon.amount == 0
    )
    assert name(3) == "F3" and name(3, 0.1) == "F3-C0.1" and name(10, 5.0, 4.0) == "F10-C5-IW+4"


def test_papers_and_figures_are_known_or_refused():
    assert find("bower2022") is job and "bower2022" in PAPERS
    with pytest.raises(InputError, match="did you mean 'bower2022'"):
        find("bower")
    assert job.chosen(()) == tuple(FIGURES) and job.chosen((4, 4, 2)) == (4, 2)
    with pytest.raises(InputError, match="14 mixing ratios at IW-2"):
        job.chosen((13,))


# ---- the figures


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory):
    """Runs in which four stand for all: with and without carbon, with escape, and H2O alone; to the lid,
    lumped."""
    folder = tmp_path_factory.mktemp("runs")
    for item in ("E1", "WE1", "F3-C1", "L"):
        output.write(mo.run(read(item).replace(LOOSE)), folder / item)
    names = {n for figure in FIGURES for n in of_figure(figure)}
    homes = {
        n: "WE1"
        if n.startswith("W")
        else "L"
        if n in ("R", "R0", "L")
        else "F3-C1"
        if "-C" in n and "-C0-" not in n
        else "E1"
        for n in names
    }
    return sources.Runs(folder, homes, sources.Equilibria(collect(names)))


def inside_its_page(figure):
    """The texts and legends that leave the page, or overlap the caption."""
    figure.draw_without_rendering()
    page = figure.bbox
    artists = [t for t in figure.texts if t.get_text()] + list(figure.legends)
    return [
        a
        for a in artists
        if not (page.x0 <= a.get_window_extent().x0 and a.get_window_extent().x1 <= page.x1)
    ]


def words(figure):
    return [t.get_text() for ax in figure.axes for t in ax.texts] + [t.get_text() for t in figure.texts]


@pytest.mark.parametrize("figure", [n for n in FIGURES if n not in (15, 16)])  # these are drawn as 14 is
def test_figure_from_stored_runs(figure, stand_in):
    drawing = figures.DRAWN[figure](figure, stand_in, False)
    assert drawing.axes and not inside_its_page(drawing)
    assert "no complete run" not in words(drawing)
    assert any(f"Fig. {figure} of Bower et al. 2022" in text for text in words(drawing))
    letters = [t for t in words(drawing) if len(t) == 3 and t[0] == "(" and t[2] == ")"]
    assert (
        letters == [f"({chr(97 + k)})" for k in range(len(letters))]
        and len(letters) == len(drawing.axes)
        or figure == 2
    )
    drawn = [ax for ax in drawing.axes if ax.lines or ax.collections]
    assert len(drawn) == len(drawing.axes) - (4 if figure == 2 else 0)  # the lumped mantle has no profile
    labelled = [ax for ax in drawn if ax.get_xlabel() and ax.get_ylabel()]
    assert labelled and all("(" in ax.get_ylabel() or "%" in ax.get_ylabel() for ax in labelled)


@pytest.mark.parametrize("figure", [2, 3, 4, 5, 6, 11])  # one of each kind
def test_figure_without_runs_says_so(figure, tmp_path):
    empty = sources.Runs(tmp_path, {}, sources.Equilibria({}))
    assert "no complete run" in words(figures.DRAWN[figure](figure, empty, False))


def test_picture_is_small(stand_in, tmp_path):
    path = figures.draw(11, stand_in, tmp_path)
    assert path.read_bytes()[:4] == b"\x89PNG" and path.stat().st_size < 150_000


def test_bands_add_up_and_pressures_are_those_stored(stand_in):
    run = stand_in.run("F3-C1")
    bands = compositions.draw_mixing_ratios(["r"], ["c"], {(0, 0): run}, "t", "c").axes[0].collections
    assert [b.get_label() for b in bands] == ["H2O", "H2", "CH4", "CO2", "CO"]
    top = bands[-1].get_paths()[0].vertices
    assert top[:, 1].max() == pytest.approx(100.0, abs=1e-6)
    lines = {
        line.get_label(): line
        for line in compositions.draw_pressures(["r"], ["c"], {(0, 0): run}, "t", "c").axes[0].lines
    }
    assert lines["CO"].get_ydata() == pytest.approx(run.pressure.sel(species="CO").values / 1e5)
    assert lines["total"].get_xdata() == pytest.approx(100 * run.melt_fraction.values)


def test_series_reads_time_and_depletion(stand_in):
    run = stand_in.run("E1")
    oceans, at, depletion = depletions.Series(0.3, [1, 2], [run, run.isel(time=slice(0, 5))], "k").points()
    assert oceans == [1]  # the other never comes so far
    k = int(np.argmax(run.melt_fraction.values <= 0.3))
    assert run.time[k - 1] / mo.constants.YEAR <= at[0] <= run.time[k] / mo.constants.YEAR
    assert run.interior_depletion[k - 1] <= depletion[0] / 100 <= run.interior_depletion[k]


def test_profiles_along_depth(stand_in):
    """A column's temperature and melt fraction are drawn over its pressure, hot to cold, from the surface
    down."""
    run = stand_in.profile("E1")
    cells = np.linspace(0.0, 1.37e11, 12)
    T = run.surface_temperature.values[:, None] + 1e-8 * cells
    run = run.assign(
        temperature=(("time", "cell"), T), local_melt_fraction=(("time", "cell"),
            np.tile(run.melt_fraction.values[:, None], 12)),
    ).assign_coords(cell_pressure=("cell", cells))  # fmt: skip
    drawing = profiles.draw_profiles(run, None, ("E1", "F1"), "t", "c")
    lines = drawing.axes[0].lines
    assert (
        len(lines) >= 5
        and lines[0].get_xdata()[0] == pytest.approx(2700.0)
        and lines[-1].get_xdata()[0] == pytest.approx(1650.0, abs=1)
    )
    assert list(lines[0].get_ydata()) == pytest.approx(list(cells / 1e9))
    assert drawing.axes[0].get_ylim()[0] > drawing.axes[0].get_ylim()[1]
    assert "no complete run" in words(drawing)


# ---- all of it


def test_reproduce_writes_the_requested_files(tmp_path, monkeypatch):
    """Two cases of figure 2, loosened: run, drawn, listed; a second call runs nothing; claims say what is
    missing."""
    cases = short("E1", "F1")
    done = job.reproduce(tmp_path, [2], workers=1, cases=cases)
    assert (
        [o.status for o in done.outcomes.values()] == [runs.DONE, runs.DONE]
        and not done.problems
        and not done.judged
    )
    assert [p.relative_to(tmp_path).as_posix() for p in done.files] == ["runs.csv", "figures/figure-02.png"]
    listed = (tmp_path / "runs.csv").read_text(encoding="utf-8").splitlines()
    assert len(listed) == 3 and listed[1].startswith("E1,complete,A surface lid forms")
    again = job.reproduce(tmp_path, [2], workers=1, cases=cases)
    assert [o.status for o in again.outcomes.values()] == [runs.STORED, runs.STORED]

    twins = cases | {"F1": cases["E1"].replace({"name": "F1"})}
    assert job.reproduce(tmp_path, [2], cases=twins).outcomes["F1"].status == runs.SAME
    monkeypatch.setattr(
        job,
        "run_all",
        lambda *arguments: {"E1": runs.Outcome(runs.STORED), "F1": runs.Outcome(runs.FAILED, "why")},
    )
    failed = job.reproduce(tmp_path, [2], cases=cases)
    assert failed.outcomes["E1"].usable and failed.problems == ("F1: failed: why",)
    assert (tmp_path / "figures" / "figure-02.png").exists()


def test_claims_without_runs_are_not_computed(stand_in):
    stated = {claim.key: claim for claim in paper_claims("bower2022")}
    equilibria = sources.Equilibria({n: read(n).replace(LOOSE) for n in ("E1", "E10", "F1")})
    few = sources.Runs(stand_in.folder, {"E1": "E1"}, equilibria)
    judged = {
        judgement.claim.key: judgement
        for judgement in job.judge_all([stated[k] for k in ("1a", "15", "16a", "24a", "30", "46", "59")], few)
    }
    assert judged["1a"].verdict == "agrees" and judged["30"].verdict == "agrees"
    assert judged["24a"].verdict == "not computed: there is no complete run of E10"
    assert judged["59"].verdict.startswith("not computed: there is no")
    assert (
        judged["16a"].verdict == "disagrees" and "melt and crystals do not separate" in judged["16a"].reason
    )
    assert judged["16a"].equilibrium == pytest.approx(3.93, abs=0.005)


@pytest.fixture
def command(monkeypatch, capsys, tmp_path):
    """A function that runs the command in this process, in an empty folder: (status, standard output,
    errors)."""
    monkeypatch.chdir(tmp_path)

    def called(*words):
        monkeypatch.setattr(sys, "argv", ["mocoupled", "reproduce", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main()
        return end.value.code, *capsys.readouterr()

    return called


@pytest.mark.parametrize(
    ("line", "says"),
    [("bower", "did you mean 'bower2022'"), ("bower2022 --figure "
                                             "12", "not made from runs"),
                                             ("bower2022 --figure two", "not a whole number"),
     ("bower2022 --workers "
      "0", "out of range"), ("bower2022 --workers many", "not a whole number"),
      ("bower2022 -o taken", "is a file"),
     ("bower2022 -o taken/inside", "is a file")],
)  # fmt: skip
def test_bad_requests_are_refused(line, says, command, tmp_path):
    (tmp_path / "taken").write_text("x", encoding="utf-8")
    status, _, stated = command(*line.split())
    assert status == 2 and says in stated and "Traceback" not in stated
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_a_folder_is_for_one_command_at_a_time(command, tmp_path):
    with locked(tmp_path):
        status, _, stated = command("nabiei2021", "--figure", "3", "-o", str(tmp_path))
    assert status == 2 and "is working in this folder" in " ".join(stated.split())
    assert not list(tmp_path.glob("*"))


def test_command_tells_of_failures(command, monkeypatch):
    outcomes = {"E1": runs.Outcome(runs.DONE), "F1": runs.Outcome(runs.FAILED, "why")}
    failed = Result(outcomes=outcomes, problems=("F1: failed: why",))
    monkeypatch.setattr(job, "reproduce", lambda *arguments: failed)
    status, stated, errors = command("bower2022")
    assert status == 1 and "2 cases: 1 done, 1 failed" in stated and "F1: failed: why" in errors
    monkeypatch.setattr(job, "reproduce", lambda *arguments: Result(interrupted=True))
    status, _, errors = command("bower2022")
    assert status == 130 and "continues from there" in errors


@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT to a process group")
def test_interrupted_command_goes_on_where_it_was(tmp_path):
    """Ctrl-C, as a terminal sends it to all processes, in the middle of the second run; then one run less is
    to be done."""
    signals = tmp_path / "signals"
    words = ["reproduce", "bower2022", "--figure", "3", "--quick", "--workers", "1", "-o", "out"]
    process = paused_worker.start(words, signals, cwd=tmp_path, start_new_session=True)
    until((signals / REACHED).exists, process)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=HANG)
    assert process.returncode == 130 and "Traceback" not in errors and "continues from there" in errors
    stored_runs = list(tmp_path.glob("out/runs/*/evolution.nc"))
    assert len(stored_runs) == 1
    assert all(output.read(path).attrs["status"] == "complete" for path in stored_runs)
    assert not list(tmp_path.glob("out/figures/*"))
