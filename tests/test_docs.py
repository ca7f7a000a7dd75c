"""The pages of docs/, followed word for word: files are written, commands run, and what a page prints is what comes out."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mocoupled import thermochemistry as th

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = DOCS / "add-a-species.md"
BLOCK = re.compile(r"<!-- (file|run|prints)(?:: (\S+))? -->\n```(\w+)\n(.*?)\n```", re.S)
NUMBER = re.compile(r"[-+]?\d+(?:\.(\d+))?(?:[eE]([-+]?\d+))?")


def run(language, code, folder):
    """The finished process of a block of commands, or of Python."""
    words = ["bash", "-eu", "-c", f'mocoupled() {{ "{sys.executable}" -m mocoupled "$@"; }}\n{code}']
    if language == "python":
        words = [sys.executable, "-c", code]
    path = os.pathsep.join(filter(None, [str(DOCS.parent), os.environ.get("PYTHONPATH")]))
    environment = os.environ | {"PYTHONPATH": path, "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


def same(printed, found):
    """Whether two lines are the same, numbers within one unit of the last digit printed."""
    if NUMBER.sub("#", " ".join(printed.split())) != NUMBER.sub("#", " ".join(found.split())):
        return False
    for ours, theirs in zip(NUMBER.finditer(printed), NUMBER.finditer(found), strict=True):
        unit = 10.0 ** (int(ours[2] or 0) - len(ours[1] or ""))
        if abs(float(ours[0]) - float(theirs[0])) > 1.001 * unit * bool(ours[1]):
            return False
    return True


def test_numbers_are_compared_to_their_last_digit():
    assert same("a 1.23e-05  b", "a  1.24e-05 b") and not same("a 1.23e-05", "a 1.25e-05")
    assert same("H2O 7", "H2O 7") and not same("H2O 7", "H2O 8") and not same("x 1", "y 1")


def test_the_page_word_for_word(tmp_path):
    """In an empty folder: every block of the page in its order. Lines printed on the page come out in their order."""
    output, steps = "", 0
    for kind, argument, language, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        steps += 1
        if kind == "file":
            (tmp_path / argument).write_text(text + "\n", encoding="utf-8")
        elif kind == "run":
            process = run(language, text, tmp_path)
            assert process.returncode == int(argument or 0), process.stderr
            output = process.stdout + process.stderr
        else:
            found = iter(output.splitlines())
            for line in text.splitlines():
                assert any(same(line, other) for other in found), f"not printed: {line}\n{output}"
    assert steps == len(re.findall(r"^```\w", PAGE.read_text(encoding="utf-8"), re.M)), "a block has no marker"
    assert steps >= 14


def test_every_law_stands_on_the_page():
    """The table has every law of the shipped mechanisms, and none that is not there; bold ones are one per species."""
    text = PAGE.read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([A-Z][\w, ]*?) \| (.*`.*) \|$", text, re.M))
    chons = th.read_mechanism("chons")
    for species, cell in rows.items():
        named = set(re.findall(r"`([\w-]+-[A-Z]\w+\d{4}[\w-]*)`", cell))
        if "the same three of" in cell:
            named |= {
                n.replace("basalt", melt, 1) for n in named if "Boulliung" in n for melt in re.findall(r"`([a-z]+)`", cell)
            }
        for one in species.split(", "):
            assert named == set(chons.species[one].melt) - {"none"}, one
            assert cell.count("**") == 2
    told = {one for species in rows for one in species.split(", ")}
    assert told == {s.name for s in chons.species.values() if set(s.melt) - {"none"}}


@pytest.mark.parametrize("name", th.shipped_mechanisms())
def test_every_shipped_mechanism_stands_on_the_page(name):
    assert f"`{name}` (" in PAGE.read_text(encoding="utf-8")
