"""The command line: mocoupled run | plot | show | cases | doctor."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import click

from . import __version__
from .errors import InputError, MocoupledError

INTERRUPTED = 130  # exit status after Ctrl-C, as shells have it


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="mocoupled")
def commands():
    """From a planet's hydrogen, carbon and oxygen to its early atmosphere and its mantle."""


def _set_option(function):
    text = "Replace a key of the case, e.g. --set volatiles.hydrogen='1 ocean'. May be repeated."
    return click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help=text)(function)


@commands.command()
@click.argument("case")
@_set_option
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder for the results [default: runs/CASE, numbered].")
@click.option("--overwrite", is_flag=True, help="Replace a run that the folder holds.")
@click.option("--figures/--no-figures", default=True, help="Draw the figures too.")
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
def run(case, settings, output, overwrite, figures, quiet):
    """Evolve CASE (a shipped name, see 'mocoupled cases', or a TOML file) until it ends."""
    from . import screen
    from .output import FIGURES, claim, write
    from .run import evolve, finish, prepare

    asked = _case(case, settings)
    folder = claim(output, overwrite) if output is not None else _free_folder(asked.name)
    log = _Log(quiet)
    prepared = prepare(asked)
    screen.describe(prepared.planet, log.console)
    log.console.print(
        f"{len(prepared.system.names)} unknowns, generated and started in {prepared.wall:.2f} s "
        f"({prepared.iterations} Newton iterations)",
        highlight=False,
    )
    with _progress(quiet) as report:
        result = evolve(prepared, report)
    screen.ending(result, log.console)
    files = write(result, folder, log.text())
    if figures:
        from .plots import draw

        files += draw(result, folder / FIGURES)
    if not quiet:
        click.echo(f"wrote in {folder}: {', '.join(f.relative_to(folder).as_posix() for f in files)}")
    finish(result, folder)
    if result.attrs["status"] == "interrupted":
        click.echo(f"interrupted: the part that was reached is in {folder}, marked so.", err=True)
        sys.exit(INTERRUPTED)


@commands.command()
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder for the figures [default: RUN/figures].")
@click.option("--figure", "names", multiple=True, help="Draw only this figure; may be repeated.")
def plot(run_folder, output, names):
    """Draw the figures of a stored RUN from its results alone."""
    from .output import FIGURES, read
    from .plots import draw

    result = read(run_folder)
    base = run_folder if run_folder.is_dir() else run_folder.parent
    for path in draw(result, output or base / FIGURES, names or None):
        click.echo(path)


@commands.command()
@click.argument("case")
@_set_option
@click.option("--code", is_flag=True, help="Print the generated Python module instead.")
def show(case, settings, code):
    """Show what CASE solves: planet, reactions, laws with references, and the declared equations."""
    from . import screen
    from .run import prepare

    prepared = prepare(_case(case, settings))
    if code:
        click.echo(prepared.system.source)
        return
    console = _Log(quiet=False).console
    screen.describe(prepared.planet, console)
    screen.declaration(prepared, console)


@commands.command()
def cases():
    """List the shipped cases."""
    from .case import shipped_cases

    listed = shipped_cases()
    width = max(map(len, listed))
    for name, title in listed.items():
        click.echo(f"{name:<{width}}  {title}")


@commands.command()
def doctor():
    """Check the installation: versions, mechanism checksums and a self-test of some seconds."""
    from . import screen
    from .doctor import mechanisms, self_test, versions

    console = _Log(quiet=False).console
    screen.table("versions", ("package", "version"), list(versions().items()), console)
    screen.table("mechanisms", ("name", "species", "sha256"), mechanisms(), console)
    checks = list(self_test())
    screen.table("self-test", ("check", "measured", "allowed", "verdict"), [c.row for c in checks], console)
    if not all(c.passed for c in checks):
        raise MocoupledError("the self-test failed: the figures above say where")
    click.echo("all is well")


def _case(name, settings):
    from .case import Case

    changes = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key.strip():
            raise InputError(f"--set {setting}", "not of the form KEY=VALUE.", cure="for example --set redox.oxygen_fugacity=IW+2")
        changes[key.strip()] = _value(value.strip())
    case = Case.read(name)
    return case.replace(changes) if changes else case


def _value(text):
    """A TOML value where the text is one (numbers, true, lists, quoted text), else the text itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _free_folder(name) -> Path:
    """runs/NAME, or runs/NAME-2, … : the first that is not there yet."""
    number = 1
    while (path := Path("runs") / (name if number == 1 else f"{name}-{number}")).exists():
        number += 1
    return path


class _Log:
    """A console that also keeps what it printed, for run.log."""

    def __init__(self, quiet):
        import io

        from rich.console import Console

        screen = io.StringIO() if quiet else sys.stdout
        width = None if screen.isatty() else 130
        self.console = Console(record=True, file=screen, width=width, highlight=False)

    def text(self) -> str:
        return self.console.export_text(clear=False)


def _progress(quiet):
    """A context that yields a progress report (time [s], fraction) or None; the bar shows on a terminal only."""
    from contextlib import contextmanager

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from .constants import YEAR

    @contextmanager
    def shown():
        console = Console(stderr=True)
        if quiet or not console.is_terminal:
            yield None
            return
        columns = (TextColumn("cooling"), BarColumn(), TextColumn("{task.fields[reached]}"), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("", total=1.0, reached="")
            yield lambda time, fraction: bar.update(task, completed=fraction, reached=f"{time / YEAR:.4g} yr")

    return shown()


def main():
    """Entry point: errors meant for the user become one message and an exit status, never a traceback."""
    try:
        status = commands(standalone_mode=False)
    except MocoupledError as error:
        click.echo(f"{type(error).__name__}: {error}", err=True)
        status = error.exit_status
    except click.Abort:
        click.echo("interrupted", err=True)
        status = INTERRUPTED
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except BrokenPipeError:
        status = 1
    sys.exit(status if isinstance(status, int) else 0)
