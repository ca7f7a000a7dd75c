"""Where results are written: files of the user stay; a wrong place is refused before computing."""

import os
import sys

import pytest
from support.command_line import DRY, RESULTS, words
from support.cut_run import small
from support.places import STORED_0_1

import mocoupled as mo
from mocoupled import files as whole_files
from mocoupled.plots import draw
from mocoupled.reports import chili
from mocoupled.reports import html_page as report

FOREIGN = (
    ".case.toml.swp",
    ".evolution.nc.backup",
    ".evolution.nc.original",
    ".run.log.x",
    "notes.txt",
    ".mocoupled-notes",
    ".summary.json.a1b2c3d4",
)


def test_a_file_or_folder_in_place_of_figures_is_refused_before_computing(tmp_path, mocoupled):
    folder = tmp_path / "a"
    figures = folder / "figures"
    assert mocoupled("run", "E1", *DRY, "-q", "-o", folder, "--no-figures")[0] == 0
    before = (folder / "evolution.nc").stat().st_mtime_ns
    figures.write_text("mine")
    status, _, err = mocoupled("run", "E1", *DRY, "--figures", "-q", "-o", folder, "--overwrite")
    assert status == 2 and "this is a file; a run needs a folder here for its figures" in words(err)
    figures.unlink()
    (figures / "overview.png").mkdir(parents=True)
    status, _, err = mocoupled("run", "E1", *DRY, "--figures", "-q", "-o", folder, "--overwrite")
    assert status == 2 and "this is a folder; a run needs this name for a figure" in words(err)
    assert (folder / "evolution.nc").stat().st_mtime_ns == before
    assert mocoupled("run", "E1", *DRY, "-q", "-o", folder, "--overwrite", "--no-figures")[0] == 0
    assert (figures / "overview.png").is_dir()


def test_plot_draws_through_a_link_only_where_it_is_named(tmp_path, mocoupled):
    folder, elsewhere = tmp_path / "a", tmp_path / "elsewhere"
    assert mocoupled("run", "E1", *DRY, "-q", "-o", folder, "--no-figures")[0] == 0
    elsewhere.mkdir()
    (elsewhere / "flux.png").write_text("mine")
    (folder / "figures").symlink_to(elsewhere)
    status, _, err = mocoupled("plot", folder, "--figure", "flux")
    assert status == 2 and "symbolic link" in words(err) and (elsewhere / "flux.png").read_text() == "mine"
    assert mocoupled("plot", folder, "--figure", "flux", "-o", folder / "figures")[0] == 0
    assert (elsewhere / "flux.png").read_bytes().startswith(b"\x89PNG")


def test_only_files_of_ours_are_removed(tmp_path, mocoupled):
    folder = tmp_path / "a"
    assert mocoupled("run", "E1", *DRY, "-q", "-o", folder, "--no-figures")[0] == 0
    for name in FOREIGN:
        (folder / name).write_text("mine")
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / "x").write_text("mine")
    left_over = folder / f"{whole_files.PREFIX}0123456789abcdef-evolution.nc"
    left_over.write_text("half")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "overview.png").write_text("mine")
    (folder / "figures").symlink_to(elsewhere)

    status, _, err = mocoupled("run", "E1", *DRY, "-q", "-o", folder, "--overwrite", "--figures")
    assert status == 2 and "symbolic link" in words(err)  # before anything is computed
    assert mocoupled("run", "E1", *DRY, "-q", "-o", folder, "--overwrite", "--no-figures")[0] == 0
    assert not left_over.exists()
    mo.resume(folder)
    assert mocoupled("resume", folder, "--no-figures")[0] == 0
    assert {path.name for path in folder.iterdir()} == RESULTS | {
        *FOREIGN,
        ".ipynb_checkpoints",
        "figures",
    } | {"figures"}
    assert all((folder / name).read_text() == "mine" for name in FOREIGN)
    assert (folder / ".ipynb_checkpoints" / "x").read_text() == "mine" and (
        elsewhere / "overview.png"
    ).read_text() == "mine"


@pytest.mark.parametrize("name", ["case.toml", "run.log"])
def test_a_file_of_the_user_with_a_name_of_ours_is_kept(name, tmp_path):
    (tmp_path / name).write_text("mine")
    with pytest.raises(mo.InputError, match=name):
        mo.run(small().planet.case, tmp_path)
    if name == "case.toml":
        with pytest.raises(mo.InputError, match="does not belong to a run"):
            mo.run(small().planet.case, tmp_path, overwrite=True)
    assert (tmp_path / name).read_text() == "mine"


COMMANDS = {
    "equilibrium": ["equilibrium", "earth", "-T", "1650"],
    "gas": ["gas", "-T", "1500", "-P", "1e5", "H=2", "O=1"],
    "melting": ["melting", "path", "pyrolite", "-P", "52 GPa"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_folders_of_outputs_are_made_or_refused_before_computing(name, mocoupled, empty, monkeypatch):
    (empty / "file").write_text("")
    computed = []
    for path in (
        "equilibria.planet_equilibrium.equilibrium",
        "equilibria.closed_equilibrium.gas_equilibrium",
        "lower_mantle.path",
        "lower_mantle.liquidus_surfaces.ternary",
    ):
        monkeypatch.setattr(f"mocoupled.{path}", lambda *_, **__: computed.append(1), raising=False)
    for target in ("file/x.nc", "file/deep/x.nc", "n" * 300 + ".nc", "x.txt"):
        status, out, err = mocoupled(*COMMANDS[name], "-o", target)
        assert status == 2 and out == "" and "output" in words(err) and not computed, (target, err)
    monkeypatch.undo()
    os.chdir(empty)
    if name != "melting":
        assert (
            mocoupled(*COMMANDS[name], "-o", "new/deep/x.nc")[0] == 0
            and (empty / "new" / "deep" / "x.nc").is_file()
        )


def test_library_outputs_are_checked_before_computing(tmp_path, monkeypatch):
    monkeypatch.setattr(
        sys.modules["mocoupled.runs.main_job"], "prepare", lambda case, names: pytest.fail("computed")
    )
    (tmp_path / "file").write_text("")
    for output_ in (tmp_path / "file", tmp_path / "file" / "x", "a\0b", "n" * 300, " "):
        with pytest.raises(mo.InputError, match="output"):
            mo.run(small().planet.case, output_)
    (tmp_path / "old").mkdir()
    result = mo.read(STORED_0_1 / "complete")
    for write in (
        lambda place: draw(result, place),
        lambda place: report.write(result, place),
        lambda place: chili.export(result, place, "x"),
    ):
        with pytest.raises(mo.InputError, match="output"):
            write(tmp_path / "file" / "x")
