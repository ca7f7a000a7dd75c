"""The pages on species, laws and other programs, followed word for word.

Files are written, commands run, and what a page prints is what comes out. What takes long is compared with
its stored output (`python docs/examples.py` makes that anew)."""

import pytest
from support.pages import PAGES_OF_DATA, examples, follow_word_for_word

PAGES = [page for page in examples.PAGES if page.name in PAGES_OF_DATA]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_word_for_word(page, tmp_path):
    follow_word_for_word(page, tmp_path)


def test_every_page_is_followed():
    """By this file, or by test_pages_of_runs.py."""
    assert {page.name for page in PAGES} == set(PAGES_OF_DATA)
