"""What the tests of resuming share: a small run, and the folder that it leaves when it is cut off."""

import itertools
import json
import sys
from functools import cache

import mocoupled as mo
from mocoupled.runs import checkpoint
from mocoupled.runs.evolution import evolve
from mocoupled.runs.main_job import prepare

ENGINE = sys.modules["mocoupled.runs.main_job"]  # the module; the face's `run` is the function
LUMPED = {"mantle.model": "lumped"}


@cache
def prepared(name, *changes):
    return prepare(mo.Case.read(name).replace(dict(changes)))


def small():
    """A case whose run takes a tenth of a second, with some 270 steps."""
    return prepared("L", *LUMPED.items())


def marched(prepared_run, steps=()):
    """The whole result, and the arrays of the checkpoints after these numbers of steps."""
    checkpoints, count = [], itertools.count(1)

    def keep(arrays, last):
        if next(count) in steps:
            checkpoints.append(arrays())

    return evolve(prepared_run, checkpoint=keep), checkpoints


def same(first, second):
    """Whether two results are equal to the last bit: all numbers, and all attributes but the time it took and
    the cuts."""
    work = [json.loads(result.attrs["statistics"]) for result in (first, second)]
    apart = {key for key in work[0] if work[0][key] != work[1][key]} - {"wall", "resumed"}
    attributes = [{k: v for k, v in result.attrs.items() if k != "statistics"} for result in (first, second)]
    return not apart and repr(attributes[0]) == repr(attributes[1]) and first.equals(second)


_cuts = {}  # identity of a prepared run, number of a step -> that run, its result, the arrays of the step


def cut(folder, prepared_run, steps=60):
    """A folder whose run was cut off, as a kill does it, after a checkpoint at this step."""
    key = id(prepared_run), steps
    if key not in _cuts:
        _cuts[key] = prepared_run, *marched(prepared_run, [steps])
    _, result, (arrays,) = _cuts[key]
    ENGINE.begin(folder, prepared_run.planet.case, "begun\n")
    checkpoint.Keeper(folder, prepared_run.planet, prepared_run.system, 0)(lambda: arrays)
    return result
