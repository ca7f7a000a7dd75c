"""What the commands share on the terminal: --set, pages of text, a progress bar, Ctrl-C, errors."""

from __future__ import annotations

import errno
import io
import os
import shutil
import signal
import stat
import sys
import textwrap
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING

import click

from ..errors import InputError
from ..files import toml
from .bare_numbers import note_bare_settings, units_of_case

if TYPE_CHECKING:
    from ..case import Case

INTERRUPTED = 130  # exit status after Ctrl-C, as shells define it
WIDTHS = 40, 120  # narrowest and widest page, in columns
ERROR_WIDTH = 100  # widest error message, in columns

Update = Callable[[float, str], None]  # of a progress bar: (fraction done, text beside it)


def read_case(name: str, settings: Iterable[str]) -> Case:
    """The case with this name or path, with the --set settings. InputError for an unknown one."""
    from ..case import Case

    changes = settings_of(settings)
    case = Case.read(name)
    if not changes:
        return case
    case = case.replace(changes, origin="--set")
    note_bare_settings(changes, units_of_case())
    return case


def settings_of(settings: Iterable[str]) -> dict[str, object]:
    """Key -> value of the --set settings. InputError for a setting that is not KEY=VALUE."""
    changes: dict[str, object] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key.strip():
            raise InputError(
                f"--set {setting}",
                "this is not of the form KEY=VALUE.",
                "for example --set redox.oxygen_fugacity=IW+2",
            )
        changes[key.strip()] = _value(value.strip())
    return changes


def _value(text: str) -> object:
    """The value after `=`.

    Plain text stays text; the case reads it as a number, a logical value or a list of names.
    Text in quotes, brackets or braces is read as in a file, if it is exactly one TOML value.
    """
    if text[:1] not in ("'", '"', "[", "{") or "\n" in text or "\r" in text:
        return text
    try:
        document = toml(f"value = [{text}, 0]")  # in a list, where no comment and no second key can follow
    except (ValueError, RecursionError):
        return text
    single = list(document) == ["value"] and len(document["value"]) == 2
    return document["value"][0] if single else text


class Page:
    """Text for the screen: laid out to its width, stored in `text` for the log, printed by `show`."""

    def __init__(self, quiet: bool = False) -> None:
        from rich.console import Console

        self._buffer, self._quiet, self.text = io.StringIO(), quiet, ""
        narrowest, widest = WIDTHS
        self.console = Console(
            file=self._buffer,
            width=max(narrowest, min(shutil.get_terminal_size((100, 24)).columns, widest)),
            force_terminal=sys.stdout.isatty(),
            markup=False,
            emoji=False,
            highlight=False,
            legacy_windows=False,
        )

    def print(self, text: str) -> None:
        """Add text to the page."""
        self.console.print(text)

    def show(self) -> None:
        """Print what was added since the last call, unless quiet; add it to `text`."""
        new = "".join(f"{line.rstrip()}\n" for line in self._buffer.getvalue().splitlines())
        self._buffer.seek(0)
        self._buffer.truncate()
        self.text += click.unstyle(new)
        if self._quiet:
            return
        try:
            click.echo(new, nl=False)
        except (BrokenPipeError, BlockingIOError):  # the reader left (`| head`): the work goes on
            close_stdout()
        except OSError as error:
            if error.errno != errno.EIO:  # EIO: the terminal is gone
                raise
            leave_terminal()


@contextmanager
def bar(quiet: bool, title: str) -> Iterator[Update]:
    """A progress bar on a terminal; yields update(fraction, text), which does nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if quiet or not console.is_terminal or console.is_dumb_terminal:
        yield lambda fraction, text: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[reached]}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(title, total=None, reached="")

        def update(fraction: float, text: str) -> None:
            with suppress(OSError):  # the terminal may go while the work goes on
                progress.update(task, total=1.0, completed=fraction, reached=text)

        yield update


@contextmanager
def deferred_interrupts() -> Iterator[Callable[[], bool]]:
    """Within: the first Ctrl-C is only recorded, so that no file is cut in two; the second is raised.

    Yields a function that returns whether Ctrl-C came.
    Three more signals count as Ctrl-C, so that what was reached is stored: SIGTERM, which a batch system
    sends before it kills; SIGHUP of a terminal that is gone; SIGBREAK of Windows.
    A signal that the process ignores, as nohup does with SIGHUP, stays ignored.
    """
    received: list[int] = []
    process = os.getpid()

    def remember(number: int, frame: FrameType | None) -> None:
        if received:
            raise KeyboardInterrupt
        received.append(number)

    def terminated(number: int, frame: FrameType | None) -> None:
        if os.getpid() == process:
            signal.raise_signal(signal.SIGINT)  # for the handler of Ctrl-C at this moment
        else:  # a process forked from this one ends
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    def hung_up(number: int, frame: FrameType | None) -> None:
        leave_terminal()
        terminated(number, frame)

    handlers = {"SIGINT": remember, "SIGTERM": terminated, "SIGBREAK": terminated, "SIGHUP": hung_up}
    previous = []
    for name, handler in handlers.items():
        number = getattr(signal, name, None)
        if number is None or signal.getsignal(number) is None:
            continue
        if number == signal.SIGINT or signal.getsignal(number) is not signal.SIG_IGN:
            previous.append((number, signal.signal(number, handler)))
    try:
        yield lambda: bool(received)
    finally:
        for number, former in previous:
            signal.signal(number, former)


def say(message: str, status: int) -> int:
    """Print an error, long lines folded to the terminal's width; returns the exit status."""
    width = max(WIDTHS[0], min(shutil.get_terminal_size((100, 24)).columns, ERROR_WIDTH))
    for line in message.splitlines():
        indent = " " * (len(line) - len(line.lstrip()) + 4)
        folded = line
        if len(line) > width:
            folded = textwrap.fill(line, width, subsequent_indent=indent, break_on_hyphens=False)
        with suppress(OSError):  # without a terminal the exit status still reports the error
            click.echo(folded, err=True)
    return status


def plain_warnings() -> None:
    """Print warnings of this package as one line, without a place in the program."""
    former = warnings.formatwarning

    def plain(
        message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
    ) -> str:
        if category.__module__.startswith("mocoupled."):
            return f"warning: {message}\n"
        return former(message, category, filename, lineno, line)

    if former.__module__ == "warnings":
        warnings.formatwarning = plain


def open_streams() -> None:
    """Make standard output and errors take any text; where the shell has closed one, its text is lost."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            stream = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  (open until the process ends)
            setattr(sys, name, stream)
        if hasattr(getattr(sys, name), "reconfigure"):
            getattr(sys, name).reconfigure(errors="backslashreplace")


def leave_terminal() -> None:
    """Redirect the streams of a terminal that is gone: every write to it would be an error."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            with suppress(OSError):
                character = stat.S_ISCHR(os.fstat(stream).st_mode)
                if character and not os.isatty(stream):  # a line that was cut is no terminal any more
                    os.dup2(nowhere, stream)
        os.close(nowhere)


def close_stdout() -> None:
    """Prevent Python from writing again, at its end, what could not be written."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
