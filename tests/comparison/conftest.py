"""The published tables, compared once for all tests of comparisons."""

import pytest

from mocoupled.comparison.factsage import read_table
from mocoupled.comparison.side_by_side import compare


@pytest.fixture(scope="session")
def table_e():
    return compare(read_table("bower2022_appendix_E"), cea=False)


@pytest.fixture(scope="session")
def without_melt():
    return compare(read_table("atmospheres_without_melt"), cea=False)
