"""The command: `mocoupled`, and `python -m mocoupled`. The process is for the command alone."""

import gc
import sys
from pathlib import Path

# commands that use neither Dask nor Parquet
LITTLE = (
    "run", "resume", "plot", "equilibrium", "gas", "planet-equilibrium", "radiation", "mantle", "melting",
    "cite", "report",
)  # fmt: skip


def load_for(words: list[str]) -> None:
    """Load little where these words of the command line need little."""
    from .loading import load_little

    if words and words[0] in LITTLE:
        load_little()


def main() -> None:
    """Run the command line."""
    load_for(sys.argv[1:])
    from .cli.commands import main

    try:
        main()
    finally:
        # Python's last search for garbage, among all the objects of sympy and xarray, takes half a second
        gc.freeze()


if __name__ == "__main__":
    # Python puts the current folder first, whoever can write there.
    # No library is taken from it, unless the package is in it.
    if not sys.flags.safe_path and Path(sys.path[0]).resolve() not in Path(__file__).resolve().parents:
        del sys.path[0]
    main()
