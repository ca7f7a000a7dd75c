"""The program of every worker process: `python -m mocoupled.runs.worker MODULE:FUNCTION` answers its tasks.

The function is a service: it loads what its tasks need, and returns the function that answers a task.
Whoever starts the process names it by `processes.place_of`, so that this folder names no folder above it.
"""

from __future__ import annotations

import sys
from importlib import import_module

from ..loading import load_little
from .processes import serve


def main() -> None:
    """Run the service that the command line names, until the process that sends the tasks ends."""
    load_little()  # no service uses Dask, or writes Parquet
    module, _, function = sys.argv[1].partition(":")
    serve(getattr(import_module(module), function))


if __name__ == "__main__":
    main()
