"""mocoupled resume RUN, and what it shares with mocoupled run: from a prepared case to the files and the figures."""

from __future__ import annotations

import shlex
import sys

import click

from ..errors import InputError
from ..version import __version__
from . import terminal
from .output_files import as_path, draw_figures, listed

INTERRUPTED = 130  # exit status after Ctrl-C, as shells have it
CHECKPOINT = click.option(
    "--checkpoint",
    metavar="SECONDS",
    help="Wall time between two checkpoints, from which 'mocoupled resume' goes on [default: 10, or longer where they would take more than 1 % of the time].",
)

KEEP = click.option(
    "--keep-checkpoint",
    "keep",
    is_flag=True,
    help="Keep the last checkpoint of a complete run, so that 'mocoupled resume --set' can go on to another end.",
)


def first_line() -> str:
    """What the log says of a command: version, time, words."""
    from ..runs.run_folder import stamp

    return f"mocoupled {__version__}, {stamp()}: {shlex.join(sys.argv[1:])}\n\n"


def check_figures(folder, figures):
    """InputError, before anything is computed, where a run would draw through a link over files of something else, or cannot draw."""
    from ..results.output import FIGURES

    if not figures or folder is None:
        return
    place, cure = (
        folder / FIGURES,
        f"run with --no-figures, and 'mocoupled plot {folder} -o FOLDER' draws where you say",
    )
    if place.is_symlink():
        raise InputError(
            f"output {place}",
            "this is a symbolic link: a run draws in its folder alone.",
            cure=f"remove the link; or {cure}",
        )
    if place.exists() and not place.is_dir():
        raise InputError(
            f"output {place}", "this is a file, where a run draws its figures.", cure=f"move it; or {cure}"
        )
    if odd := [name for name in _drawn() if (place / name).is_dir()]:
        raise InputError(
            f"output {place / odd[0]}",
            "this is a folder, where a run draws a figure.",
            cure=f"move it; or {cure}",
        )


def _drawn() -> list[str]:
    """Names of all files that a run may draw."""
    from .. import plots

    return [f"{name}.{format}" for name in plots.FIGURES for format in plots.FORMATS]


def march_and_store(prepared, folder, page, quiet, interval, keep, stored=None):
    """Evolve to the end, from a checkpoint where there is one, and write the results; (result, files written)."""
    from ..results.output import FIGURES
    from ..runs.checkpoint import Keeper
    from ..runs.main_job import evolve
    from ..runs.run_folder import store
    from .pages import pages as screen

    keeper = Keeper(
        folder, prepared.planet, prepared.system, interval, lambda text: terminal.say(f"warning: {text}", 0)
    )
    with terminal.bar(quiet, "cooling") as update:
        result = evolve(
            prepared,
            lambda t, fraction: update(fraction, screen.years(t)),
            keeper,
            stored.arrays if stored else None,
            keep,
        )
    screen.ending(result, page.console)
    files = store(result, folder, page.text, keep)
    if not (folder / FIGURES).is_symlink():  # what is behind a link is not ours
        for old in (folder / FIGURES / name for name in _drawn()):
            if old.is_file() or old.is_symlink():
                old.unlink(
                    missing_ok=True
                )  # of the run that is overwritten or continued: it shows other numbers
    page.show()
    return result, files


def draw_and_tell(result, folder, files, page, figures, quiet, pressed, second=None) -> int:
    """Draw the figures of a run that came to its end, name the files, and say what an interrupted one left; the exit status.

    second: a Painter that draws with us, or None.
    """
    from ..results.output import FIGURES
    from ..runs.main_job import finish

    whole = result.attrs["status"] != "interrupted"
    try:
        if figures and whole:
            draw_figures(result, folder / FIGURES, files, quiet, pressed, shared=second and (second, folder))
    finally:
        page.print(f"\nwrote in {folder}: {listed(files, folder)}")
        page.show()
    finish(result, folder)
    if whole and not pressed():
        return 0
    state = (
        "the results are whole"
        if whole
        else f"what was reached is stored, marked 'interrupted'; 'mocoupled resume {folder}' continues it"
    )
    return terminal.say(f"interrupted: {state}; 'mocoupled plot {folder}' draws it.", INTERRUPTED)


@click.command(short_help="Continue a run that was cut off.")
@click.argument("run_folder", metavar="RUN")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Another end of the run, e.g. --set run.end_time='200 Myr'; may be repeated.",
)
@CHECKPOINT
@KEEP
@click.option("--figures/--no-figures", default=True, help="Draw the figures too, or not.")
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
def resume(run_folder, settings, checkpoint, keep, figures, quiet):
    """Continue the run in the folder RUN, cut off by Ctrl-C, a kill or a full disk, from its last checkpoint to its end.

    The result is that of a run which was never cut off. A run that is complete is left as it is, unless --set gives it
    another end (run.end_time, run.end_surface_temperature, run.end_melt_fraction, run.continue_past_lid) and its
    checkpoint was kept.
    """
    from ..runs.checkpoint import interval_of
    from ..runs.painter import painter
    from ..runs.run_folder import opened, proceed, with_ends

    folder = as_path(run_folder)
    interval = None if checkpoint is None else interval_of(checkpoint)
    changes = terminal.settings_of(settings)
    check_figures(folder, figures)
    page = terminal.Page(quiet)
    with terminal.interrupts_held() as pressed:
        with opened(folder) as found:
            case = with_ends(found, changes, folder)
            if found.status == "complete" and case == found.case:
                page.print(
                    f"{folder} is complete: {found.reason} Nothing is left to do; 'mocoupled plot {folder}' draws it."
                )
                return page.show()
            second = click.get_current_context().with_resource(
                painter(figures and case.mantle.model == "column")
            )
            prepared, stored = _prepared(case, folder, quiet, pressed)
            page.text = f"{found.log.rstrip()}\n\n{first_line()}"
            _tell_beginning(case, folder, stored, page)
            proceed(folder, case)
            result, files = march_and_store(prepared, folder, page, quiet, interval, keep, stored)
        return draw_and_tell(result, folder, files, page, figures, quiet, pressed, second)


def _prepared(case, folder, quiet, pressed):
    """The case, generated, and its checkpoint; Ctrl-C on the way ends it, with nothing changed."""
    from ..runs.main_job import prepare, taken_up

    with terminal.bar(quiet, "preparing"):
        found = prepare(case)
    if pressed():
        raise KeyboardInterrupt
    return found, taken_up(found, folder)


def _tell_beginning(case, folder, stored, page):
    from .pages import pages as screen

    begun = (
        f"from {screen.years(stored.time)}, after {stored.steps} steps"
        if stored
        else "from its start: it had written no checkpoint"
    )
    page.print(f"{case.name} in {folder} goes on {begun}")
    if stored and stored.note:
        page.print(stored.note)
    page.show()
