"""mocoupled init: a case that reads back as the case it starts from, and that is never written over."""

import re

import pytest

import mocoupled as mo
from mocoupled.schema.case_template import USUAL
from mocoupled.schema.keys import every_key

ORIGINS = ("earth", "mars", "trappist-1e", "k2-141b", "E1", "L", "F3-C1-IW+2", "chili-venus")


def planet(case: mo.Case) -> str:
    """What a case computes."""
    return case.replace({"name": "", "title": ""}).checksum


@pytest.mark.parametrize("origin", ORIGINS)
def test_the_new_case_is_the_planet_it_starts_from(origin, mocoupled, empty):
    assert mocoupled("init", "mine.toml", "--from", origin)[:2] == (0, "written: mine.toml\n")
    text = (empty / "mine.toml").read_text(encoding="utf-8")
    made = mo.Case.read(empty / "mine.toml")
    assert planet(made) == planet(mo.Case.read(origin))
    assert made.title == "mine"
    # a key behind '#' has its default: with every one of them in use the planet is the same
    stated = re.sub(r"^#(?=\w+ = )", "", text, flags=re.M)
    assert stated.count("\n#") < text.count("\n#")
    assert planet(mo.Case.parse(stated)) == planet(made)


def test_every_key_of_it_has_its_meaning(mocoupled, empty):
    mocoupled("init")
    text = (empty / "my-planet.toml").read_text(encoding="utf-8")
    words = " ".join(text.replace("\n# ", " ").split())
    keys = {key.name: key for key in every_key()}
    assert set(USUAL) <= set(keys)
    for name in USUAL:
        table, _, key = name.rpartition(".")
        assert re.search(rf"^\[{table}\]\n(.+\n|\n(?!\[))*#?{key} = ", text, re.M), name
        assert " ".join(keys[name].description.split()) in words


def test_a_file_that_exists_is_not_touched(mocoupled, empty):
    (empty / "mine.toml").write_text("x")
    status, _, err = mocoupled("init", "mine.toml")
    assert status == 2 and "there is such a file already" in err
    assert (empty / "mine.toml").read_text() == "x"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (["mine.txt"], "allowed: a name that ends in .toml"),
        (["mine.toml", "--from", "eart"], "did you mean 'earth'?"),
        (["mine.toml", "--from", "bower2022"], "the file contains several cases"),
    ],
)
def test_bad_requests_write_nothing(line, reason, mocoupled, empty):
    status, _, err = mocoupled("init", *line)
    assert status == 2 and reason in err
    assert not list(empty.iterdir())


def test_a_title_is_quoted(mocoupled, empty):
    title = 'a "small" planet \\ of two'
    assert mocoupled("init", "--title", title)[0] == 0
    assert mo.Case.read(empty / "my-planet.toml").title == title
