"""What every test starts from: the settings of hypothesis, Ctrl-C, a folder for tables of this session, and
the fixtures that tests of all folders use."""

import gc
import os
import shutil
import signal
import sys
import tempfile

import pytest
from hypothesis import settings

from mocoupled.cli import commands

# the same examples on every machine, and no limit of time
settings.register_profile("stable", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("stable")


# No test reads or fills the tables of the user: all processes of a session share an empty folder, which the
# workers of xdist inherit from the process that starts them.
TABLES = "MOCOUPLED_CACHE"
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ[TABLES] = tempfile.mkdtemp(prefix="mocoupled-tables-")
# Every process compiles all sources again where it may not store them: a third of the time of a short one.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Five times what sympy remembers by default: a module of equations is generated in half the time.
os.environ.setdefault("SYMPY_CACHE_SIZE", "5000")
# Most objects of sympy, pytest and hypothesis stay to the end: a search for garbage is long and finds little.
gc.set_threshold(100_000, 20, 50)


def pytest_configure(config):
    """A test run in the background of a shell inherits an ignored Ctrl-C; the tests of Ctrl-C need a live
    one."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish(session):
    """What collection has made is never garbage."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config):
    """Remove the folder of tables, at the end of the process that made it."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        shutil.rmtree(os.environ[TABLES], ignore_errors=True)


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """An empty folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def without_overturn(monkeypatch):
    """The frozen mantle of a run with iron is not overturned, which takes a third of the time of a lumped
    run."""
    monkeypatch.setattr(
        "mocoupled.cumulates.basal_layer._with_layer",
        lambda result, *_: result.assign_attrs(basal_layer="none"),
    )


@pytest.fixture
def mocoupled(monkeypatch, capsys):
    """A function that runs the command line in this process: (exit status, standard output, errors)."""

    def called(*words):
        monkeypatch.setattr(sys, "argv", ["mocoupled", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            commands.main()
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return end.value.code, printed.out, printed.err

    return called
