"""The command line: the group of all commands, and the entry point that turns errors into messages.

Each command is in a file of its name. A file of a command imports nothing heavy; the command does, when it
runs.
"""

from __future__ import annotations

import gc
import sys
from typing import NoReturn

import click

from ..errors import InputError, MocoupledError
from ..version import __version__
from .cases import cases_command
from .cite import cite_command
from .compare import compare_group
from .doctor import doctor_command
from .equilibrium import equilibrium_command
from .export import export_command
from .gas import gas_command
from .init import init_command
from .mantle import mantle_command
from .melting import melting_group
from .planet_equilibrium import planet_equilibrium_command
from .plot import plot_command
from .profiles import profiles_command
from .radiation import radiation_command
from .report import report_command
from .reproduce import reproduce_command
from .resume import resume_command
from .run import run_command
from .saturation import saturation_command
from .show import show_command
from .species import species_group
from .sweep import sweep_command
from .terminal import INTERRUPTED, close_stdout, open_streams, plain_warnings, say
from .uncertainty import uncertainty_command
from .vapour import vapour_command

EXAMPLES = """\b
Examples:
  mocoupled run earth
  mocoupled run earth --set redox.oxygen_fugacity=IW-2 -o runs/reduced
  mocoupled show earth --keys"""


@click.group(
    epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="mocoupled")
def command_group() -> None:
    """From a planet's hydrogen, carbon and oxygen to its early atmosphere and its mantle."""


# In this order the help lists them.
COMMANDS: tuple[click.Command, ...] = (
    run_command,
    resume_command,
    sweep_command,
    equilibrium_command,
    uncertainty_command,
    gas_command,
    vapour_command,
    planet_equilibrium_command,
    species_group,
    radiation_command,
    compare_group,
    reproduce_command,
    melting_group,
    mantle_command,
    plot_command,
    profiles_command,
    saturation_command,
    report_command,
    cite_command,
    export_command,
    show_command,
    cases_command,
    init_command,
    doctor_command,
)
for _command in COMMANDS:
    command_group.add_command(_command)
command_group.list_commands = lambda ctx: list(command_group.commands)  # type: ignore[method-assign]  # click sorts by name


def main() -> NoReturn:
    """Entry point: an error becomes one message and an exit status, never a traceback."""
    # sympy and xarray make many lasting objects, which the collector need not walk through so often
    gc.set_threshold(200_000, 20, 50)
    open_streams()
    plain_warnings()
    try:
        if any(_has_stray_bytes(word) for word in sys.argv):
            raise InputError("command line", "it holds bytes that are not text in UTF-8.")
        status = command_group(standalone_mode=False)
        sys.stdout.flush()
    except MocoupledError as error:
        status = say(f"{type(error).__name__}: {error}", error.exit_status)
    except (click.Abort, KeyboardInterrupt):
        status = say("interrupted", INTERRUPTED)
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except ImportError as error:
        status = say(
            f"a library is missing or broken: {error}. Install mocoupled again, with its dependencies.", 1
        )
    except OSError as error:
        status = say(f"{error.filename or 'output'}: {error.strerror or error}.", 1)
        close_stdout()
    sys.exit(status if isinstance(status, int) else 0)


def _has_stray_bytes(word: str) -> bool:
    """Whether a word has bytes that Python could not decode; it hands them on as surrogates."""
    return any("\udc80" <= letter <= "\udcff" for letter in word)
