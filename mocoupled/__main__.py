"""The command: `mocoupled`, and `python -m mocoupled`. Here the whole process is ours, unlike in cli/commands.py."""

import gc
import sys
from pathlib import Path

from .loading import UNNEEDED, keep_out

SINGLE = (
    "run",
    "resume",
    "plot",
    "show",
    "equilibrium",
    "gas",
)  # commands that work on one case, in one process


def main():
    """Run the command line, without the libraries of sweeps where they have no part."""
    if sys.argv[1:] and sys.argv[1] in SINGLE:
        keep_out(*UNNEEDED)
    if sys.argv[1:2] == ["sweep"] and not any(word.startswith("--scheduler") for word in sys.argv):
        keep_out("dask")
    from .cli.commands import main

    try:
        main()
    finally:
        gc.freeze()  # Python's last search for garbage, among all the objects of sympy and xarray, takes half a second


if __name__ == "__main__":
    # Python has put the current folder first, whoever can write there: no library is taken from it, unless we stand there.
    if not sys.flags.safe_path and Path(sys.path[0]).resolve() not in Path(__file__).resolve().parents:
        del sys.path[0]
    main()
