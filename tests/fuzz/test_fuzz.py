"""Damaged input: a small part of validation/fuzz.py, what it once found, and paths that are no files."""

import importlib.util
import os
import socket
import sys
from pathlib import Path

import pytest
from support.places import ROOT

import mocoupled as mo
from mocoupled import files as text_file
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.comparison.factsage import read_table
from mocoupled.errors import InputError
from mocoupled.schema.buffering_case import BufferingCase

READERS = {".toml": "case", ".yaml": "mechanism", ".csv": "factsage", ".txt": "factsage", ".words": "command"}
FOUND = sorted(path for path in (ROOT / "tests" / "fuzz").iterdir() if path.suffix in READERS)


@pytest.fixture(scope="module")
def fuzz():
    """The fuzzer as a module."""
    spec = importlib.util.spec_from_file_location("mocoupled_fuzz", ROOT / "validation" / "fuzz.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look for it there
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(ROOT / "validation")  # its rules of damage stand beside it
        spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["case", "mantle", "sweep", "mechanism", "factsage"])
def test_damaged_files_end_in_one_error_or_none(name, fuzz):
    """The first damaged inputs of seed 1 that are read without computing; 10 000 more by `python
    validation/fuzz.py`."""
    target = fuzz.TARGETS[name]
    corpus = len(target.corpus())
    damaged = list(fuzz.inputs(target, 1, corpus + 40))[corpus:]
    assert len(damaged) == 40 and damaged == list(fuzz.inputs(target, 1, corpus + 40))[corpus:]
    for k, text in damaged:
        assert fuzz.problem_of(target, text, deep=False) == "", f"{name} {k} of seed 1: {text!r:.500}"


def test_calls_of_the_library_are_read_or_refused(fuzz):
    """The first 120 calls of seed 1 with values of odd types and units; 10 000 by `python
    validation/fuzz.py`."""
    target = fuzz.TARGETS["library"]
    for k, text in fuzz.inputs(target, 1, 120):
        assert fuzz.problem_of(target, text, deep=False, seconds=30) == "", f"library {k} of seed 1: {text!r}"


def test_a_misread_value_is_seen(fuzz, monkeypatch, tmp_path):
    """A door that forgets units, takes logical values or solves masked points is found by the calls."""
    import numpy as np

    from mocoupled import number_arrays, value_kinds

    def findings():
        texts = [text for _, text in fuzz.inputs(fuzz.TARGETS["library"], 2, 60)]
        return [
            problem
            for text in texts
            if (problem := fuzz.problem_of(fuzz.TARGETS["library"], text, deep=False, seconds=30))
        ]

    monkeypatch.setattr(number_arrays, "converted", lambda values, unit_of_value, unit, where: values)
    monkeypatch.setattr(
        number_arrays, "_by_its_registry", lambda value, values, unit_of_value, unit: np.asarray(values)
    )
    assert any("was read as" in problem for problem in findings())
    monkeypatch.undo()
    monkeypatch.setattr(number_arrays, "has_unit", lambda value: False)
    monkeypatch.setattr(number_arrays, "magnitude_of", value_kinds.magnitude_of)
    assert any("AssertionError" in problem for problem in findings())


def test_the_fuzzer_sees_what_it_looks_for(fuzz):
    """A reader that crashes, hangs, writes outside or starts a program is found."""

    def target(read):
        return fuzz.Target("bad", ".x", list, lambda path, deep: read(path))

    assert "ZeroDivisionError" in fuzz.problem_of(target(lambda path: 1 / 0), b"", False)
    assert "hang" in fuzz.problem_of(
        target(lambda path: [None for _ in iter(int, 1)]), b"", False, seconds=0.1
    )
    assert "touched" in fuzz.problem_of(
        target(lambda path: (path.parent.parent / "out").write_text("")), b"", False
    )
    assert "touched" in fuzz.problem_of(
        target(lambda path: (path.parent / "canary").write_text("")), b"", False
    )
    assert "os.system" in fuzz.problem_of(target(lambda path: os.system("true")), b"", False)
    assert fuzz.problem_of(target(lambda path: (path.parent / "mine").write_text("")), b"", False) == ""


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_what_was_found_is_mended(path, fuzz):
    """Each was a traceback or had no end once."""
    assert fuzz.problem_of(fuzz.TARGETS[READERS[path.suffix]], path.read_bytes(), deep=True, seconds=5) == ""


@pytest.mark.parametrize(
    "path", [path for path in FOUND if path.suffix in (".toml", ".yaml")], ids=lambda path: path.name
)
def test_what_was_found_is_refused(path):
    with pytest.raises(InputError, match=path.name):
        (mo.Case.read if path.suffix == ".toml" else read_mechanism)(path)


# ---- paths that are no files


def _strange(folder, name):
    path = folder / f"strange{name}"
    if name == "pipe":
        os.mkfifo(path)
    elif name == "socket":
        with socket.socket(socket.AF_UNIX) as endpoint:
            endpoint.bind(str(path))
    elif name == "loop":
        path.symlink_to(path)
    elif name == "nowhere":
        path.symlink_to(folder / "absent")
    elif name == "folder":
        path.mkdir()
    elif name == "too long":
        path = folder / ("x" * 5000)
    else:
        path = Path(name)
    return path


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
@pytest.mark.parametrize(
    "name",
    [
        "pipe",
        "socket",
        "loop",
        "nowhere",
        "folder",
        "too long",
        "/dev/zero",
        "/dev/null",
        "",
        "a\0b",
        "~nobody-of-this-name/x.toml",
        "../../../../etc/passwd",
    ],
)
def test_a_path_that_is_no_file_is_refused(name, tmp_path):
    """None is waited for, and none without an end is read."""
    path = _strange(tmp_path, name)
    for read in (mo.Case.read, lambda path: BufferingCase.read(f"{path}"), read_mechanism, read_table):
        with pytest.raises(InputError) as error:
            read(str(path))
        assert str(error.value)


def test_a_pipe_that_ends_in_toml_is_refused(tmp_path):
    for suffix in (".toml", ".yaml", ".nc"):
        os.mkfifo(tmp_path / f"pipe{suffix}")
    for read in (mo.Case.read, lambda path: BufferingCase.read(str(path))):
        with pytest.raises(InputError, match="pipe or a device"):
            read(tmp_path / "pipe.toml")
    with pytest.raises(InputError):
        read_mechanism(tmp_path / "pipe.yaml")


def test_a_file_is_of_a_size_that_a_person_writes(tmp_path, monkeypatch):
    monkeypatch.setattr(text_file.content, "__defaults__", ("", 1000))
    (tmp_path / "large.toml").write_text("# " + "x" * 1000)
    with pytest.raises(InputError, match="allowed: at most 1000"):
        mo.Case.read(tmp_path / "large.toml")
