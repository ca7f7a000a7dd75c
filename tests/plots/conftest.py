"""Figures are drawn without a warning."""

import warnings

import pytest


@pytest.fixture(autouse=True)
def _no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings(
            "ignore", category=DeprecationWarning, module="matplotlib"
        )  # an old one beside new libraries
        yield
