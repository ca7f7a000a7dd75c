"""Which libraries a process loads, where the process is ours."""

import sys

UNNEEDED = (
    "dask",
    "distributed",
    "pyarrow",
)  # xarray and pandas load them wherever they are installed: half a second, for arrays that need neither


def keep_out(*libraries: str):
    """Libraries that this process has not loaded yet are as if they were not installed."""
    for library in libraries:
        sys.modules.setdefault(library, None)
