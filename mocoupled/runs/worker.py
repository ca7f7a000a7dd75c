"""The program of every worker process: `python -m mocoupled.runs.worker SERVICE` answers its tasks."""

from __future__ import annotations

import sys
from importlib import import_module

from .processes import serve

# service -> module and function; the function loads what the service needs and returns what answers a task.
# The names are text: a service stands above this folder, and is imported in the worker alone.
SERVICES = {
    "cases of a sweep": ("mocoupled.sweeps.one_case", "service"),
    "cases of a paper": ("mocoupled.reproduce.runs", "service"),
    "figures": ("mocoupled.runs.painting", "service"),
}


def main() -> None:
    """Run the service that the command line names, until the process that sends the tasks ends."""
    module, function = SERVICES[sys.argv[1]]
    serve(getattr(import_module(module), function))


if __name__ == "__main__":
    main()
