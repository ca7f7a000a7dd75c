"""Runs with a lid that closes, cut off before and under the lid, continued, and given other ends."""

import io
import json
import signal
from functools import cache

import numpy as np
import pytest
from support.closed_lid import CASES, EARTH, lid_of, ready, result_of
from support.cut_run import cut, marched, same

import mocoupled as mo
from mocoupled.errors import InputError
from mocoupled.runs import checkpoint
from mocoupled.runs.evolution import evolve, taken_up
from mocoupled.runs.under_lid import BEFORE, is_under_lid

SPLIT = ("buffered", "escape", "ferric iron", "column with ferric iron and escape", "iron of the ocean")


def through_a_file(arrays):
    """The arrays, written and read as a checkpoint's are."""
    file = io.BytesIO()
    np.savez(file, **arrays)
    file.seek(0)
    with np.load(file, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


@pytest.mark.parametrize("what", SPLIT)
def test_split_run_is_the_straight_run_to_the_last_bit(what):
    """Cut before the lid, at the first step under it, and later."""
    run, whole = ready(what), result_of(what)
    lid, last = lid_of(whole), whole.sizes["time"] - 1
    again, checkpoints = marched(run, [lid - 30, lid + 1, (lid + last) // 2])
    assert same(again, whole) and len(checkpoints) == 3
    assert [is_under_lid(arrays) for arrays in checkpoints] == [False, True, True]
    for number, arrays in enumerate(checkpoints):
        again = evolve(run, resume=through_a_file(arrays))
        assert same(again, whole), number
        assert json.loads(again.attrs["statistics"])["resumed"] == 1


def test_split_on_both_sides_of_the_lid():
    run, whole = ready("buffered"), result_of("buffered")
    lid, kept = lid_of(whole), []
    _, (first,) = marched(run, [lid - 20])
    evolve(run, resume=first, checkpoint=lambda arrays, last: kept.append(arrays()))
    again = evolve(run, resume=through_a_file(kept[-2]))
    assert is_under_lid(kept[-2]) and same(again, whole)
    assert json.loads(again.attrs["statistics"])["resumed"] == 2


@pytest.mark.parametrize("side", ["before", "under"])
def test_a_folder_goes_on(side, tmp_path):
    run = ready("escape")
    lid = lid_of(result_of("escape"))
    whole = cut(tmp_path, run, lid - 20 if side == "before" else lid + 10)
    again = mo.resume(tmp_path)
    assert same(again, whole) and same(mo.read(tmp_path), whole)
    assert not (tmp_path / "checkpoint.npz").exists()


# --- another end


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"run.after_lid": "end"}, {"run.after_lid": "closed"}),
        ({"run.end_time": "400 kyr"}, {"run.end_time": "600 kyr"}),
        ({"run.end_melt_fraction": 0.015}, {"run.end_melt_fraction": 0.01}),
        ({"run.end_time": "50 kyr"}, {"run.end_surface_temperature": "1700 K", "run.end_time": "300 kyr"}),
        ({"run.end_time": "50 kyr"}, {"run.continue_past_lid": True, "run.end_time": "70 kyr"}),
    ],
)
def test_a_run_goes_on_to_another_end(first, then, tmp_path):
    """As if that end had been prescribed from the start, to the last bit."""
    case = mo.Case.read("earth").replace(EARTH | first)
    mo.run(case, output=tmp_path / "a", keep_checkpoint=True)
    again = mo.resume(tmp_path / "a", then, keep_checkpoint=True)
    title = case.replace(then).title
    straight = mo.run(case.replace(then).replace({"title": title}))
    assert same(again, straight) and same(mo.read(tmp_path / "a"), straight)
    assert same(mo.resume(tmp_path / "a"), straight)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"run.after_lid": "open"}, "its lid has closed; with run.after_lid = 'open' it would not"),
        ({"run.after_lid": "end"}, "its lid has closed"),
        ({"run.continue_past_lid": False}, "its lid has closed"),
        ({"run.end_surface_temperature": "1600 K"}, "its lid has closed at 1650 K, not at 1600 K"),
        ({"run.end_time": "100 kyr"}, "past this end already: the end time"),
        ({"run.end_melt_fraction": 0.02}, "past this end already: The melt fraction"),
    ],
)
def test_a_lid_that_has_closed_stays_closed(change, words, tmp_path):
    run = ready("buffered")
    cut(tmp_path, run, lid_of(result_of("buffered")) + 35)
    before = (tmp_path / "checkpoint.npz").read_bytes()
    with pytest.raises(InputError, match=words):
        mo.resume(tmp_path, change)
    assert (tmp_path / "checkpoint.npz").read_bytes() == before


def test_an_open_lid_that_was_passed_cannot_close(tmp_path):
    name, changes = CASES["buffered"]
    case = mo.Case.read(name).replace(changes | {"run.after_lid": "open", "run.end_melt_fraction": 0.01})
    mo.run(case, output=tmp_path / "a", keep_checkpoint=True)
    with pytest.raises(InputError, match="past this end already: A surface lid forms"):
        mo.resume(tmp_path / "a", {"run.after_lid": "closed"})


# --- damage


@cache
def under_the_lid():
    """The arrays of a checkpoint five steps after the lid has closed."""
    _, (arrays,) = marched(ready("buffered"), [lid_of(result_of("buffered")) + 5])
    return arrays


def damages(name, change):
    def damaged(arrays):
        return arrays | {name: change(arrays[name])}

    return damaged


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (damages(BEFORE + "states", lambda a: a[:, 1:]), "before the lid, wrong number of entries in states"),
        (damages(BEFORE + "states", lambda a: a * np.nan), "before the lid, no finite numbers in states"),
        (damages(BEFORE + "counts", lambda a: a[1:]), "before the lid, wrong number of entries in counts"),
        (damages("time", lambda a: a * 0.99), "its two marches do not meet at the lid"),
        (damages("states", lambda a: a + 0.1), "it began from another state"),
        (damages(BEFORE + "states", lambda a: np.vstack([a[:-1], 0 * a[-1:]])), "damaged"),
        (lambda arrays: {n: a for n, a in arrays.items() if n != BEFORE + "time"}, "it lacks time"),
        (lambda arrays: {n: a for n, a in arrays.items() if n != "solver_y"}, "it lacks solver_y"),
    ],
)
def test_damaged_arrays_are_refused(damage, words, tmp_path):
    run, arrays = ready("buffered"), under_the_lid()
    cut(tmp_path, run)
    checkpoint.Keeper(tmp_path, run.planet, run.system, 0)(lambda: damage(arrays))
    with pytest.raises(InputError, match=words):
        taken_up(run, tmp_path)


# --- Ctrl-C


@pytest.mark.parametrize("step", [-1, 0, 1, 10])
def test_ctrl_c_about_the_lid(step, tmp_path):
    """Pressed in the last steps before the lid, in the one that reaches it, and under it: what was reached is
    stored, and the run goes on to the straight run's bits."""
    whole = result_of("escape")
    pressed = lid_of(whole) + step
    count = 0

    def press(time, way):
        nonlocal count
        count += 1
        if count == pressed:
            signal.raise_signal(signal.SIGINT)

    case = mo.Case.parse(whole.attrs["case"], name="earth")
    result = mo.run(case, output=tmp_path / "a", progress=press)
    assert result.attrs["status"] == "interrupted"
    assert result.sizes["time"] <= pressed + 3
    again = mo.resume(tmp_path / "a")
    assert same(again, whole)
