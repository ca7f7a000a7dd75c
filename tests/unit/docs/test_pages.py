"""The text of README.md and of the pages of docs/: blocks that are all followed, numbers that have a source.

The pages are followed word for word in tests/docs.
"""

import re

import pytest
from support.pages import DOCS, check_numbers, examples

from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.chemistry.mechanism_paths import shipped_mechanisms

PAGE = DOCS / "add-a-species.md"


def test_numbers_are_compared_to_their_last_digit():
    same = examples.same
    assert same("a 1.23e-05  b", "a  1.24e-05 b") and not same("a 1.23e-05", "a 1.25e-05")
    assert same("largest residual 1.8e-15", "largest residual 9e-16")
    assert not same("largest residual 1.8e-15", "largest residual 2e-12")
    assert not same("p 1.8e-15 bar", "p 9.0e-16 bar")
    assert same("H2O 7", "H2O 7") and not same("H2O 7", "H2O 8") and not same("x 1", "y 1")


def test_lines_are_found_in_their_order():
    assert examples.missing("a 1\n[...]\nc 3", "a 1\nb 2\nc 3\n") == ""
    assert examples.missing("c 3\na 1", "a 1\nb 2\nc 3\n") == "a 1"
    assert examples.missing("a 1.2\nd", "a 1.2\nb") == "d"


def test_pages_have_what_they_promise():
    """That the pattern of the blocks does not pass over any: every fence of a page is one of a block."""
    for page in examples.PAGES:
        fences = len(re.findall(r"^```", page.read_text(encoding="utf-8"), re.M))
        assert fences == 2 * len(examples.blocks(page)), page.name
    kinds = [block.kind for page in examples.PAGES for block in examples.blocks(page)]
    assert kinds.count("run") >= 20 and kinds.count("stored") >= 5 and kinds.count("prints") >= 20


def test_every_stored_output_is_shown():
    wanted = {
        block.argument for page in examples.PAGES for block in examples.blocks(page) if block.kind == "stored"
    }
    assert {path.stem for path in examples.OUTPUTS.glob("*.txt")} == wanted


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("673 bar, half of it H2O, by case E1", ["673"]),
        ("10 to 20 oceans, 10–20 or 5-7", ["10", "20", "10", "20", "5", "7"]),
        ("IW+1.9 and IW-2; −0.3 dex", ["+1.9", "-2", "-0.3"]),
        ("13 209 yr, 8.7e20 kg and 1e-12", ["13 209", "8.7e20", "1e-12"]),
        ("`--workers 4`, [more](page.md#part-2), version 0.1.0", []),
        ("Bower et al. 2022 (Fig. 4 and 5, Eq. 11, section 4.2), Abe & Matsui 1985", []),
        ("2000 K after 1990 yr", ["2000", "1990"]),
        ("1. first\n2. second 3", ["3"]),
    ],
)
def test_what_is_a_number_of_a_text(text, wanted):
    assert [item.text for item in check_numbers.numbers(check_numbers.silenced(text))] == wanted


@pytest.mark.parametrize(
    "printed, source, occurs",
    [
        ("673 bar", "673.34 bar", True),
        ("674 bar", "673.34 bar", False),
        ("8.7e20", "8.746e+20", True),
        ("8.75e20", "8.7e+20", False),  # the source has fewer digits
        ("2 %", "melt 0.0210", True),
        ("2 %", "2.0 K", False),
        ("29.5 %", "29.51 %", True),
        ("29.5 %", "29.51,,%", True),
        ("13 209", "13209", True),
    ],
)
def test_a_number_is_that_of_its_source_after_rounding(printed, source, occurs):
    assert check_numbers.occurs(check_numbers.numbers(printed)[0], check_numbers.numbers(source)) is occurs


@pytest.mark.parametrize(
    "text, wrong",
    [
        ("It ends at 673 bar.\n\n<!-- numbers: printed -->\n", []),
        ("It ends at 674 bar.\n\n<!-- numbers: printed -->\n", ["674: printed"]),
        ("It ends at 673 bar.\n", ["673: no source"]),
        ("It ends at 673 bar.\n\n<!-- numbers: printed -->\n\nAfter 5 kyr.\n", ["5: no source"]),
        ("Cells: 100 of 5 cm.\n\n<!-- given: 100 cells -->\n", ["5: no source"]),
        ("## All 5\n", ["5: no source"]),
        (
            "1.95 %\n\n<!-- numbers: validation/reports/bower2022/README.md -->\n",
            ["none of its commands", "1.95 %: "],
        ),
        (
            "1.95 %, `mocoupled reproduce bower2022`\n\n<!-- numbers: validation/reports/bower2022/README.md "
            "-->\n",
            [],
        ),
        ("647 bar\n\n<!-- numbers: tutorial-earth -->\n", ["its command does not stand", "647: "]),
        (
            "<!-- stored: tutorial-earth -->\n```bash\nmocoupled run earth -o runs/earth\n```\n\n647 bar\n\n"
            "<!-- numbers: tutorial-earth -->\n",
            [],
        ),
        ("647 bar\n\n<!-- numbers: nothing -->\n", ["neither a stored output", "647: "]),
    ],
)
def test_a_number_without_its_source_is_found(text, wrong, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "<!-- shown: a test -->\n```\n99\n```\n<!-- prints -->\n```\nsurface pressure 673.34 bar\n```\n\n"
        + text,
        encoding="utf-8",
    )
    result = check_numbers.unaccounted(page)
    assert len(result) == len(wrong) and all(
        part in line for part, line in zip(wrong, result, strict=True)
    ), result


@pytest.mark.parametrize("page", (*examples.PAGES, *check_numbers.REPORTS), ids=lambda page: page.name)
def test_every_number_of_the_page_has_its_source(page):
    """Add what is missing to the comment below the paragraph, or make the number the output of a command:
    docs/check_numbers.py."""
    assert not check_numbers.unaccounted(page)


def test_sections_that_wait_are_there():
    for name, heading in check_numbers.PENDING:
        assert re.search(f"^#+ {re.escape(heading)}$", (DOCS / name).read_text(encoding="utf-8"), re.M), (
            heading
        )


def test_every_law_stands_on_the_page():
    """The table has every law of the shipped mechanisms, and none that is not there; bold ones are one per
    species."""
    text = PAGE.read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([A-Z][\w, ]*?) \| (.*`.*) \|$", text, re.M))
    chons = read_mechanism("chons")
    for species, cell in rows.items():
        named = set(re.findall(r"`([\w-]+-[A-Z]\w+\d{4}[\w-]*)`", cell))
        if "the same three of" in cell:
            named |= {
                n.replace("basalt", melt, 1)
                for n in named
                if "Boulliung" in n
                for melt in re.findall(r"`([a-z]+)`", cell)
            }
        for item in species.split(", "):
            assert named == set(chons.species[item].melt) - {"none"}, item
            assert cell.count("**") == 2
    message = {item for species in rows for item in species.split(", ")}
    assert message == {s.name for s in chons.species.values() if set(s.melt) - {"none"}}


@pytest.mark.parametrize("name", shipped_mechanisms())
def test_every_shipped_mechanism_stands_on_the_page(name):
    assert f"`{name}` (" in PAGE.read_text(encoding="utf-8")
