"""What every test starts from: the settings of hypothesis, Ctrl-C, and the fixtures that tests of all folders
use."""

import os
import signal
import sys

import pytest
from hypothesis import settings

from mocoupled.cli import commands

# the same examples on every machine, and no limit of time
settings.register_profile("stable", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("stable")


# no test reads or fills the tables of the user
os.environ["MOCOUPLED_CACHE"] = "off"


def pytest_configure(config):
    """A test run in the background of a shell inherits an ignored Ctrl-C; the tests of Ctrl-C need a live
    one."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """An empty folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


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
