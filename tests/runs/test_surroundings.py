"""The command line in bad surroundings: hostile folders, closed streams, full disks, signals, odd
terminals."""

import ast
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support.command_line import COMMAND, DRY, ENVIRONMENT, RESULTS, words
from support.cut_run import small
from support.paused_command import PausedCommand
from support.places import PACKAGE
from support.waiting import HANG, at_once

import mocoupled as mo
from mocoupled.cli import output_files as cli_writing
from mocoupled.cli.run import default_folder
from mocoupled.errors import MocoupledError
from mocoupled.runs.run_folder import made

LIBRARIES = (
    "numpy",
    "scipy",
    "sympy",
    "cantera",
    "xarray",
    "click",
    "rich",
    "pydantic",
    "tomllib",
    "netCDF4",
    "sitecustomize",
    "site",
)


def test_nothing_is_loaded_from_the_current_folder_nor_kept_outside_the_output(tmp_path):
    """A run in a folder that holds modules named as our libraries imports none of them; and all that it
    writes is in the output folder: generated code is compiled in memory, no cache of it is written to a home
    or temporary folder, or read from one. Without a home, in the locale C, on a terminal 20 columns wide,
    with standard output closed."""
    here, home, scratch = (tmp_path / name for name in ("here", "home", "scratch"))
    for folder in (here, home, scratch):
        folder.mkdir()
    for name in LIBRARIES:
        (here / f"{name}.py").write_text(
            f"open('canary', 'a').write({name!r})\nraise SystemExit('{name} of the current folder')\n"
        )
    bare = {
        key: value for key, value in ENVIRONMENT.items() if not key.startswith(("LC_", "LANG", "XDG", "MPL"))
    }
    bare |= {
        "HOME": str(home),
        "TMPDIR": str(scratch),
        "LC_ALL": "C",
        "COLUMNS": "20",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    line = [*COMMAND, "run", "E1", *DRY, "-o", "out", "--set", "title=Wärme 火"]
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&- 2>errors', "sh", *line], cwd=here, env=bare, timeout=HANG
    )
    assert (here / "errors").read_text() == "" and done.returncode == 0
    assert {path.name for path in here.iterdir()} == {f"{name}.py" for name in LIBRARIES} | {"out", "errors"}
    assert {path.name for path in (here / "out").iterdir()} == RESULTS
    assert list(home.iterdir()) == list(scratch.iterdir()) == []
    assert mo.read(here / "out").attrs["title"] == "Wärme 火"


def test_generated_code_meets_no_file():
    """Text is executed in one file of dae/ alone. Nothing there can read text from a file or write one."""
    package, places = PACKAGE, set()
    for path in package.rglob("*.py"):
        tree, name = ast.parse(path.read_text(encoding="utf-8")), path.relative_to(package).as_posix()
        called = {
            node.func.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        modules = {
            alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        }
        modules |= {
            node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level
        }
        assert not {m.partition(".")[0] for m in modules} & {
            "pickle",
            "marshal",
            "shelve",
            "dill",
            "cloudpickle",
            "joblib",
            "runpy",
            "imp",
        }, name
        if called & {"exec", "eval", "compile", "__import__"}:
            places.add(name)
        if name.startswith("dae/"):
            assert not called & {"open", "eval", "__import__"}, name
            assert not {m.partition(".")[0] for m in modules} & {
                "os",
                "io",
                "pathlib",
                "tempfile",
                "importlib",
                "shutil",
            }, name
    assert {place.split("/")[0] for place in places} == {"dae"} and len(places) == 1


@pytest.mark.parametrize(
    "name", ["../../up", "..", "/etc/x", "a/b\\c", "\n", ".hidden", "-o", "x" * 500, "con", "~"]
)
def test_the_folder_of_a_name_is_below_runs(name, empty):
    with made(default_folder(name), numbered=True) as folder:
        assert (
            folder.parent == Path("runs")
            and folder.name
            and not folder.name.startswith((".", "-"))
            and len(folder.name) <= 60
        )
        assert folder.resolve().parent == (empty / "runs").resolve() and folder.is_dir()


def test_figure_names_are_no_paths(mocoupled, empty, tmp_path_factory):
    from mocoupled.plots import draw

    status, _, err = mocoupled("run", "E1", *DRY, "-q", "-o", "run")
    assert status == 0, err
    for name in ("../flux", "/tmp/flux", "flux/../flux", ""):
        status, _, err = mocoupled("plot", "run", "--figure", name, "-o", "figures")
        assert status == 2 and err.startswith("InputError: ") and not (empty / "figures").exists()
        with pytest.raises(mo.InputError):
            draw(mo.read("run"), "figures", [name])


@pytest.mark.parametrize("closed", [("stdout",), ("stderr",), ("stdout", "stderr")])
def test_closed_streams(closed, monkeypatch, empty):
    """As Python gives them where the shell has closed them (>&-): None."""
    from mocoupled.cli import commands as cli

    for name in closed:
        monkeypatch.setattr(sys, name, None)
    for line, status in (
        (["cases"], 0),
        (["show", "nowhere"], 2),
        (["show", "earth", "--keys"], 0),
        (["rnu"], 2),
    ):
        monkeypatch.setattr(sys, "argv", ["mocoupled", *line])
        with pytest.raises(SystemExit) as end:
            cli.main()
        assert end.value.code == status


def test_a_reader_that_leaves(empty):
    """mocoupled show earth --keys | head -1"""
    with subprocess.Popen(
        [*COMMAND, "show", "earth", "--keys"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    ) as process:
        process.stdout.read(1)
        process.stdout.close()
        err = process.stderr.read()
    assert process.returncode == 0 and err == b""


def test_the_current_folder_is_gone(mocoupled, empty, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    assert mocoupled("cases")[0] == 0
    status, _, err = mocoupled("run", "E1", *DRY, "-q")
    assert status == 1 and "No such file" in err


@pytest.mark.parametrize("columns", ["20", "0", "-5", "abc", "9" * 30])
def test_odd_widths(columns, mocoupled, empty, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    assert mocoupled("show", "earth", "--keys")[0] == 0
    assert mocoupled("run", "nothing")[0] == 2


def test_a_full_disk_leaves_no_half_file(empty):
    """Files are limited to 4 kB, as on a full disk: one message, exit status 1, and no part of the result is
    left."""
    line = [*COMMAND, "equilibrium", "earth", "-T", "1400:3000:400", "-m", "0.3", "-o", "out.nc"]
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))  # noqa: E731
    done = subprocess.run(
        line,
        env=ENVIRONMENT | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        preexec_fn=limit,
        timeout=HANG,
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert "space left" in words(done.stderr)
    assert list(empty.iterdir()) == []


def test_whole_files_replace_or_leave(empty):
    target = empty / "mine.csv"
    target.write_text("old")
    with pytest.raises(MocoupledError, match="space left"), cli_writing.whole(target) as path:
        path.write_text("half")
        raise RuntimeError("NetCDF: HDF error")
    assert target.read_text() == "old" and list(empty.iterdir()) == [target]
    with cli_writing.whole(target) as path:
        path.write_text("new")
    assert target.read_text() == "new" and list(empty.iterdir()) == [target]


def test_sigterm_stores_what_was_reached(empty, tmp_path_factory):
    """As a batch system ends a job: as Ctrl-C, exit status 130, and the result is whole and marked."""
    words_ = ["run", "E1", "--set", "mantle.cells=20", "--no-figures", "-o", "part"]
    command = PausedCommand(
        words_,
        tmp_path_factory.mktemp("beside") / "signals",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process = command.wait()
    process.send_signal(signal.SIGTERM)
    command.go_on()
    _, err = process.communicate(timeout=HANG)
    assert process.returncode == 130 and "Traceback" not in err and "mocoupled plot part" in words(err)
    assert mo.read(empty / "part").attrs["status"] == "interrupted"
    assert {path.name for path in (empty / "part").iterdir()} == RESULTS | {"checkpoint.npz"}


def test_sigterm_ends_a_process_forked_from_ours():
    """Whoever forks while Ctrl-C is held back can still end the process it made."""
    program = """
import os, signal, time
from mocoupled.cli.terminal import deferred_interrupts
with deferred_interrupts() as pressed:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, b"up")
        while True:
            signal.pause()
    os.read(reading, 2)
    os.kill(child, signal.SIGTERM)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGTERM
    assert not pressed()
    os.kill(os.getpid(), signal.SIGTERM)
    assert pressed()
assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
"""
    done = subprocess.run(
        [sys.executable, "-c", program], env=ENVIRONMENT, capture_output=True, text=True, timeout=HANG
    )
    assert done.returncode == 0, done.stderr


def test_numpy_settings_of_the_user_change_no_result():
    """Under numpy.seterr(all="raise") an underflow to zero within a library is no error of ours."""
    case = small().planet.case

    def results():
        yield mo.run(case)
        yield mo.equilibrium(case, temperature=[400.0, 2000.0], melt_fraction=[0.0, 1.0])
        yield mo.gas_equilibrium([300.0, 5900.0], 1e5, {"H": 2, "O": 1, "C": 1})
        yield mo.melting.liquidus([[0.07, 0.505, 0.425]], 60e9)

    with np.errstate(all="raise"):
        strict = list(results())
        assert set(np.geterr().values()) == {"raise"}
    assert all(first.equals(second) for first, second in zip(strict, results(), strict=True))


@pytest.mark.parametrize("text", ["q" * 1_000_000, "1\0" * 1_000_000, ".." * 500_000])
def test_a_message_is_short_however_long_the_input(text):
    """A refusal repeats the two ends of what was given, without reading all of it."""
    case = mo.Case.read("earth")
    for refused in (
        lambda: case.replace({text: 1}),
        lambda: case.replace({"redox.oxygen_fugacity": text}),
        lambda: mo.gas_equilibrium(1500.0, 1e5, {text: 1}),
        lambda: mo.gas_equilibrium(1500.0, 1e5, {"H": 1}, [text]),
        lambda: mo.gas_equilibrium(1500.0, 1e5, {"H": 1}, mechanism=text),
        lambda: mo.gas_equilibrium(1500.0, 1e5, {f"X{k}": 1 for k in range(100_000)}),
    ):
        with at_once(), pytest.raises(mo.InputError) as error:
            refused()
        assert len(str(error.value)) < 10_000


def test_more_points_than_memory_holds_are_refused():
    import xarray

    far = (
        xarray.DataArray(np.full(100_000, 1500.0), dims="a"),
        xarray.DataArray(np.full(100_000, 1e5), dims="b"),
    )
    for temperature, pressure in (
        (np.broadcast_to(1500.0, 10**10), 1e5),
        far,
        (np.full((100_000, 1), 1500.0), np.full(100_000, 1e5)),
    ):
        with pytest.raises(mo.InputError, match="10000000000 points"):
            mo.gas_equilibrium(temperature, pressure, {"H": 2, "O": 1})
