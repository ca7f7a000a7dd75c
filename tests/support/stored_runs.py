"""Runs that several tests read: each is made once in a worker, however a test names its case."""

from functools import cache

import mocoupled as mo


@cache
def run_of(case):
    """The result of a case. Tests read it, and change a copy only."""
    return mo.run(case)
