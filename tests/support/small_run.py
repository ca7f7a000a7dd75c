"""What the tests of outputs share: one small run of a column with carbon and hydrogen, made once."""

from functools import cache

import mocoupled as mo

TITLE = 'Earth <script>alert("no")</script> & "others" {{ 7 * 7 }}'


@cache
def small_run():
    """chili-earth, grey, on 10 cells from 97 to 35 % melt, under a title that no page must take for anything
    but text."""
    changes = {
        "atmosphere.radiation": "AbeMatsui1985",
        "planet.equilibrium_temperature": "245.8 K",
        "mantle.cells": 10,
        "run.initial_surface_temperature": "2400 K",
        "run.end_melt_fraction": 0.35,
        "title": TITLE,
    }
    return mo.run(mo.Case.read("chili-earth").replace(changes))
