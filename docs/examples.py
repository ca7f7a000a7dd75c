"""The examples of the pages: which blocks there are, how one is run, and the stored output of those that take long.

In README.md and docs/*.md a comment above a block says what it is:

    <!-- file: NAME -->      a file of this name is written
    <!-- run -->             it is run, and must end with status 0; <!-- run: 2 --> with this status
    <!-- stored: NAME -->    it takes long: it is run by this script, which keeps what it prints in docs/outputs/NAME.txt
    <!-- keeps: A B -->      (below one that is stored) this script copies the file A that it wrote to docs/B
    <!-- prints -->          lines that the block before it prints, in their order; a line [...] stands for others
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
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).resolve().parent
OUTPUTS = DOCS / "outputs"
PAGES = (DOCS.parent / "README.md", *sorted(DOCS.glob("*.md")))
KINDS = ("file", "run", "stored", "prints", "shown")
GAP = "[...]"
_BLOCK = re.compile(r"(?:^<!-- (\w+)(?:: ([^>]*?))? -->\n)?^```(\w*)[^\n]*\n(.*?)\n^```", re.S | re.M)
_KEPT = re.compile(r"^<!-- keeps: (\S+) (\S+) -->$", re.M)
_NUMBER = re.compile(r"[-+]?\d+(?:\.(\d+))?(?:[eE]([-+]?\d+))?")


@dataclass(frozen=True)
class Block:
    """A fenced block: kind ("" without a comment above it), argument of the comment, language, text."""

    kind: str
    argument: str
    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in their order."""
    return [Block(*(part or "" for part in found)) for found in _BLOCK.findall(page.read_text(encoding="utf-8"))]


def run(block: Block, folder: Path, timeout: float = 120.0) -> subprocess.CompletedProcess:
    """The finished process of a block of commands, or of Python, in a folder; `mocoupled` is that of this checkout."""
    words = ["bash", "-eu", "-c", f'mocoupled() {{ "{sys.executable}" -m mocoupled "$@"; }}\n{block.text}']
    if block.language == "python":
        words = [sys.executable, "-c", block.text]
    path = os.pathsep.join(filter(None, [str(DOCS.parent), os.environ.get("PYTHONPATH")]))
    environment = os.environ | {"PYTHONPATH": path, "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout)


def stored(block: Block) -> tuple[str, str]:
    """The commands whose output is stored for a block, and that output; both empty where nothing is stored."""
    path = OUTPUTS / f"{block.argument}.txt"
    commands, _, output = path.read_text(encoding="utf-8").partition("\n----\n") if path.exists() else ("", "", "")
    return commands, output


def missing(printed: str, output: str) -> str:
    """The first line of a `prints` block that the output does not hold after the line before it; "" if there is none."""
    found = iter(output.splitlines())
    for line in printed.splitlines():
        if line.strip() != GAP and not any(same(line, other) for other in found):
            return line
    return ""


def same(printed: str, found: str) -> bool:
    """Whether two lines are the same, numbers within one unit of the last digit printed."""
    if _NUMBER.sub("#", " ".join(printed.split())) != _NUMBER.sub("#", " ".join(found.split())):
        return False
    for ours, theirs in zip(_NUMBER.finditer(printed), _NUMBER.finditer(found), strict=True):
        unit = 10.0 ** (int(ours[2] or 0) - len(ours[1] or ""))
        if abs(float(ours[0]) - float(theirs[0])) > 1.001 * unit * bool(ours[1]):
            return False
    return True


def refresh(page: Path) -> int:
    """Run a page in an empty folder, and store what its long blocks print; the number of these."""
    count, kept = 0, _KEPT.findall(page.read_text(encoding="utf-8"))
    if not any(block.kind == "stored" for block in blocks(page)):
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for block in blocks(page):
            if block.kind == "file":
                (folder / block.argument).write_text(block.text + "\n", encoding="utf-8")
            elif block.kind in ("run", "stored"):
                done = run(block, folder, timeout=3600.0)
                if done.returncode != int(block.argument or 0 if block.kind == "run" else 0):
                    raise SystemExit(f"{page.name}: {block.text}\nended with status {done.returncode}\n{done.stderr}")
                if block.kind == "stored":
                    count += 1
                    text = f"{block.text}\n----\n{done.stdout}{done.stderr}"
                    (OUTPUTS / f"{block.argument}.txt").write_text(text, encoding="utf-8")
        for source, target in kept:
            shutil.copy(folder / source, DOCS / target)
    return count


if __name__ == "__main__":
    OUTPUTS.mkdir(exist_ok=True)
    for one in [Path(word).resolve() for word in sys.argv[1:]] or PAGES:
        print(f"{one.name}: {refresh(one)} outputs stored", flush=True)
