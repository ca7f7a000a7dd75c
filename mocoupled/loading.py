"""Which libraries a process loads, where the process is for one command alone."""

from __future__ import annotations

import sys

# xarray and pandas load them wherever they are installed: half a second, for arrays that need neither
UNNEEDED = ("dask", "pyarrow")


def keep_out(*libraries: str) -> None:
    """Libraries that this process has not loaded yet are as if they were not installed."""
    for library in libraries:
        sys.modules.setdefault(library, None)  # type: ignore[arg-type]  # None: Python's mark for such a module
