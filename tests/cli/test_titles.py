"""Titles: a changed case says what was changed, whole, and never keeps a value that is no longer there."""

import pytest
from support.command_line import DRY, words

import mocoupled as mo
from mocoupled.plots.style import write_whole
from mocoupled.schema.buffering_case import BufferingCase
from mocoupled.schema.titles import with_changes


def test_a_changed_case_is_called_by_its_name_and_its_changes():
    earth = mo.Case.read("earth")
    changed = earth.replace({"volatiles.hydrogen": "5 ocean", "redox.oxygen_fugacity": "IW-2"})
    assert changed.title == "earth, with volatiles.hydrogen = 5 ocean; redox.oxygen_fugacity = IW-2"
    assert "3 oceans" not in changed.title


def test_changes_of_changes_add_up_and_the_last_value_of_a_key_counts():
    once = mo.Case.read("earth").replace(
        {"volatiles.hydrogen": "5 ocean", "chemistry.species": ["H2", "H2O"]}
    )
    twice = once.replace({"volatiles.hydrogen": "2 ocean", "mantle.cells": 50})
    assert (
        twice.title
        == "earth, with volatiles.hydrogen = 2 ocean; chemistry.species = H2, H2O; mantle.cells = 50"
    )
    read_back = mo.Case.parse(twice.to_toml()).replace({"mantle.cells": 40})
    assert (
        read_back.title.endswith("; mantle.cells = 40") and "volatiles.hydrogen = 2 ocean" in read_back.title
    )


def test_a_change_that_changes_nothing_and_a_title_of_the_user_stay():
    earth = mo.Case.read("earth")
    assert earth.replace({}).title == earth.title
    assert earth.replace({"volatiles.hydrogen": "3 ocean"}).title == earth.title
    assert earth.replace({"volatiles.hydrogen": "1 ocean", "title": "Mine"}).title == "Mine"


def test_a_mantle_case_too():
    changed = BufferingCase.read("earth").replace({"viscosity": "2e18 Pa*s"})
    assert changed.title == "earth, with viscosity = 2e18 Pa*s"
    assert BufferingCase.read("earth").replace({}).title == BufferingCase.read("earth").title


def test_files_and_screen_have_the_changed_title(mocoupled, empty):  # noqa: F811
    status, out, _ = mocoupled("run", "E1", *DRY, "--set", "redox.oxygen_fugacity=IW-2", "-o", "here")
    title = mo.read("here").attrs["title"]
    assert status == 0 and title.startswith("E1, with ") and title.endswith("redox.oxygen_fugacity = IW-2")
    assert title in words(out) and title in words((empty / "here" / "case.toml").read_text())


@pytest.mark.parametrize("changes", [1, 3, 8, 20])
def test_a_title_is_drawn_whole(changes):
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    title = with_changes("earth", "Earth", {f"section.some_key_{k}": f"{k} ocean" for k in range(changes)})
    figure = Figure(figsize=(11.69, 8.27))
    write_whole(figure, 0.66, 7.9, title, 14, 10.5)
    (text,) = figure.texts
    assert words(text.get_text()) == title
    box = text.get_window_extent(FigureCanvasAgg(figure).get_renderer())
    assert box.x1 < figure.bbox.x1 and box.y1 < figure.bbox.y1
