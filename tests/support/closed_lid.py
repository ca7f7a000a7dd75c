"""What the tests of a closed lid share: the cases, their runs, and the state on both sides of the lid."""

import json
from functools import cache

import numpy as np

import mocoupled as mo
from mocoupled.dae.solve.integrate import End
from mocoupled.runs.ends import LID
from mocoupled.runs.evolution import evolve, lid_start
from mocoupled.runs.under_lid import restored
from support.cut_run import prepared
from support.grey import GREY

CLOSED = {"run.after_lid": "closed"}
LUMPED = {"mantle.model": "lumped"} | CLOSED
EARTH = GREY | LUMPED
COLUMN = {"mantle.cells": 10, "mantle.crystal_size": "1 mm"} | CLOSED
ESCAPE = {"escape.law": "Zahnle2019", "escape.xuv": 100.0}
FERRIC = {"redox.ferric_iron": "KressCarmichael1991"}
SULPHUR = {
    "chemistry.mechanism": "chons",
    "chemistry.species": "H2O,H2,CO2,CO,CH4,N2,NH3,SO2,H2S,S2",
    "volatiles.nitrogen": "1e19 kg",
    "volatiles.sulfur": "1e20 kg",
}
CASES = {
    "buffered": ("earth", EARTH),
    "without O2 in the gas": ("earth", EARTH | {"chemistry.oxygen_in_gas": False}),
    "graphite": ("earth", EARTH | {"redox.oxygen_fugacity": "IW-2", "volatiles.carbon": "5 C/H"}),
    "nitrogen and sulphur": ("earth", EARTH | SULPHUR),
    "real gases": ("earth", EARTH | {"chemistry.fugacity": "PengRobinson1976"}),
    "budget of oxygen": ("earth", EARTH | {"redox.oxygen_fugacity": "none", "redox.oxygen": "5e21 kg"}),
    "ferric iron": ("earth", EARTH | FERRIC),
    "escape": ("earth", EARTH | ESCAPE),
    "one gas": ("WE1", LUMPED),
    "iron of the ocean": ("earth", EARTH | {"cumulates.coupled": True}),
    "pressure at the start": (
        "earth",
        EARTH
        | {
            "volatiles.hydrogen": "0 kg",
            "volatiles.carbon": "1e20 kg",
            "volatiles.initial_pressure.H2O": 1e5,
        },
    ),
    "no gas": ("earth", EARTH | {"volatiles.hydrogen": "0 kg", "volatiles.carbon": "0 kg"}),
    "column": ("earth", GREY | COLUMN),
    "column with ferric iron and escape": ("E1", COLUMN | FERRIC | ESCAPE),
    "column with water": (
        "earth",
        GREY | COLUMN | {"chemistry.water": True, "planet.equilibrium_temperature": "200 K"},
    ),
}


def ready(what):
    """The prepared run of a case."""
    name, changes = CASES[what]
    return prepared(name, *changes.items())


@cache
def marched(what):
    """The run of a case, and the arrays of its last checkpoint."""
    last = []

    def keep(arrays, end):
        last[:] = [arrays]

    result = evolve(ready(what), checkpoint=keep)
    return result, last[0]()


def result_of(what):
    """The run of a case."""
    return marched(what)[0]


def lid_of(result):
    """The number of the state at the lid."""
    time = json.loads(result.attrs["passed"])["surface lid"]
    return int(np.flatnonzero(result.time.values == time)[0])


@cache
def both_sides(what):
    """(outputs before the lid, outputs under it, start under it), outputs by name and label."""
    run = ready(what)
    first = restored(marched(what)[1], End("event", LID, ""))
    lid = lid_start(run, first)
    sides = []
    for system, state in ((run.system, first.states[-1]), (lid.system, lid.state)):
        values, _ = system.outputs(state, time=lid.time)
        sides.append({(o.name, o.label): v for o, v in zip(system.model.outputs, values)})
    return *sides, lid


def equilibrium_of(result, index, **more):
    """The package's equilibrium of a closed gas of these elements at the stored temperature and pressure."""
    state = result.isel(time=index)
    moles = {str(e): float(state.gas_element_moles.sel(gas_element=e)) for e in state.gas_element.values}
    return mo.gas_equilibrium(
        temperature=float(state.surface_temperature),
        pressure=float(state.surface_pressure),
        moles=moles,
        species=[str(s) for s in result.species.values],
        mechanism=result.attrs["mechanism"],
        **more,
    )
