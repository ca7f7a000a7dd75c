"""python -m mocoupled: the command line."""

import sys
from pathlib import Path

# Python has put the current folder first, whoever can write there: no library is taken from it, unless we stand there.
if not sys.flags.safe_path and Path(sys.path[0]).resolve() not in Path(__file__).resolve().parents:
    del sys.path[0]

from .cli import main  # noqa: E402

main()
