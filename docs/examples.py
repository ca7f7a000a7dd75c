"""The examples of the pages: which blocks there are, how each is run, and the stored output of long ones.

In README.md and docs/*.md a comment above a block says what it is:

    <!-- file: NAME -->      a file of this name is written
    <!-- run -->             it is run, and must end with status 0; <!-- run: 2 --> with this status
    <!-- stored: NAME -->    it takes long: this script runs it; its output is in docs/outputs/NAME.txt
    <!-- keeps: A B -->      (below a stored block) this script copies its file A to docs/B
    <!-- prints -->          lines that the block before it prints, in their order; [...] stands for others
    <!-- shown: REASON -->   it is not run

`python docs/examples.py [PAGE ...]` runs the stored blocks again (some minutes) and writes their outputs.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).resolve().parent
OUTPUTS = DOCS / "outputs"
PAGES = (DOCS.parent / "README.md", *sorted(DOCS.glob("*.md")))
KINDS = ("file", "run", "stored", "prints", "shown")
GAP = "[...]"
_MARK = "\x1e"  # printed between blocks that share a process
_BLOCK = re.compile(r"(?:^<!-- (\w+)(?:: ([^>]*?))? -->\n)?^```(\w*)[^\n]*\n(.*?)\n^```", re.S | re.M)
_KEPT = re.compile(r"^<!-- keeps: (\S+) (\S+) -->$", re.M)
_NUMBER = re.compile(r"[-+]?\d+(?:\.(\d+))?(?:[eE]([-+]?\d+))?")
_STEPS = re.compile(r"% of the steps")
_ROUNDED = re.compile(r"\b(residual|drift)\b")
# The last digit of exp() differs between processors, and moves where the steps of a run end. By that differ
POINTS = 5.0  # ... shares of the steps at most,
SPREAD = 3e-4  # ... other numbers of a run, relative: times of slow crossings by 1.5e-4,
ROUNDING = 1e-13  # ... and residuals and drifts that are made of rounding


@dataclass(frozen=True)
class Block:
    """A fenced block: kind ("" without a comment above it), argument of the comment, language, text."""

    kind: str
    argument: str
    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in their order."""
    text = page.read_text(encoding="utf-8")
    return [Block(*parts) for parts in _BLOCK.findall(text)]


def run(language: str, code: str, folder: Path, timeout: float = 120.0) -> subprocess.CompletedProcess[str]:
    """The finished process of commands, or of Python, in a folder.

    `mocoupled` and `python` are those of this checkout. timeout [s].
    """
    words = [sys.executable, "-c", code]
    if language != "python":
        python = f'python() {{ "{sys.executable}" "$@"; }}\nmocoupled() {{ python -m mocoupled "$@"; }}\n'
        words = ["bash", "-eu", "-c", python + code]
    path = os.pathsep.join(filter(None, [str(DOCS.parent), os.environ.get("PYTHONPATH")]))
    environment = os.environ | {"PYTHONPATH": path, "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )


def follow(page: Path, folder: Path, long: bool = False) -> Iterator[tuple[Block, int, str]]:
    """Follow a page in a folder: (block, status, its output) of each block.

    The output is "" for a block that is not run. Blocks of Python that follow each other share a process, and
    so their names. long: run the stored ones too.
    """
    waiting = blocks(page)
    while waiting:
        block = waiting.pop(0)
        if block.kind == "file":
            (folder / block.argument).write_text(block.text + "\n", encoding="utf-8")
        elif block.kind == "stored" and not long:
            yield block, 0, stored(block)[1]
        elif block.kind == "stored" or (block.kind == "run" and block.language != "python"):
            done = run(block.language, block.text, folder, 3600.0 if long else 120.0)
            yield block, done.returncode, done.stdout + done.stderr
        elif block.kind == "run":
            row = [block]
            while waiting and _joins(waiting[0]):
                row.append(waiting.pop(0))
            yield from _run_together(row, folder)
        else:
            yield block, 0, ""


def _joins(block: Block) -> bool:
    """Whether a block that follows one of Python belongs to its process."""
    return block.kind in ("prints", "shown") or (block.kind, block.language) == ("run", "python")


def _run_together(row: list[Block], folder: Path) -> Iterator[tuple[Block, int, str]]:
    """Blocks of Python in a process, and those between them, which are not run."""
    separator = f"\nprint({_MARK!r})\n"
    done = run("python", separator.join(block.text for block in row if block.kind == "run"), folder)
    outputs = [part.removeprefix("\n") for part in done.stdout.split(_MARK)] + [""] * len(row)
    for block in row:
        if block.kind == "run":
            yield block, done.returncode, outputs.pop(0) + (done.stderr if done.returncode else "")
        else:
            yield block, 0, ""


def stored(block: Block) -> tuple[str, str]:
    """The commands whose output is stored for a block, and that output; both empty where nothing is
    stored."""
    path = OUTPUTS / f"{block.argument}.txt"
    if not path.exists():
        return "", ""
    commands, _, output = path.read_text(encoding="utf-8").partition("\n----\n")
    return commands, output


def missing(printed: str, output: str) -> str:
    """The first line of a `prints` block that does not occur in the output after the line before it; else
    ""."""
    lines = iter(output.splitlines())
    for line in printed.splitlines():
        if line.strip() != GAP and not any(same(line, other) for other in lines):
            return line
    return ""


def same(printed: str, other: str) -> bool:
    """Whether two lines are the same, numbers within a unit of the last digit printed or SPREAD.

    Shares of the steps of a run: within POINTS; residuals and drifts below ROUNDING are the same. Whole
    numbers must be equal.
    """
    if _NUMBER.sub("#", " ".join(printed.split())) != _NUMBER.sub("#", " ".join(other.split())):
        return False
    for ours, theirs in zip(_NUMBER.finditer(printed), _NUMBER.finditer(other), strict=True):
        unit = 10.0 ** (int(ours[2] or 0) - len(ours[1] or ""))
        tolerance = max(1.001 * unit, SPREAD * abs(float(ours[0]))) if ours[1] else 0.0
        if _STEPS.match(printed, ours.end()):
            tolerance = POINTS
        if _ROUNDED.search(printed) and float(ours[0]) < ROUNDING:
            tolerance = ROUNDING
        if abs(float(ours[0]) - float(theirs[0])) > tolerance:
            return False
    return True


def refresh(page: Path) -> int:
    """Follow a page in an empty folder, and store the outputs of its long blocks. Returns the number of
    these."""
    if not any(block.kind == "stored" for block in blocks(page)):
        return 0
    count = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Pages call the scripts of validation/ as from the folder of a clone.
        (folder / "validation").symlink_to(DOCS.parent / "validation")
        for block, status, printed in follow(page, folder, long=True):
            if block.kind in ("run", "stored") and status != expected(block):
                raise SystemExit(f"{page.name}: {block.text}\nended with status {status}\n{printed}")
            if block.kind == "stored":
                count += 1
                path = OUTPUTS / f"{block.argument}.txt"
                path.write_text(f"{block.text}\n----\n{printed}", encoding="utf-8")
        for source, target in _KEPT.findall(page.read_text(encoding="utf-8")):
            (DOCS / target).parent.mkdir(exist_ok=True)
            shutil.copy(folder / source, DOCS / target)
    return count


def expected(block: Block) -> int:
    """The exit status that a block must end with."""
    return int(block.argument or 0) if block.kind == "run" else 0


def main(paths: list[str]) -> None:
    """Store the outputs of pages, all by default."""
    OUTPUTS.mkdir(exist_ok=True)
    for page in [Path(path).resolve() for path in paths] or PAGES:
        print(f"{page.name}: {refresh(page)} outputs stored", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
