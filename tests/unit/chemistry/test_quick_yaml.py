"""The quick reader of mechanisms: it reads what the exact reader reads, and leaves the rest to it."""

from __future__ import annotations

from pathlib import Path

import cantera
import pytest
from ruamel.yaml import YAML

from mocoupled.chemistry import quick_yaml

MECHANISMS = Path(__file__).parents[3] / "mechanisms"
QUICK = ("hco", "volatiles", "all")  # shipped files without anchors
OF_CANTERA = ("h2o2", "air", "graphite", "silicon", "liquidvapor", "water")


def exact(text: str) -> object:
    return YAML(typ="safe", pure=True).load(text)


def same(a: object, b: object) -> bool:
    """Equal, with the same types, the same order of keys and the same last bits."""
    if isinstance(a, dict) and isinstance(b, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if type(a) is not type(b):
        return False
    return a.hex() == b.hex() if isinstance(a, float) and isinstance(b, float) else a == b


@pytest.mark.parametrize("name", QUICK)
def test_shipped_files_are_read_quickly_and_the_same(name: str) -> None:
    text = (MECHANISMS / f"{name}.yaml").read_text(encoding="utf-8")
    quick = quick_yaml.read(text)
    assert quick is not None and same(quick, exact(text))


@pytest.mark.parametrize("name", OF_CANTERA)
def test_files_of_cantera_are_read_the_same(name: str) -> None:
    path = Path(cantera.__file__).parent / "data" / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    quick = quick_yaml.read(text)
    assert quick is not None and same(quick, exact(text))


VALUES = [
    "NO",
    "yes",
    "on",
    "off",
    "true",
    "False",
    "TRUE",
    "null",
    "~",
    "0",
    "-0",
    "7",
    "+7",
    "1.5",
    "-2.",
    "1e5",
    "2.5E-300",
    "-0.0",
    "2.5.0",
    "O2",
    "(g)",
    "/x",
    "a:b",
    "3H2O",
    "n",
    "N",
    "Null",
]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(
    "frame", ["a: {}\n", "a: [{}, 1]\n", "a: {{b: {}}}\n", "- {}\n", "a:\n- b: {} # x\n"]
)
def test_a_value_is_what_the_exact_reader_makes_of_it(value: str, frame: str) -> None:
    text = frame.format(value)
    quick = quick_yaml.read(text)
    assert quick is None or same(quick, exact(text))


@pytest.mark.parametrize("value", ["1 bar", "1273 K", "'1.5'", '"true"', "Mosenfelder & al., R&D", "a *b*"])
def test_text_stays_text(value: str) -> None:
    text = f"a: {value}\n"
    quick = quick_yaml.read(text)
    assert quick is None or same(quick, exact(text))
    assert value.startswith("a") or same(quick, exact(text))


UNKNOWN = [
    "a: 0x1F\n",
    "a: 0b11\n",
    "a: 0o17\n",
    "a: 017\n",
    "a: 1_000\n",
    "a: .5\n",
    "a: .inf\n",
    "a: .nan\n",
    "a: =\n",
    "a: 2001-01-01\n",
    "a: &x 1\nb: *x\n",
    "a: !!float 1\n",
    "<<: {b: 1}\n",
    "a: 1\na: 2\n",
    "1: 2\n",
    "[a]: 2\n",
    "? a\n: b\n",
    "--- 1\n",
    "%YAML 1.1\n---\na: yes\n",
    "a: [1\n",
    "a: b: c\n",
    "\ta: 1\n",
    "",
    "a: 1\n---\nb: 2\n",
    "- [*x]\n",
    "{a: &x 1}\n",
]


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_is_not_certain_is_left_to_the_exact_reader(text: str) -> None:
    assert quick_yaml.read(text) is None


def test_without_the_library_in_c_the_exact_reader_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    import yaml

    monkeypatch.delattr(yaml, "CBaseLoader", raising=False)
    assert quick_yaml.read("a: 1\n") is None
