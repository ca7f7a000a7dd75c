"""What the fuzzer reads: the kinds of input, their sound inputs, and how each is read."""

from __future__ import annotations

import contextlib
import io
import os
import random
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from fuzz_cases import SMALL, drawn, small, sound
from fuzz_damage import damaged
from fuzz_library import check, corpus
from fuzz_library import drawn as drawn_call
from fuzz_words import CASE, COMMANDS, OPTIONS, TABLE, YAML_WORDS

if TYPE_CHECKING:
    import xarray

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Target:
    """A kind of input.

    corpus: its sound inputs. read(path, deep): reads the file and, where `deep`, computes with it.
    suffix: of the file. weight: its share of the inputs. words: that have a meaning in it.
    sound: number of inputs at the head of the corpus that are damaged most often.
    apart: read in a separate process, for libraries in C that a damaged file may crash.
    slow: factor on the limit of processor time, for inputs that may rightly need much work.
    beside: it has as many inputs as all other targets together. damage: makes an input of a sound one.
    """

    name: str
    suffix: str
    corpus: Callable[[], list[bytes]]
    read: Callable[[Path, bool], None]
    weight: int = 1
    words: tuple[str, ...] = ()
    sound: int = 0
    apart: bool = False
    slow: int = 1
    beside: bool = False
    damage: Callable[[bytes, random.Random, tuple[str, ...]], bytes] = damaged


def _files(*patterns: str) -> list[bytes]:
    """The contents of files of the repository."""
    paths = [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]
    return [path.read_bytes() for path in paths if path.is_file()]


def _case(path: Path, deep: bool) -> None:
    """A case: it reads back as it was."""
    import mocoupled as mo
    from mocoupled.planet.assembly import assemble

    case = mo.Case.read(path)
    again = mo.Case.parse(case.to_toml())
    assert again == case and again.checksum == case.checksum, "a case that does not read back"
    if deep:
        few = case.replace(SMALL)
        assemble(few)
        _sound(mo.equilibrium(few, [1500.0, 2500.0], 0.5))


def _run(path: Path, deep: bool) -> None:
    """A short run on few cells: it ends in numbers or in a clear error, conserves, and reads back as it
    was."""
    import numpy as np

    import mocoupled as mo

    case = small(mo.Case.read(path))
    result = mo.run(case, output=path.parent / "run")
    assert result.attrs["status"] == "complete", result.attrs["status"]
    wrong = [
        name
        for name, values in result.variables.items()
        if values.dtype.kind == "f" and not np.isfinite(values.values).all()
    ]
    assert not wrong, f"not finite: {', '.join(wrong)}"
    for law in ("element_drift", "energy_drift"):
        assert law not in result or (result[law] < 1e-9).all(), f"{law} {float(result[law].max()):.1e}"
    assert mo.read(path.parent / "run").identical(result), "a result that does not read back"


def _mechanism(path: Path, deep: bool) -> None:
    """A mechanism."""
    import mocoupled as mo
    from mocoupled.chemistry.mechanism import read_mechanism

    mechanism = read_mechanism(path)
    if deep:
        elements = {e for s in mechanism.species.values() for e in s.composition}
        moles = {e: 1.0 + k for k, e in enumerate(sorted(elements))}
        _sound(mo.gas_equilibrium(1600.0, 1e7, moles, mechanism=path, condensates=()))


def _factsage(path: Path, deep: bool) -> None:
    """A table of another program."""
    from mocoupled.comparison.factsage import read_table
    from mocoupled.comparison.side_by_side import compare

    records = read_table(path)
    if deep:
        compare(records[:1], cea=False)


def _mantle(path: Path, deep: bool) -> None:
    """A case of the buffered magma ocean."""
    import mocoupled as mo
    from mocoupled.schema.buffering_case import BufferingCase

    case = BufferingCase.read(str(path))
    if deep:
        mo.buffering(case)


def _sweep(path: Path, deep: bool) -> None:
    """A file of a sweep."""
    from mocoupled.sweeps.grid_file import read

    read(path)


def _sound(result: xarray.Dataset) -> None:
    """AssertionError where a number of a converged point is not finite."""
    import numpy as np

    good = result.converged.values.astype(bool)
    if "surface_pressure" in result:
        values = result.surface_pressure.values[good]
    else:
        values = result.gas_moles.values[..., good]
    assert np.isfinite(values).all(), "not finite, but converged"


def _words(line: bytes) -> list[str]:
    """The words of a command line, one a line of the file."""
    words = line.split(b"\n")
    return [word.decode("utf-8", "backslashreplace").replace("\0", "") for word in words]


def _command(path: Path, deep: bool) -> None:
    """A command line, its words on the lines of a file: it must not end in a traceback."""
    from mocoupled.cli import commands as cli

    words = _words(path.read_bytes())
    path.unlink()
    before, sys.argv = sys.argv, ["mocoupled", *words]
    out, err, home = io.StringIO(), io.StringIO(), os.getcwd()
    try:
        os.chdir(path.parent)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            cli.main()
    except SystemExit as end:
        assert end.code in (0, 1, 2), f"exit status {end.code}"
        assert "Traceback" not in err.getvalue(), err.getvalue()
        if end.code == 1:
            assert err.getvalue().strip(), "an error without a word"
            assert "library is missing" not in err.getvalue(), err.getvalue()
        if end.code == 2:
            written = [p for p in path.parent.rglob("*") if p.is_file()]
            assert not written, "bad input, but a file was written"
    finally:
        os.chdir(home)
        sys.argv = before


def _cases() -> list[bytes]:
    """Every key with its value, the shipped files, and files with a single fault each."""
    return [
        *sound(),
        *_files(
            "mocoupled/cases/*.toml", "tests/bad/cases/*.toml", "tests/bad/cli/*.toml", "tests/fuzz/*.toml"
        ),
    ]


def _commands() -> list[bytes]:
    """The command lines, a word a line; "_" stands for a blank within a word."""
    return [line.replace(" ", "\n").replace("_", " ").encode() for line in COMMANDS.splitlines()]


@cache
def _run_stored() -> dict[str, bytes]:
    """The files of a small stored run."""
    import mocoupled as mo

    changes = {
        "mantle.model": "lumped",
        "mantle.shells": 10,
        "run.end_surface_temperature": "2600 K",
        "run.rtol": 1e-4,
    }
    with tempfile.TemporaryDirectory() as folder:
        mo.run(mo.Case.read("earth").replace(changes), output=Path(folder) / "run")
        return {path.name: path.read_bytes() for path in (Path(folder) / "run").iterdir()}


@cache
def _result_stored() -> xarray.Dataset:
    """The small stored run, read."""
    import mocoupled as mo

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "evolution.nc"
        path.write_bytes(_run_stored()["evolution.nc"])
        return mo.read(path)


def _stored(path: Path, deep: bool) -> None:
    """A stored run whose NetCDF file is damaged: it is refused, or read as it was."""
    import mocoupled as mo

    result = mo.read(path)
    if not result.identical(_result_stored()):
        raise AssertionError("it is read as something else than was written")
    if deep:
        from mocoupled.plots import draw

        with tempfile.TemporaryDirectory() as folder:
            draw(result, Path(folder), ["flux"])


def _sweeps() -> list[bytes]:
    """The files of sweeps that the documentation shows."""
    text = (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8")
    return [block.encode() for block in re.findall(r"^```toml\n(.*?)^```$", text, flags=re.M | re.S)]


TARGETS = {
    target.name: target
    for target in (
        Target("case", ".toml", _cases, _case, 30, CASE, 20),
        Target("run", ".toml", lambda: [*sound()], _run, 3, damage=drawn, slow=3),
        Target(
            "mantle",
            ".toml",
            lambda: _files("mocoupled/cases/buffering/*.toml", "tests/bad/mantle/*.toml"),
            _mantle,
            8,
            ("like", "earth", "mars", "readings"),
            3,
        ),
        Target(
            "sweep",
            ".toml",
            _sweeps,
            _sweep,
            8,
            (
                "case",
                "kind",
                "axes",
                "zip",
                "sample",
                "equilibrium",
                "{from = '1 ocean', to = '9 ocean', number = 1000000000}",
                "scale = 'log'",
            ),
        ),
        Target(
            "mechanism",
            ".yaml",
            lambda: [*_mechanisms(), *_files("tests/fuzz/*.yaml")],
            _mechanism,
            20,
            YAML_WORDS,
            2,
        ),
        Target(
            "factsage",
            ".csv",
            lambda: _files(
                "validation/factsage/*.csv", "tests/factsage/*.txt", "tests/fuzz/*.csv", "tests/fuzz/*.txt"
            ),
            _factsage,
            25,
            TABLE,
        ),
        Target(
            "command",
            ".words",
            lambda: _commands() + _files("tests/fuzz/*.words"),
            _command,
            12,
            OPTIONS,
            slow=6,
        ),
        Target("library", ".call", corpus, check, slow=6, beside=True, damage=drawn_call),
        Target("stored", ".nc", lambda: [_run_stored()["evolution.nc"]], _stored, 5, apart=True),
    )
}


def _mechanisms() -> list[bytes]:
    """Small sound mechanisms, in which damage is likely to matter: a shipped one, and one cut to a few
    species."""
    import json

    from ruamel.yaml import YAML

    whole = (ROOT / "mechanisms" / "volatiles.yaml").read_bytes()
    text = (ROOT / "mechanisms" / "chons.yaml").read_text(encoding="utf-8")
    few = ("H2", "H2O", "O2", "N2", "He", "C(gr)")
    listed = YAML(typ="safe", pure=True).load(text).get("species", [])
    species = [s for s in listed if s.get("name") in few]
    gases = [s["name"] for s in species if s["name"] != "C(gr)"]
    phase = {"name": "gas", "thermo": "ideal-gas", "species": gases}
    document = {"phases": [phase], "species": species}
    return [whole, json.dumps(document, indent=1, default=str).encode()]
