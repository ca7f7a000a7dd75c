"""One bit flipped anywhere in any file of a stored run, of a run that was cut off, and of a map: refused, or nothing changes.

python validation/flip_bits.py [--flips 300] [--seed 1]

Each flip is in a fresh copy of the folder. A complete run is read by `resume`; a run that was cut off, or had
just begun, is continued. What comes back must be what the sound folder gives, to the last bit of every number and in
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

import mocoupled as mo
from mocoupled.runs import checkpoint
from mocoupled.runs.main_job import evolve, prepare
from mocoupled.runs.run_folder import begin

CASE = {"mantle.model": "lumped", "run.end_surface_temperature": "2600 K", "run.rtol": 1e-4}


def made(folder: Path):
    """The sound folders: complete, cut (after some steps), begun (before the first checkpoint), map."""
    case = mo.Case.read("earth").replace(CASE)
    mo.run(case, folder / "complete")
    one, kept = prepare(case), []
    evolve(one, checkpoint=lambda arrays, last: kept.append(arrays()))
    for name in ("cut", "begun"):
        (folder / name).mkdir()
        begin(folder / name, case, "begun\n")
    checkpoint.Keeper(folder / "cut", one.planet, one.system, 0)(lambda: kept[len(kept) // 2])
    mo.equilibrium_map(
        mo.Case.read("earth"),
        {"temperature": [1600.0, 1800.0, 2000.0], "melt_fraction": [0.3, 1.0]},
        folder / "map",
    ).close()


def read(folder: Path):
    """What the folder gives."""
    if folder.name == "map":
        result = mo.read(folder)
        loaded = result.load().copy(deep=True)
        result.close()
        return loaded
    return mo.resume(folder)


def same(one, other) -> bool:
    attributes = [{k: v for k, v in result.attrs.items() if k != "statistics"} for result in (one, other)]
    work = [
        {
            k: v
            for k, v in json.loads(result.attrs.get("statistics", "{}")).items()
            if k not in ("wall", "resumed")
        }
        for result in (one, other)
    ]
    return one.equals(other) and attributes[0] == attributes[1] and (work[0] == work[1])


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--flips", type=int, default=300, help="of each folder")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    rng, findings = random.Random(options.seed), []
    with tempfile.TemporaryDirectory() as place:
        sound = Path(place)
        made(sound)
        for name in ("complete", "cut", "begun", "map"):
            with tempfile.TemporaryDirectory() as copy:
                expected = read(Path(shutil.copytree(sound / name, Path(copy) / name)))
            files = sorted(path.name for path in (sound / name).iterdir() if path.is_file())
            counts: Counter = Counter()
            for k in range(options.flips):
                file = files[k % len(files)]
                with tempfile.TemporaryDirectory() as copy:
                    folder = Path(shutil.copytree(sound / name, Path(copy) / name))
                    content = bytearray((folder / file).read_bytes())
                    bit = rng.randrange(8 * len(content))
                    content[bit // 8] ^= 1 << bit % 8
                    (folder / file).write_bytes(content)
                    try:
                        outcome = "as it was" if same(read(folder), expected) else "OTHER"
                    except mo.InputError:
                        outcome = "refused"
                    except Exception as error:
                        outcome = f"{type(error).__name__}: {error}"[:200]
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
