"""What mocoupled run and resume do beside the main job: options, pages, figures, Ctrl-C, exit status."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import InputError
from ..version import __version__
from .output_files import draw_figures, listed
from .terminal import INTERRUPTED, Page, bar, deferred_interrupts, say

if TYPE_CHECKING:
    import xarray

    from ..runs.checkpoint import Checkpoint
    from ..runs.job_records import Hooks, Prepared, Progress
    from ..runs.painting import Painter
    from ..runs.run_folder import Standing

CHECKPOINT = click.option(
    "--checkpoint",
    metavar="SECONDS",
    help="Wall time between two checkpoints, from which 'mocoupled resume' continues"
    " [default: 10, or longer where they would take more than 1 % of the time].",
)

KEEP = click.option(
    "--keep-checkpoint",
    "keep",
    is_flag=True,
    help="Keep the last checkpoint of a complete run,"
    " so that 'mocoupled resume --set' can go on to another end.",
)


def first_line() -> str:
    """The first line of a log: version, time, and the words of the command."""
    from ..runs.run_folder import stamp

    return f"mocoupled {__version__}, {stamp()}: {shlex.join(sys.argv[1:])}\n\n"


def check_figures(folder: Path | None, figures: bool) -> None:
    """InputError, before anything is computed, where the figures cannot be drawn in the folder of the run.

    A run does not draw through a link: behind it may be files of something else.
    """
    from ..results.file_names import FIGURES

    if not figures or folder is None:
        return
    place = folder / FIGURES
    cure = f"run with --no-figures, and 'mocoupled plot {folder} -o FOLDER' draws where you say"
    if place.is_symlink():
        raise InputError(
            f"output {place}",
            "this is a symbolic link: a run draws in its folder alone.",
            cure=f"remove the link; or {cure}",
        )
    if place.exists() and not place.is_dir():
        raise InputError(
            f"output {place}",
            "this is a file; a run needs a folder here for its figures.",
            cure=f"move it; or {cure}",
        )
    if odd := [name for name in _drawn() if (place / name).is_dir()]:
        raise InputError(
            f"output {place / odd[0]}",
            "this is a folder; a run needs this name for a figure.",
            cure=f"move it; or {cure}",
        )


def _drawn() -> list[str]:
    """Names of all files that a run may draw."""
    from .. import plots

    return [f"{name}.{format}" for name in plots.FIGURES for format in plots.FORMATS]


def _remove_figures(folder: Path) -> None:
    """Remove the figures of the run that is overwritten or continued: they show other numbers.

    Temporary files that a killed process left beside them go too.
    """
    from ..files import sweep_up
    from ..results.file_names import FIGURES

    if (folder / FIGURES).is_symlink():  # what is behind a link is not ours
        return
    for figure in (folder / FIGURES / name for name in _drawn()):
        if figure.is_file() or figure.is_symlink():
            figure.unlink(missing_ok=True)
    sweep_up(folder / FIGURES)


@dataclass
class DuringRun:
    """What a command does while the main job runs: it prints pages, stores their text, and draws figures.

    stack: contexts that end with the command. pressed(): whether Ctrl-C came. status: exit status of
    the command, once the job has ended.
    """

    page: Page
    quiet: bool
    figures: bool
    stack: ExitStack
    painter: Painter | None = None
    pressed: Callable[[], bool] = field(default=lambda: False)
    status: int = 0

    def hooks(self) -> Hooks:
        """The hooks of the main job."""
        from ..runs.job_records import Hooks

        return Hooks(
            opened=lambda case: self.load_painter(case.mantle.model),
            complete=self._complete,
            preparing=lambda: bar(self.quiet, "preparing"),
            prepared=self._prepared,
            log=lambda: self.page.text,
            marching=self._marching,
            warn=lambda text: say(f"warning: {text}", 0),
            evolved=self._evolved,
            stored=self._stored,
            ended=self._ended,
        )

    def load_painter(self, model: str) -> None:
        """Start the second process that draws, where it is worth it; model: of the mantle."""
        from ..runs.painting import painter

        self.painter = self.stack.enter_context(painter(self.figures and model == "column"))

    def defer_interrupts(self) -> None:
        """From here on Ctrl-C cuts no file and no figure in two."""
        self.pressed = self.stack.enter_context(deferred_interrupts())

    def _complete(self, standing: Standing, folder: Path) -> None:
        self.page.print(
            f"{folder} is complete: {standing.reason} Nothing is left to do;"
            f" 'mocoupled plot {folder}' draws it."
        )
        self.page.show()

    def _prepared(
        self,
        prepared: Prepared,
        standing: Standing | None,
        checkpoint: Checkpoint | None,
        folder: Path | None,
    ) -> None:
        from .pages.case_header import describe
        from .pages.text import counted, years

        if standing is None:
            describe(prepared.planet, self.page.console)
            size = counted(len(prepared.start), "unknown")
            self.page.print(f"\n{size}; equations generated and start solved in {prepared.wall:.1f} s")
            self.page.show()
            self.defer_interrupts()
            return
        if self.pressed():
            raise KeyboardInterrupt
        self.page.text = f"{standing.log.rstrip()}\n\n{first_line()}"
        begun = "from its start: it had written no checkpoint"
        if checkpoint is not None:
            begun = f"from {years(checkpoint.time)}, after {checkpoint.steps} steps"
        self.page.print(f"{prepared.planet.case.name} in {folder} continues {begun}")
        if checkpoint is not None and checkpoint.note:
            self.page.print(checkpoint.note)
        self.page.show()

    @contextmanager
    def _marching(self) -> Iterator[Progress]:
        from .pages.text import years

        with bar(self.quiet, "cooling") as update:
            yield lambda time, fraction: update(fraction, years(time))

    def _evolved(self, result: xarray.Dataset) -> None:
        from .pages.run_end import print_end

        print_end(result, self.page.console)

    def _stored(self, result: xarray.Dataset, folder: Path) -> None:
        _remove_figures(folder)
        self.page.show()

    def _ended(self, result: xarray.Dataset, folder: Path | None, files: list[Path]) -> None:
        """Draw the figures of a complete run, print the names of the files, and print the next steps."""
        from ..results.file_names import FIGURES

        assert folder is not None  # the command always writes
        whole = result.attrs["status"] != "interrupted"
        shared = None if self.painter is None else (self.painter, folder)
        try:
            if self.figures and whole:
                draw_figures(result, folder / FIGURES, files, self.quiet, self.pressed, shared=shared)
        finally:
            self.page.print(f"\nwrote in {folder}: {listed(files, folder)}")
            self.page.show()
        if result.attrs["status"] == "failed" or (whole and not self.pressed()):
            return
        state = (
            "the results are whole"
            if whole
            else f"what was reached is stored, marked 'interrupted'; 'mocoupled resume {folder}' continues it"
        )
        self.status = say(f"interrupted: {state}; 'mocoupled plot {folder}' draws it.", INTERRUPTED)
