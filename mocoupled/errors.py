"""The exceptions of the package; their text is for the user."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from types import FrameType

PACKAGE = str(Path(__file__).parent)
LONGEST_LIST = 700  # characters of a list of names in a message
LONGEST_LINE = 2000  # characters of any other line of a message: the input may have millions
KEPT = 300  # of a longer line, at its beginning and at its end


class MocoupledError(Exception):
    """Base of every error mocoupled raises on purpose; `exit_status` is what the command line returns."""

    exit_status = 1


class InputError(MocoupledError):
    """The request is wrong: raised before any computing, nothing written.

    where: file, section or argument, e.g. "earth.toml [volatiles.solubility] CO2 = 'basalt-Dixon95'".
    problem: one sentence on what is wrong with what was read.
    allowed: the allowed values (of a long list, its beginning). cure: the likely correction (for instance
    `nearest(...)`).
    """

    exit_status = 2

    def __init__(self, where: str, problem: str, allowed: str = "", cure: str = ""):
        allowed = "\n".join(map(shortened, allowed.split("\n")))
        where, problem, allowed, cure = (
            "\n".join(map(cut, text.split("\n"))) for text in (where, problem, allowed, cure)
        )
        self.where, self.problem, self.allowed, self.cure = where, problem, allowed, cure
        lines = [f"{where}: {problem}" if where else problem]
        lines += [f"  {line}" for line in (allowed, cure) if line]
        super().__init__("\n".join(lines))


class ModelError(MocoupledError):
    """A declared model is not well posed (counts, undeclared symbols, structural singularity)."""


class ConvergenceError(MocoupledError):
    """A solver did not converge. Its last state is not returned."""


def shortened(text: str) -> str:
    """A line of names with commas between them, cut after `LONGEST_LIST` characters.

    It ends with the number of names left out.
    """
    if re.search(r", \.\.\. and \d+ others$", text):  # of a message that is raised anew with another place
        return text
    end = text.rfind(", ", 0, LONGEST_LIST)
    if (
        len(text) <= LONGEST_LIST or end < 0 or re.search(r", \.\.\. and \d+ others$", text)
    ):  # shortened before
        return text
    return f"{text[:end]}, ... and {text[end:].count(', ')} others"


def cut(line: str) -> str:
    """The line, or the two ends of one that is longer than `LONGEST_LINE` characters."""
    return (
        line
        if len(line) <= LONGEST_LINE
        else f"{line[:KEPT]} ... ({len(line) - 2 * KEPT} characters) ... {line[-KEPT:]}"
    )


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence "did you mean 'x'?" for the known name nearest to `name`, or "" when none is near."""
    known = list(known)
    if len(str(name)) > KEPT:  # no name is that long
        return ""
    folded = {str(k).casefold(): k for k in known}
    match = difflib.get_close_matches(str(name).casefold(), folded, n=1, cutoff=0.5)
    return f"did you mean {folded[match[0]]!r}?" if match else ""


def users_line() -> int:
    """The `stacklevel` of a warning that points to the line of the user's code that called this package."""
    frame: FrameType | None = sys._getframe(1)
    level = 1
    while frame is not None and frame.f_code.co_filename.startswith(PACKAGE):
        frame, level = frame.f_back, level + 1
    return level
