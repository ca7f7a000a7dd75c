"""Damaged input by the thousand: every file and command line that mocoupled reads must end in success or one clear error.

    python validation/fuzz.py                       10 000 inputs, and 10 000 calls, of seed 1; exit status 1 and a file for every finding
    python validation/fuzz.py -n 300 --seed 7 --target case --target mechanism

A finding is an exception that is no MocoupledError, a process that dies, an input that takes longer than its limit, a
file written or a program started outside the folder of the input, or a result that is not finite and calls itself
converged. An input is a sound one (the corpus: shipped and bad files, and those of tests/fuzz), damaged by rules that
a seed draws: input k of a target is the same on every machine. A new kind of file is one more entry in TARGETS.
Beside the files, as many calls of the library's functions are made with values of odd types and units (target
`library`, fuzz_library.py): a finding there is also a sound value that is refused or misread, and a spoilt one that is taken.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import io
import os
import random
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fuzz_cases import SMALL, drawn, small, sound
from fuzz_damage import damaged
from fuzz_library import check, corpus
from fuzz_library import drawn as drawn_call

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / "tests" / "fuzz"
SECONDS = 10.0  # of the processor, for one input; the slowest sound one takes about two, with its compilation
MEMORY = 12 * 2**30  # bytes, of the whole process, when run as a program


class Hang(BaseException):
    """The time of an input is over; no `except Exception` of the program can swallow it."""


# ---- targets


@dataclass(frozen=True)
class Target:
    """A kind of input. corpus: its sound inputs; suffix: of the file; weight: its share of the inputs; words: that
    mean something in it; sound: number of inputs at the head of the corpus that are damaged most often; read(path, deep): reads the file, and where `deep`, computes with what it read. apart: read
    in a process of its own, for libraries in C that a damaged file may bring down. slow: times the limit of
    the processor's time, where an input may ask for much work and mean it. beside: it has as many inputs as all other targets
    together. damage: what makes an input of a sound one."""

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


def _files(*patterns) -> list[bytes]:
    return [
        path.read_bytes() for pattern in patterns for path in sorted(ROOT.glob(pattern)) if path.is_file()
    ]


def _case(path, deep):
    import mocoupled as mo
    from mocoupled.planet.assembly import assemble

    case = mo.Case.read(path)
    again = mo.Case.parse(case.to_toml())
    assert again == case and again.checksum == case.checksum, "a case that does not read back"
    if deep:
        few = case.replace(SMALL)
        assemble(few)
        _sound(mo.equilibrium(few, [1500.0, 2500.0], 0.5))


def _run(path, deep):
    """A short run on few cells: it ends in numbers or in one clear error, conserves, and reads back as it was."""
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


def _mechanism(path, deep):
    import mocoupled as mo
    from mocoupled.chemistry.mechanism import read_mechanism

    mechanism = read_mechanism(path)
    if deep:
        elements = {e for s in mechanism.species.values() for e in s.composition}
        moles = {e: 1.0 + k for k, e in enumerate(sorted(elements))}
        _sound(mo.gas_equilibrium(1600.0, 1e7, moles, mechanism=path, condensates=()))


def _factsage(path, deep):
    from mocoupled.comparison.factsage import read_table
    from mocoupled.comparison.side_by_side import compare

    records = read_table(path)
    if deep:
        compare(records[:1], cea=False)


def _mantle(path, deep):
    import mocoupled as mo
    from mocoupled.schema.buffering_case import BufferingCase

    case = BufferingCase.read(str(path))
    if deep:
        mo.buffering(case)


def _sweep(path, deep):
    from mocoupled.sweeps.grid_file import read

    read(path)


def _sound(result):
    """A number that left as converged is finite."""
    import numpy as np

    good = result.converged.values.astype(bool)
    assert np.isfinite(
        result.surface_pressure.values[good]
        if "surface_pressure" in result
        else result.gas_moles.values[..., good]
    ).all(), "not finite, but converged"


def _words(line: bytes) -> list[str]:
    return [word.decode("utf-8", "backslashreplace").replace("\0", "") for word in line.split(b"\n")]


def _command(path, deep):
    """The file's lines are the words of a command line; none of them may end in a traceback."""
    from mocoupled.cli import commands as cli

    words = _words(path.read_bytes())
    path.unlink()
    kept, sys.argv = sys.argv, ["mocoupled", *words]
    out, err, home = io.StringIO(), io.StringIO(), os.getcwd()
    try:
        os.chdir(path.parent)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            cli.main()
    except SystemExit as end:
        assert end.code in (0, 1, 2), f"exit status {end.code}"
        assert "Traceback" not in err.getvalue(), err.getvalue()
        assert end.code != 1 or (err.getvalue().strip() and "library is missing" not in err.getvalue()), (
            err.getvalue()
        )
        assert end.code != 2 or not [p for p in path.parent.rglob("*") if p.is_file()], (
            "bad input, but a file was written"
        )
    finally:
        os.chdir(home)
        sys.argv = kept


COMMANDS = """\
equilibrium earth -T 1650 -m 0.3
equilibrium earth -T 1400:3000:3 -m 0.3,1 --pressure H2O=500_bar --inventory carbon=4e20_kg
equilibrium earth -T 1500 --fugacity CO2=1,10_bar --set volatiles.hydrogen=1_ocean -o out.csv
gas -T 1388 -P 794_bar H=4.6 C=0.4 O=2.5
gas -T 500 -P 300_bar H=2 C=0.1 O=1.4 --condensates C(gr),H2O(l) --fugacity PengRobinson1976 -o out.nc
gas -T 1388 -P 7e7 H=2 O=3 --species H2,H2O --engine kernel --mechanism hco
melting path pyrolite -P 52_GPa --until 0.95 --step 0.05
melting path FeO=7,MgO=50.5,SiO2=42.5,CaO=2.4 -P 52_GPa --mode batch --until 0.95 --step 0.05 -o out.csv
melting two-component -P 129_GPa -T 4000:5000:3 --volatiles 0.01
mantle earth --keys --set core_temperature=4600_K
mantle earth -t 1,10_Myr --set melting=batch
compare factsage nothing.csv -o out --mechanism hco
reproduce nothing --figure 4 --workers 2 --quick -o out
run E1 --set volatiles.hydrogen=0_kg --set mantle.model=lumped --set mantle.shells=10 --no-figures -q -o out
show earth --keys --set redox.oxygen_fugacity=IW+2 --set chemistry.species=["H2O","H2"]
show earth --keys --set chemistry.mechanism=chons --set volatiles.nitrogen=1_ppmw
run E1 --set cumulates.coupled=true --set cumulates.trapped_melt=0.1 --set mantle.cells=10 --set run.end_time=100_yr --no-figures -q -o out
run mars --set redox.ferric_iron=Sossi2020 --set mantle.model=lumped --set mantle.shells=10 --set run.end_time=100_yr --no-figures -q -o out
equilibrium chili-venus -T 2000 -m 0.5 --set volatiles.initial_pressure.H2O=10_bar --set volatiles.hydrogen=0_kg
resume out --set run.end_time=200_Myr --checkpoint 1 -q
sweep grid.toml -o out --workers 1 -q
report out -o page.html --overwrite
cite out -o references.bib
export out --format chili -o chili --planet earth --snapshot tau3-cold
plot out --figure flux --format png --time-axis log -o figures
cases
--version
"""  # fmt: skip


def _cases() -> list[bytes]:
    """Every key with its value, the shipped files, and those that are bad by one rule each; the whole ones most often."""
    return [
        *sound(),
        *_files(
            "mocoupled/cases/*.toml", "tests/bad/cases/*.toml", "tests/bad/cli/*.toml", "tests/fuzz/*.toml"
        ),
    ]


def _commands() -> list[bytes]:
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
def _result_stored():
    import mocoupled as mo

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "evolution.nc"
        path.write_bytes(_run_stored()["evolution.nc"])
        return mo.read(path)


def _stored(path, deep):
    """A stored run: its NetCDF damaged. It is refused, or read as it was."""
    import mocoupled as mo

    result = mo.read(path)
    if not result.identical(_result_stored()):
        raise AssertionError("it is read as something else than was written")
    if deep:
        from mocoupled.plots import draw

        with tempfile.TemporaryDirectory() as folder:
            draw(result, Path(folder), ["flux"])


_CASE = (
    "volatiles",
    "hydrogen",
    "carbon",
    "oxygen",
    "redox.oxygen_fugacity",
    "solubility",
    "mechanism",
    "column",
    "lumped",
    "path.toml:E1",
    "members",
    "species",
    "C/H",
    "ppmw",
)
_YAML = (
    "species",
    "composition",
    "thermo",
    "NASA7",
    "NASA9",
    "Shomate",
    "melt",
    "form",
    "power-law",
    "default-melt",
    "ideal-gas",
    "gas",
    "C(gr)",
    "volatiles.yaml/species",
    "equilibrium-constants",
    "log10-K",
)
_TABLE = (
    "temperature [K]",
    "pressure [bar]",
    "H2O [bar]",
    "total H [mol]",
    "melt fraction",
    "log10 fO2",
    "volatiles.hydrogen",
    "# oxygen: own",
    "T = 1388 K",
    "P = 1 bar",
    "PHASE: gas_ideal mol bar",
    "mol",
    ";",
    "3 mol gas_ideal (",
)
_OPTIONS = (
    "\n--set\n",
    "\n-o\n",
    "\n--help",
    "\n-q",
    "1400:3000:1e9",
    "1:2:99999999999",
    "1 K",
    "1 GPa",
    "H2O=1 bar",
    "FeO=1",
    "../canary.csv",
    "canary/",
    "/dev/full",
    "--figure",
    "\n--\n",
)
TARGETS = {
    target.name: target
    for target in (
        Target("case", ".toml", _cases, _case, 30, _CASE, 20),
        Target("run", ".toml", lambda: [*sound()], _run, 3, damage=drawn, slow=3),
        Target("mantle", ".toml", lambda: _files("mocoupled/cases/buffering/*.toml", "tests/bad/mantle/*.toml"), _mantle, 8, ("like", "earth", "mars", "readings"), 3),
        Target("sweep", ".toml", lambda: [block.encode() for block in re.findall(r"^```toml\n(.*?)^```$", (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8"), flags=re.M | re.S)], _sweep, 8, ("case", "kind", "axes", "zip", "sample", "equilibrium", "{from = '1 ocean', to = '9 ocean', number = 1000000000}", "scale = 'log'")),
        Target("mechanism", ".yaml", lambda: [*_mechanisms(), *_files("tests/fuzz/*.yaml")], _mechanism, 20, _YAML, 2),
        Target("factsage", ".csv", lambda: _files("validation/factsage/*.csv", "tests/factsage/*.txt", "tests/fuzz/*.csv", "tests/fuzz/*.txt"), _factsage, 25, _TABLE),
        Target("command", ".words", lambda: _commands() + _files("tests/fuzz/*.words"), _command, 12, _OPTIONS, slow=6),
        Target("library", ".call", corpus, check, slow=6, beside=True, damage=drawn_call),
        Target("stored", ".nc", lambda: [_run_stored()["evolution.nc"]], _stored, 5, apart=True),
    )
}  # fmt: skip


def _mechanisms() -> list[bytes]:
    """Small sound mechanisms, in which damage hits something: the shipped ones cut down to a few species."""
    import json

    from ruamel.yaml import YAML

    found = []
    for name, kept in (("volatiles", None), ("chons", ("H2", "H2O", "O2", "N2", "He", "C(gr)"))):
        text = (ROOT / "mechanisms" / f"{name}.yaml").read_text(encoding="utf-8")
        if kept is None:
            found.append(text.encode())
            continue
        document = YAML(typ="safe", pure=True).load(text)
        document = {
            "phases": [{"name": "gas", "thermo": "ideal-gas", "species": ["H2", "mine"]}],
            "species": [s for s in document.get("species", []) if s.get("name") in kept],
        }
        document["phases"][0]["species"] = [s["name"] for s in document["species"] if s["name"] != "C(gr)"]
        found.append(json.dumps(document, indent=1, default=str).encode())
    return found


def inputs(target: Target, seed: int, count: int) -> Iterator[tuple[int, bytes]]:
    """(k, text) of the first `count` inputs of a seed; the corpus as it is comes first."""
    corpus = target.corpus()
    yield from list(enumerate(corpus))[:count]
    for k in range(len(corpus), count):
        rng = random.Random(f"{seed} {target.name} {k}")
        yield (
            k,
            target.damage(
                rng.choice(corpus[: target.sound] if target.sound and rng.random() < 0.6 else corpus),
                rng,
                target.words,
            ),
        )


# ---- watching

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
STARTS = {
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "subprocess.Popen",
    "socket.connect",
    "pickle.find_class",
    "pty.spawn",
}
CHANGES = {
    "os.mkdir",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.symlink",
    "os.link",
    "os.chmod",
    "os.truncate",
}
_watch: dict = {"folder": None, "seen": [], "accepted": collections.Counter()}


def _audited(event, arguments):
    """Python tells of every file opened and program started; what an input may not do is remembered."""
    folder = _watch["folder"]
    if folder is None:
        return
    if event in STARTS and not (
        event == "pickle.find_class" and arguments[0] not in ("os", "posix", "subprocess", "builtins")
    ):
        _watch["seen"].append(f"{event} {arguments!r:.200}")
    elif event == "open" or event in CHANGES:
        path = arguments[0]
        writing = (
            arguments[2] & WRITES
            if event == "open"
            else arguments[-1] in (-1, None) or not isinstance(arguments[-1], int)
        )
        if writing and isinstance(path, (str, bytes, os.PathLike)):
            real = os.path.realpath(os.fsdecode(path))
            allowed = (
                real.startswith((folder, "/dev/null", os.path.realpath(tempfile.gettempdir()) + "/tmp"))
                or ".pyc" in real
                or "matplotlib" in real
            )
            if not allowed:
                _watch["seen"].append(f"{event} {real}")


@cache
def _watching():
    sys.addaudithook(_audited)


def _expired(number, frame):
    raise Hang


def problem_of(target: Target, text: bytes, deep: bool, seconds: float = SECONDS) -> str:
    """What is wrong with how this input is read, "" if nothing is."""
    _watching()
    with tempfile.TemporaryDirectory(prefix="fuzz") as holder:
        folder = Path(holder).resolve() / "inside"
        folder.mkdir()
        path = folder / f"input{target.suffix}"
        path.write_bytes(text)
        if target.apart:
            return _apart(target, path, deep, seconds)
        return _problem(target, path, deep, seconds)


def _problem(target, path, deep, seconds):
    _watch.update(folder=str(path.parent), seen=[])
    previous = [(number, signal.signal(number, _expired)) for number in (signal.SIGALRM, signal.SIGPROF)]
    signal.setitimer(signal.ITIMER_PROF, seconds * target.slow)
    signal.setitimer(
        signal.ITIMER_REAL, 6 * seconds * target.slow
    )  # that waits for a pipe takes no time of the processor
    from mocoupled.errors import MocoupledError

    found = ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            target.read(path, deep)
        _watch["accepted"][target.name] += 1
    except MocoupledError as error:
        if not str(error).strip():
            found = "an error without a word"
    except Hang:
        found = f"hang: more than {seconds:g} s"
    except BaseException as error:  # whatever it is, it is a finding
        found = "".join(traceback.format_exception(error)[-6:])
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in previous:
            signal.signal(number, handler)
        _watch["folder"] = None
    outside = [p.name for p in path.parent.parent.iterdir() if p != path.parent]
    made = [p.name for p in path.parent.rglob("canary")]
    if not found and (_watch["seen"] or outside or made):
        found = f"touched what it must not: {[*_watch['seen'], *outside, *made]}"
    return found


def _apart(target, path, deep, seconds):
    """The same in a process of its own, whose death is the finding."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            os.close(reading)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            os.write(writing, _problem(target, path, deep, seconds).encode()[-8000:])
            os._exit(0)
        os._exit(99)
    os.close(writing)
    told, end = b"", time.monotonic() + 3 * seconds
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        if time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            os.close(reading)
            return f"hang: more than {3 * seconds:g} s, in C"
        time.sleep(0.002)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    if os.WIFSIGNALED(status):
        return f"died of {signal.Signals(os.WTERMSIG(status)).name}"
    return told.decode(errors="replace")


def is_deep(k: int) -> bool:
    """Whether input k is also computed with: every fifth is."""
    return k % 5 == 0


def fuzz(
    total: int, seed: int, names=(), seconds: float = SECONDS, progress=None
) -> tuple[dict[str, int], list[tuple[str, int, bytes, str]]]:
    """Number of inputs by target, and (target, k, text, problem) of every finding."""
    chosen = [TARGETS[name] for name in names or TARGETS]
    counts, findings = {}, []
    for target in chosen:
        share = (
            total
            if target.beside
            else round(total * target.weight / sum(t.weight for t in chosen if not t.beside))
        )
        counts[target.name] = share
        for k, text in inputs(target, seed, share):
            if progress:
                progress(target.name, k)
            if problem := problem_of(target, text, is_deep(k), seconds):
                findings.append((target.name, k, text, problem))
                if progress:
                    print(f"{target.name} {k}: {problem.strip().splitlines()[-1][:300]}", flush=True)
    return counts, findings


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "-n",
        type=int,
        default=10_000,
        help="number of files and command lines, and as many calls of the library [10000]",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target", action="append", default=[], choices=list(TARGETS))
    parser.add_argument("--seconds", type=float, default=SECONDS, help="limit of one input")
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("fuzz-findings"), help="where the inputs of findings go"
    )
    asked = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    start, slowest = time.monotonic(), collections.defaultdict(float)
    last = ["", start]

    def progress(name, k):
        now = time.monotonic()
        if last[0]:
            slowest[last[0]] = max(slowest[last[0]], now - last[1])
        last[:] = [name, now]

    counts, findings = fuzz(asked.n, asked.seed, asked.target, asked.seconds, progress)
    for name, k, text, problem in findings:
        asked.output.mkdir(exist_ok=True)
        stem = asked.output / f"{name}-{asked.seed}-{k}"
        stem.with_suffix(TARGETS[name].suffix).write_bytes(text)
        stem.with_suffix(".problem").write_text(problem, encoding="utf-8", errors="backslashreplace")
    for name, count in counts.items():
        bad = sum(f[0] == name for f in findings)
        taken = "" if TARGETS[name].apart else f"  {_watch['accepted'][name]:5} accepted"
        print(f"{name:10} {count:6} inputs{taken:16}  {bad:4} findings  slowest {slowest[name]:.2f} s")
    print(f"seed {asked.seed}, {time.monotonic() - start:.0f} s")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
