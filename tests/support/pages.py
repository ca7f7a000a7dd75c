"""The pages of docs/, and how they are followed: in an empty folder, every block in its order."""

import importlib.util
import sys

from support.places import ROOT

DOCS = ROOT / "docs"
# pages on what a user adds to mocoupled or compares it with; the others are about its runs
PAGES_OF_DATA = ("add-a-species.md", "add-a-law.md", "factsage.md", "lower-mantle.md")


def loaded(name):
    """A module of docs/, which is no package."""
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


examples = loaded("examples")
check_numbers = loaded("check_numbers")


def follow_word_for_word(page, folder):
    """Every block of a page. Lines printed on the page come out in their order."""
    output = None
    for block, status, printed in examples.follow(page, folder):
        assert block.kind in examples.KINDS or block.text.startswith("python3 -m venv"), (
            f"a block without a marker:\n{block.text}"
        )
        if block.kind in ("run", "stored"):
            assert status == examples.expected(block), printed
            output = printed
        if block.kind == "stored":
            assert examples.stored(block)[0] == block.text, (
                f"stored output of other commands: python docs/examples.py {page.name}"
            )
        if block.kind == "prints":
            assert output is not None, f"printed by nothing:\n{block.text}"
            lost = examples.missing(block.text, output)
            assert not lost, f"not printed: {lost}\n{output}"
