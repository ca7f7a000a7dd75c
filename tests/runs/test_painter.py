"""The second process that draws: the same figures as one process draws, whatever becomes of it."""

from collections import deque

import pytest

import mocoupled as mo
from mocoupled.cli import output_files as cli_writing
from mocoupled.plots import figures_of
from mocoupled.results.output import write
from mocoupled.runs.painting import painter


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    result = mo.run(mo.Case.read("E1").replace({"mantle.model": "lumped"}))
    write(result, folder)
    return result, folder


@pytest.fixture(scope="module")
def second():
    with painter() as drawing_process:
        if drawing_process is None:
            pytest.skip("this machine has one core")
        yield drawing_process


def test_it_draws_what_one_process_draws(stored, second, tmp_path):
    result, folder = stored
    todo, drawn = deque(["flux", "no-such-figure", "overview"]), {}
    second.share(todo, drawn.__setitem__, folder, tmp_path / "second", {"format": "png"}).join()
    assert list(drawn) == ["overview"] and list(todo) == [
        "flux",
        "no-such-figure",
    ]  # what fails is put back, and nothing taken after it
    files = []
    cli_writing.draw_figures(result, tmp_path / "one", files, True, lambda: False, ["overview"])
    assert drawn["overview"][0].read_bytes() == files[0].read_bytes()


def test_both_draw_every_figure_once(stored, second, tmp_path):
    result, folder = stored
    files = []
    cli_writing.draw_figures(result, tmp_path, files, True, lambda: False, shared=(second, folder))
    assert [file.stem for file in files] == figures_of(result)
    assert sorted(files) == sorted(tmp_path.iterdir())


def test_a_second_process_that_dies_loses_no_figure(stored, tmp_path):
    result, folder = stored
    files = []
    with painter() as dying:
        if dying is None:
            pytest.skip("this machine has one core")
        dying._pool._processes[0]._popen.kill()
        cli_writing.draw_figures(
            result, tmp_path, files, True, lambda: False, ["flux", "overview"], shared=(dying, folder)
        )
    assert [file.stem for file in files] == ["flux", "overview"]


def test_ctrl_c_stops_both(stored, second, tmp_path):
    result, folder = stored
    files = []
    cli_writing.draw_figures(result, tmp_path, files, True, lambda: True, shared=(second, folder))
    assert sorted(files) == sorted(tmp_path.iterdir()) and len(files) <= 1


def test_none_where_it_is_of_no_use(monkeypatch):
    with painter(useful=False) as drawing_process:
        assert drawing_process is None
    monkeypatch.setattr("mocoupled.runs.painting._cores", lambda: 1)
    with painter() as drawing_process:
        assert drawing_process is None
