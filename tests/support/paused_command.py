"""The command `mocoupled` in a process of its own that waits at a step of its run until the test lets it go
on.

So a test can send a signal while the run is under way, however fast or busy the machine is.
"""

import itertools
import os
import sys
import time
from pathlib import Path
from subprocess import Popen

from support.command_line import ENVIRONMENT
from support.places import TESTS
from support.waiting import PAUSE, until

REACHED, GO = "reached", "go"
PROGRAM = "from support.paused_command import main; main()"


def main() -> None:
    """Run the command; at the step that PAUSED_AT names, write the file REACHED and wait for the file GO."""
    from mocoupled.__main__ import load_for

    load_for(sys.argv[1:])
    from mocoupled.cli import commands
    from mocoupled.runs.checkpoint import Keeper

    last, folder = int(os.environ["PAUSED_AT"]), Path(os.environ["PAUSED_IN"])
    keep, steps = Keeper.__call__, itertools.count(1)

    def paused(self: Keeper, *arguments: object, **more: object) -> None:
        keep(self, *arguments, **more)
        if next(steps) == last:
            (folder / REACHED).touch()
            while not (folder / GO).exists():
                time.sleep(PAUSE)

    Keeper.__call__ = paused
    commands.main()


class PausedCommand:
    """A running command that waits at a step; `signals` is a folder for the two files, outside of the
    command's output."""

    def __init__(self, words, signals: Path, step: int = 20, environment=ENVIRONMENT, **options):
        self.signals = signals
        signals.mkdir()
        paths = os.pathsep.join([str(TESTS), environment["PYTHONPATH"]])
        pause = {"PAUSED_AT": str(step), "PAUSED_IN": str(signals.resolve()), "PYTHONPATH": paths}
        command = [sys.executable, "-c", PROGRAM, *map(str, words)]
        self.process = Popen(command, env={**environment, **pause}, **options)

    def wait(self, meanwhile=lambda: None) -> Popen:
        """The process, once its run has come to the step; meanwhile() is called between two looks."""

        def reached() -> bool:
            meanwhile()
            return (self.signals / REACHED).exists()

        until(reached, self.process)
        return self.process

    def go_on(self) -> None:
        (self.signals / GO).touch()
