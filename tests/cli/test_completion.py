"""Completion in a shell: names of cases and keys, as click hands them to bash."""

import click
import pytest

from mocoupled.cli.commands import command_group
from mocoupled.cli.completion import complete_case, complete_setting


def completed(complete, text):
    """What a shell offers for the text, without files."""
    context = click.Context(command_group)
    items = complete(context, click.Argument(["case"]), text)
    return [item.value for item in items if item.type == "plain"]


def test_names_of_cases():
    assert completed(complete_case, "ear") == ["earth"]
    assert completed(complete_case, "trappist-1")[:2] == ["trappist-1b", "trappist-1c"]
    assert completed(complete_case, "x") == []


def test_keys_of_a_case():
    assert completed(complete_setting, "redox.oxygen") == ["redox.oxygen_fugacity=", "redox.oxygen="]
    assert all("." in name for name in completed(complete_setting, ""))


@pytest.mark.parametrize("command", ["run", "show", "equilibrium", "uncertainty"])
def test_commands_offer_both(command):
    parameters = {parameter.name: parameter for parameter in command_group.commands[command].params}
    context = click.Context(command_group)
    for name, text in (("case", "eart"), ("settings", "planet.orb")):
        offered = parameters[name].shell_complete(context, text)
        assert offered[0].value in ("earth", "planet.orbit=")
