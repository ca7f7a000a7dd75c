"""The command mocoupled doctor: a check of the installation."""

from __future__ import annotations

import click

from ..errors import MocoupledError
from .terminal import Page


@click.command("doctor", short_help="Check the installation.")
def doctor_command() -> None:
    """Check the installation: versions, mechanism checksums, and a self-test of some seconds."""
    from .installation_check import mechanisms, self_test, versions
    from .pages.text import rows

    page = Page()
    rows(list(versions().items()), page.console, "versions")
    sizes = [(name, f"{size} species, sha256 {digest}") for name, size, digest in mechanisms()]
    rows(sizes, page.console, "mechanisms")
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
