"""Single flipped bits in the files of a stored run, of a run that was cut off, and of a map.

python validation/flip_bits.py [--flips 300] [--seed 1]

Each flip is in a fresh copy of the folder. A complete run is read by `resume`; a run that was cut off, or had
just begun, is continued. The result must be that of the sound folder, to the last bit of every number and in
every attribute but the time that it took; else the file must be refused in words. Anything else is a finding.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path

import xarray

import mocoupled as mo
from mocoupled.runs import checkpoint
from mocoupled.runs.main_job import evolve, prepare
from mocoupled.runs.run_folder import begin

CASE = {"mantle.model": "lumped", "run.end_surface_temperature": "2600 K", "run.rtol": 1e-4}


def make_sound(folder: Path) -> None:
    """Write the sound folders: complete, cut (after some steps), begun (before the first checkpoint), map."""
    case = mo.Case.read("earth").replace(CASE)
    mo.run(case, folder / "complete")
    prepared, states = prepare(case), []
    evolve(prepared, checkpoint=lambda arrays, last: states.append(arrays()))
    for name in ("cut", "begun"):
        (folder / name).mkdir()
        begin(folder / name, case, "begun\n")
    checkpoint.Keeper(folder / "cut", prepared.planet, prepared.system, 0)(lambda: states[len(states) // 2])
    mo.equilibrium_map(
        mo.Case.read("earth"),
        {"temperature": [1600.0, 1800.0, 2000.0], "melt_fraction": [0.3, 1.0]},
        folder / "map",
    ).close()


def read(folder: Path) -> xarray.Dataset:
    """The result of the folder."""
    if folder.name == "map":
        result = mo.read(folder)
        loaded = result.load().copy(deep=True)
        result.close()
        return loaded
    return mo.resume(folder)


def same(first: xarray.Dataset, other: xarray.Dataset) -> bool:
    """Whether two results are the same in all but the time that they took."""
    return first.equals(other) and _attributes(first) == _attributes(other) and _work(first) == _work(other)


def _attributes(result: xarray.Dataset) -> dict[str, object]:
    return {k: v for k, v in result.attrs.items() if k != "statistics"}


def _work(result: xarray.Dataset) -> dict[str, object]:
    """The statistics of a run, without times."""
    statistics = json.loads(result.attrs.get("statistics", "{}"))
    return {k: v for k, v in statistics.items() if k not in ("wall", "resumed")}


def flipped(folder: Path, file: str, rng: random.Random, expected: xarray.Dataset) -> tuple[int, str]:
    """Flip a bit of a file of a copy, and read it: the number of the bit, and the outcome in words."""
    content = bytearray((folder / file).read_bytes())
    bit = rng.randrange(8 * len(content))
    content[bit // 8] ^= 1 << bit % 8
    (folder / file).write_bytes(content)
    try:
        return bit, "as it was" if same(read(folder), expected) else "OTHER"
    except mo.InputError:
        return bit, "refused"
    except Exception as error:
        return bit, f"{type(error).__name__}: {error}"[:200]


def main() -> int:
    """Flip bits in every folder and print the outcomes; 1 where there are findings."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--flips", type=int, default=300, help="of each folder")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    rng, findings = random.Random(options.seed), []
    with tempfile.TemporaryDirectory() as place:
        sound = Path(place)
        make_sound(sound)
        for name in ("complete", "cut", "begun", "map"):
            with tempfile.TemporaryDirectory() as copy:
                expected = read(Path(shutil.copytree(sound / name, Path(copy) / name)))
            files = sorted(path.name for path in (sound / name).iterdir() if path.is_file())
            counts: Counter[tuple[str, str]] = Counter()
            for k in range(options.flips):
                file = files[k % len(files)]
                with tempfile.TemporaryDirectory() as copy:
                    folder = Path(shutil.copytree(sound / name, Path(copy) / name))
                    bit, outcome = flipped(folder, file, rng, expected)
                counts[file, outcome] += 1
                if outcome not in ("as it was", "refused"):
                    findings.append((name, file, bit, outcome))
            for (file, outcome), count in sorted(counts.items()):
                print(f"{name:9} {file:16} {outcome:10} {count}", flush=True)
    print(f"{len(findings)} findings")
    for finding in findings[:40]:
        print("  ", *finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
