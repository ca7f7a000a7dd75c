"""The command mocoupled show CASE: what a case solves, its keys, or the generated code."""

from __future__ import annotations

import click

from .completion import complete_case
from .options import set_option
from .terminal import Page, bar, read_case

# between the two modules of a run whose lid closes
UNDER_LID = "# ---- the module of the march under the lid, once it has closed: run.after_lid"


@click.command("show", short_help="Show what a case solves: planet, laws, equations.")
@click.argument("case", shell_complete=complete_case)
@set_option()
@click.option(
    "--keys",
    is_flag=True,
    help="List every key of a case instead: value here, what is allowed, what it means.",
)
@click.option(
    "--parameters",
    is_flag=True,
    help="List the parameters that sensitivities and uncertainties can name: value, published error, source.",
)
@click.option(
    "--code",
    is_flag=True,
    help="Print the generated Python module instead; with a lid that closes, both, one after the other.",
)
def show_command(case: str, settings: tuple[str, ...], keys: bool, parameters: bool, code: bool) -> None:
    """Show what CASE solves: planet, reactions, laws with their references, and the declared equations."""
    chosen = read_case(case, settings)
    page = Page()
    if keys:
        from .pages.case_keys import print_keys

        print_keys(chosen, page.console)
        page.show()
        return
    if parameters:
        from ..runs.sensitivities import every_parameter
        from .pages.parameters import print_parameters

        print_parameters(every_parameter(chosen), page.console)
        page.show()
        return
    from ..runs.main_job import prepare

    with bar(code, "preparing"):
        prepared = prepare(chosen)
    if code:
        click.echo(prepared.system.source, nl=False)
        if prepared.under_lid is not None:
            click.echo(f"\n\n{UNDER_LID}\n{prepared.under_lid.source}", nl=False)
        return
    from .pages.equations import print_declaration

    print_declaration(prepared, page.console)
    page.show()
