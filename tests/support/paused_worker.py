"""A worker of a sweep or paper that waits at the second case that it begins until the test lets it go on.

So a test can end or interrupt it while a case is under way, however fast or busy the machine is. The worker
is a process of the command, or of a Dask cluster that preloads this module.
"""

import os
import sys
from pathlib import Path
from subprocess import PIPE, Popen

from support.command_line import ENVIRONMENT
from support.paused_command import GO, REACHED
from support.places import TESTS
from support.waiting import until

COMMAND = [sys.executable, "-P", "-c", "from support.paused_worker import command; command()"]
FOLDER = "PAUSED_IN"


def environment(signals: Path) -> dict[str, str]:
    """Environment of a command or Dask worker whose workers look for the files of the folder `signals`."""
    paths = os.pathsep.join([str(TESTS), ENVIRONMENT["PYTHONPATH"]])
    return {**ENVIRONMENT, "PYTHONPATH": paths, FOLDER: str(signals.resolve())}


def start(words, signals: Path, **options) -> Popen:
    """The command, begun; each of its workers waits at its second case until the file GO is there."""
    signals.mkdir()
    variables = environment(signals)
    return Popen([*COMMAND, *map(str, words)], env=variables, stdout=PIPE, stderr=PIPE, text=True, **options)


def command() -> None:
    """The command, with this file as the program of its workers."""
    from mocoupled.cli import commands
    from mocoupled.runs import processes

    processes.WORKER = __spec__.name
    commands.main()


def pause_at_second_case() -> None:
    """Make the main job wait at the second case that begins while the file GO is missing."""
    from mocoupled.runs import main_job

    prepare, signals, begun = main_job.prepare, Path(os.environ[FOLDER]), 0

    def paused(*arguments, **more):
        nonlocal begun
        begun = 0 if (signals / GO).exists() else begun + 1
        if begun == 2:
            (signals / REACHED).touch()
            until((signals / GO).exists)
            begun = 0
        return prepare(*arguments, **more)

    main_job.prepare = paused


def dask_setup(worker: object) -> None:
    """Called by a worker of Dask that preloads this module."""
    pause_at_second_case()


if __name__ == "__main__":
    from mocoupled.runs.worker import main

    pause_at_second_case()
    main()
