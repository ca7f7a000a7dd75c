"""The command: `mocoupled`, and `python -m mocoupled`.

Here the whole process is ours, unlike in cli/commands.py.
"""

import gc
import sys
from pathlib import Path


def main() -> None:
    """Run the command line."""
    from .cli.commands import main

    try:
        main()
    finally:
        # Python's last search for garbage, among all the objects of sympy and xarray, takes half a second
        gc.freeze()


if __name__ == "__main__":
    # Python has put the current folder first, whoever can write there: no library is taken from it, unless
    # we stand there.
    if not sys.flags.safe_path and Path(sys.path[0]).resolve() not in Path(__file__).resolve().parents:
        del sys.path[0]
    main()
