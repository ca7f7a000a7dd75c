"""The command line: mocoupled run | plot | show | cases | doctor; and those of the other files here."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import click

from ..errors import InputError, MocoupledError
from ..version import __version__
from . import equilibria as static
from . import exports as output
from . import mantle, melting, reproduce, sweep, terminal
from . import run as cli_run
from .output_files import as_path, draw_figures, listed
from .run import INTERRUPTED

EXAMPLES = """\b
Examples:
  mocoupled run earth
  mocoupled run earth --set redox.oxygen_fugacity=IW-2 -o runs/reduced
  mocoupled show earth --keys"""


@click.group(
    epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="mocoupled")
def commands():
    """From a planet's hydrogen, carbon and oxygen to its early atmosphere and its mantle."""


commands.list_commands = lambda context: list(commands.commands)  # in the order of this file


commands.add_command(cli_run.run_case)
commands.add_command(cli_run.resume)
commands.add_command(sweep.sweep)
commands.add_command(static.equilibrium)
commands.add_command(static.gas)
commands.add_command(static.compare)
commands.add_command(reproduce.reproduce)
commands.add_command(melting.melting)
commands.add_command(mantle.mantle)


@commands.command(short_help="Draw the figures of a stored run.")
@click.argument("run_folder", metavar="RUN")
@click.option("-o", "--output", metavar="FOLDER", help="Where to write [default: RUN/figures].")
@click.option(
    "--figure", "names", multiple=True, metavar="NAME", help="Draw this figure only; may be repeated."
)
@click.option("--format", default="png", metavar="FORMAT", help="png or pdf [default: png].")
@click.option("--time-axis", default="log", metavar="AXIS", help="log or linear [default: log].")
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
def plot(run_folder, output, names, format, time_axis, quiet):
    """Draw the figures of a stored RUN (its folder, or its evolution.nc) from its results alone."""
    from ..files import new_folder
    from ..results.file_names import FIGURES
    from ..results.output import read_one

    stored = as_path(run_folder)
    beside = (stored if stored.is_dir() else stored.parent) / FIGURES
    if output is None and beside.is_symlink():
        raise InputError(
            f"output {beside}",
            "this is a symbolic link: files behind it may be of something else.",
            cure=f"remove the link, or say where to draw: --output {beside}",
        )
    folder = new_folder(as_path(output) if output is not None else beside)
    result = read_one(stored)
    files: list[Path] = []
    try:
        with terminal.interrupts_held() as pressed:
            draw_figures(result, folder, files, quiet, pressed, names, format=format, time_axis=time_axis)
    finally:
        if files and not quiet:
            click.echo(f"wrote in {folder}: {listed(files, folder)}")
    return terminal.say("interrupted", INTERRUPTED) if pressed() else 0


commands.add_command(output.report)
commands.add_command(output.cite)
commands.add_command(output.export)


@commands.command(short_help="Show what a case solves: planet, laws, equations.")
@click.argument("case")
@cli_run.SET
@click.option(
    "--keys",
    is_flag=True,
    help="List every key of a case instead: value here, what is allowed, what it means.",
)
@click.option("--code", is_flag=True, help="Print the generated Python module instead.")
def show(case, settings, keys, code):
    """Show what CASE solves: planet, reactions, laws with their references, and the declared equations."""
    from .pages import pages as screen

    asked = terminal.read_case(case, settings)
    page = terminal.Page()
    if keys:
        screen.keys(asked, page.console)
        return page.show()
    from ..runs.main_job import prepare

    with terminal.bar(code, "preparing"):
        prepared = prepare(asked)
    if code:
        return click.echo(prepared.system.source, nl=False)
    from .pages.declaration import declaration

    declaration(prepared, page.console)
    return page.show()


@commands.command(short_help="List the shipped cases.")
def cases():
    """List the shipped cases: the name that 'mocoupled run' takes, and what it is."""
    from ..case import shipped_cases

    listed = shipped_cases()
    width = max(map(len, listed))
    click.echo("\n".join(f"{name:<{width}}  {title}" for name, title in listed.items()))


@commands.command(short_help="Check the installation.")
def doctor():
    """Check the installation: versions, mechanism checksums, and a self-test of some seconds."""
    from .pages import pages as screen
    from .self_test import mechanisms, self_test, versions

    page = terminal.Page()
    screen.rows(list(versions().items()), page.console, "versions")
    screen.rows(
        [(name, f"{size} species, sha256 {digest}") for name, size, digest in mechanisms()],
        page.console,
        "mechanisms",
    )
    page.print("\nself-test")
    page.show()
    passed = []
    for check in self_test():
        page.print(check.line)
        page.show()
        passed.append(check.passed)
    if not all(passed):
        raise MocoupledError(
            f"the self-test failed: {passed.count(False)} of {len(passed)} checks, marked above."
        )
    click.echo("all is well")


# ---- the door


def main():
    """Entry point: what goes wrong becomes one message and an exit status, never a traceback."""
    gc.set_threshold(
        200_000, 20, 50
    )  # sympy's and xarray's many lasting objects are not walked through again and again
    terminal.open_streams()
    terminal.plain_warnings()
    try:
        if any(
            "\udc80" <= letter <= "\udcff" for word in sys.argv for letter in word
        ):  # as Python hands on stray bytes
            raise InputError("command line", "it holds bytes that are not text in UTF-8.")
        status = commands(standalone_mode=False)
        sys.stdout.flush()
    except MocoupledError as error:
        status = terminal.say(f"{type(error).__name__}: {error}", error.exit_status)
    except (click.Abort, KeyboardInterrupt):
        status = terminal.say("interrupted", INTERRUPTED)
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except ImportError as error:
        status = terminal.say(
            f"a library is missing or broken: {error}. Install mocoupled again, with its dependencies.", 1
        )
    except OSError as error:
        status = terminal.say(f"{error.filename or 'output'}: {error.strerror or error}.", 1)
        terminal.close_stdout()
    sys.exit(status if isinstance(status, int) else 0)
