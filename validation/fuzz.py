"""Damaged input by the thousand: all that mocoupled reads must end in success or in a clear error.

    python validation/fuzz.py            10 000 inputs, and 10 000 calls, of seed 1
    python validation/fuzz.py -n 300 --seed 7 --target case --target mechanism

It ends with exit status 1 and a file for every finding. A finding is an exception that is no MocoupledError,
a process that dies, an input that takes longer than its limit, a file written or a program started outside
the folder of the input, or a result that is not finite and calls itself converged. An input is a sound one
(the corpus: shipped and bad files, and those of tests/fuzz), damaged by rules that a seed draws: input k of a
target is the same on every machine. To add a kind of file, add an entry to TARGETS (fuzz_targets.py). Beside
the files, as many calls of the library's functions are made with values of odd types and units (target
`library`, fuzz_library.py): a finding there is also a sound value that is refused or misread, and a spoilt
one that is taken.
"""

from __future__ import annotations

import argparse
import collections
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fuzz_targets import TARGETS, Target
from fuzz_watch import SECONDS, WATCH, problem_of

MEMORY = 12 * 2**30  # bytes, of the whole process, when run as a program


def inputs(target: Target, seed: int, count: int) -> Iterator[tuple[int, bytes]]:
    """(k, text) of the first `count` inputs of a seed; the corpus as it is comes first."""
    corpus = target.corpus()
    yield from list(enumerate(corpus))[:count]
    for k in range(len(corpus), count):
        rng = random.Random(f"{seed} {target.name} {k}")
        most_often = target.sound and rng.random() < 0.6
        text = rng.choice(corpus[: target.sound] if most_often else corpus)
        yield k, target.damage(text, rng, target.words)


def is_deep(k: int) -> bool:
    """Whether input k is also computed with: every fifth is."""
    return k % 5 == 0


@dataclass(frozen=True)
class Finding:
    """A fault: target, number and text of the input, and the fault in words."""

    target: str
    number: int
    text: bytes
    problem: str


def fuzz(
    total: int,
    seed: int,
    names: Sequence[str] = (),
    seconds: float = SECONDS,
    progress: Callable[[str, int], None] | None = None,
) -> tuple[dict[str, int], list[Finding]]:
    """Number of inputs by target, and the findings. names: of targets, all by default; progress(target,
    number)."""
    chosen = [TARGETS[name] for name in names or TARGETS]
    weights = sum(target.weight for target in chosen if not target.beside)
    counts: dict[str, int] = {}
    findings = []
    for target in chosen:
        share = total if target.beside else round(total * target.weight / weights)
        counts[target.name] = share
        for k, text in inputs(target, seed, share):
            if progress:
                progress(target.name, k)
            if problem := problem_of(target, text, is_deep(k), seconds):
                findings.append(Finding(target.name, k, text, problem))
                if progress:
                    print(f"{target.name} {k}: {problem.strip().splitlines()[-1][:300]}", flush=True)
    return counts, findings


def options() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    number = "number of files and command lines, and as many calls of the library [10000]"
    parser.add_argument("-n", type=int, default=10_000, help=number)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target", action="append", default=[], choices=list(TARGETS))
    parser.add_argument("--seconds", type=float, default=SECONDS, help="limit of one input")
    folder = "where the inputs of findings go"
    parser.add_argument("-o", "--output", type=Path, default=Path("fuzz-findings"), help=folder)
    return parser.parse_args()


def main() -> int:
    """Fuzz, store the inputs of findings, and print what was done; 1 where there are findings."""
    chosen = options()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    start = time.monotonic()
    slowest: dict[str, float] = collections.defaultdict(float)
    last = ("", start)

    def progress(name: str, number: int) -> None:
        nonlocal last
        now = time.monotonic()
        if last[0]:
            slowest[last[0]] = max(slowest[last[0]], now - last[1])
        last = (name, now)

    counts, findings = fuzz(chosen.n, chosen.seed, chosen.target, chosen.seconds, progress)
    for finding in findings:
        chosen.output.mkdir(exist_ok=True)
        stem = chosen.output / f"{finding.target}-{chosen.seed}-{finding.number}"
        stem.with_suffix(TARGETS[finding.target].suffix).write_bytes(finding.text)
        problem = stem.with_suffix(".problem")
        problem.write_text(finding.problem, encoding="utf-8", errors="backslashreplace")
    for name, count in counts.items():
        bad = sum(finding.target == name for finding in findings)
        accepted = "" if TARGETS[name].apart else f"  {WATCH.accepted[name]:5} accepted"
        print(f"{name:10} {count:6} inputs{accepted:16}  {bad:4} findings  slowest {slowest[name]:.2f} s")
    print(f"seed {chosen.seed}, {time.monotonic() - start:.0f} s")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
