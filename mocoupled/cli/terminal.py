"""What the commands share: the case with its --set, text made up to the terminal's width, a progress bar, Ctrl-C
held back, errors folded."""

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
from contextlib import contextmanager, suppress

import click

from ..errors import InputError
from ..files import toml


def read_case(name, settings):
    """The case of a name or path, with the --set settings in it."""
    from ..case import Case

    changes = settings_of(settings)
    case = Case.read(name)
    return case.replace(changes, origin="--set") if changes else case


def settings_of(settings) -> dict:
    """Key -> value of the --set settings."""
    changes = {}
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


def _value(text):
    """What stands after `=`: text, which the case reads as a number, a logical value or a list of names; in quotes,
    brackets or braces, as in a file, the TOML value, if it is one and nothing else."""
    if text[:1] not in ("'", '"', "[", "{") or "\n" in text or "\r" in text:
        return text
    try:
        found = toml(f"value = [{text}, 0]")  # in a list, where no comment and no second key can follow
    except (ValueError, RecursionError):
        return text
    return found["value"][0] if list(found) == ["value"] and len(found["value"]) == 2 else text


class Page:
    """Text on its way to the screen: made up to the terminal's width, kept in `text` for the log, shown by `show`."""

    def __init__(self, quiet=False):
        from rich.console import Console

        self._made, self._quiet, self.text = io.StringIO(), quiet, ""
        width = max(40, min(shutil.get_terminal_size((100, 24)).columns, 120))
        options = {"markup": False, "emoji": False, "highlight": False, "legacy_windows": False}
        self.console = Console(file=self._made, width=width, force_terminal=sys.stdout.isatty(), **options)

    def print(self, text):
        self.console.print(text)

    def show(self):
        made = "".join(f"{line.rstrip()}\n" for line in self._made.getvalue().splitlines())
        self._made.seek(0)
        self._made.truncate()
        self.text += click.unstyle(made)
        if not self._quiet:
            try:
                click.echo(made, nl=False)
            except (
                BrokenPipeError,
                BlockingIOError,
            ):  # nobody reads on (`| head`): no reason to leave the work undone
                close_stdout()
            except OSError as error:
                if error.errno != errno.EIO:  # the terminal is gone
                    raise
                leave_terminal()


@contextmanager
def bar(quiet, title):
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
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=None, reached="")

        def update(fraction, text):
            with suppress(OSError):  # the terminal may go while the work goes on
                bar.update(task, total=1.0, completed=fraction, reached=text)

        yield update


@contextmanager
def interrupts_held():
    """Ctrl-C cuts no file and no figure in two: the function yielded tells whether it came. The next one is raised.
    SIGTERM, as a batch system sends it before it kills, SIGHUP of a terminal that is gone, and SIGBREAK of Windows are
    taken as Ctrl-C: what was reached is stored. One that is ignored, as nohup has it of SIGHUP, stays ignored."""
    seen, own = [], os.getpid()

    def remember(number, frame):
        if seen:
            raise KeyboardInterrupt
        seen.append(number)

    def terminated(number, frame):
        if os.getpid() == own:
            signal.raise_signal(signal.SIGINT)  # to whoever holds it now
        else:  # a process forked from this one: it is ended
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    def hung_up(number, frame):
        leave_terminal()
        terminated(number, frame)

    handlers = {"SIGINT": remember, "SIGTERM": terminated, "SIGBREAK": terminated, "SIGHUP": hung_up}
    known = [(getattr(signal, name), handler) for name, handler in handlers.items() if hasattr(signal, name)]
    heard = [
        (number, handler)
        for number, handler in known
        if number == signal.SIGINT or signal.getsignal(number) is not signal.SIG_IGN
    ]
    previous = [(number, signal.signal(number, handler)) for number, handler in heard]
    try:
        yield lambda: bool(seen)
    finally:
        for number, handler in previous:
            signal.signal(number, handler)


def say(message, status) -> int:
    """Print an error, long lines folded to the terminal's width; the exit status."""
    width = max(40, min(shutil.get_terminal_size((100, 24)).columns, 100))
    for line in message.splitlines():
        indent = " " * (len(line) - len(line.lstrip()) + 4)
        with suppress(OSError):  # without a terminal the exit status still says it
            click.echo(
                textwrap.fill(line, width, subsequent_indent=indent, break_on_hyphens=False)
                if len(line) > width
                else line,
                err=True,
            )
    return status


def plain_warnings():
    """Warnings of ours as one line, without a place in the program."""
    former = warnings.formatwarning

    def plain(message, category, *place, **more):
        return (
            f"warning: {message}\n"
            if category.__module__.startswith("mocoupled.")
            else former(message, category, *place, **more)
        )

    if former.__module__ == "warnings":
        warnings.formatwarning = plain


def open_streams():
    """Standard output and errors that take any text; where the shell has closed them, a place where it is lost."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))
        if hasattr(getattr(sys, name), "reconfigure"):
            getattr(sys, name).reconfigure(errors="backslashreplace")


def leave_terminal():
    """Standard streams of a terminal that is gone lead nowhere: each word to it would be an error."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            with suppress(OSError):
                if stat.S_ISCHR(os.fstat(stream).st_mode) and not os.isatty(
                    stream
                ):  # a line that was cut is no terminal any more
                    os.dup2(nowhere, stream)
        os.close(nowhere)


def close_stdout():
    """What could not be written is not tried again when Python ends."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
