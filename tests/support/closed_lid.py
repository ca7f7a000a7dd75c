"""What the tests of a closed lid share: the cases, their runs, and the state on both sides of the lid."""

import json
from functools import cache

import numpy as np

import mocoupled as mo
from mocoupled.dae.solve.integrate import march
from mocoupled.runs.ends import events
from mocoupled.runs.evolution import evolve, lid_start
from support.cut_run import prepared

CLOSED = {"run.after_lid": "closed"}
LUMPED = {"mantle.model": "lumped"} | CLOSED
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
    "buffered": ("earth", LUMPED),
    "without O2 in the gas": ("earth", LUMPED | {"chemistry.oxygen_in_gas": False}),
    "graphite": ("earth", LUMPED | {"redox.oxygen_fugacity": "IW-2", "volatiles.carbon": "5 C/H"}),
    "nitrogen and sulphur": ("earth", LUMPED | SULPHUR),
    "real gases": ("earth", LUMPED | {"chemistry.fugacity": "PengRobinson1976"}),
    "budget of oxygen": ("earth", LUMPED | {"redox.oxygen_fugacity": "none", "redox.oxygen": "5e21 kg"}),
    "ferric iron": ("earth", LUMPED | FERRIC),
    "escape": ("earth", LUMPED | ESCAPE),
    "one gas": ("WE1", LUMPED),
    "iron of the ocean": ("earth", LUMPED | {"cumulates.coupled": True}),
    "pressure at the start": (
        "earth",
        LUMPED
        | {
            "volatiles.hydrogen": "0 kg",
            "volatiles.carbon": "1e20 kg",
            "volatiles.initial_pressure.H2O": 1e5,
        },
    ),
    "no gas": ("earth", LUMPED | {"volatiles.hydrogen": "0 kg", "volatiles.carbon": "0 kg"}),
    "column": ("earth", COLUMN),
    "column with ferric iron and escape": ("E1", COLUMN | FERRIC | ESCAPE),
    "column with water": (
        "earth",
        COLUMN | {"chemistry.water": True, "planet.equilibrium_temperature": "200 K"},
    ),
}


def ready(what):
    """The prepared run of a case."""
    name, changes = CASES[what]
    return prepared(name, *changes.items())


@cache
def result_of(what):
    """The run of a case."""
    return evolve(ready(what))


def lid_of(result):
    """The number of the state at the lid."""
    time = json.loads(result.attrs["passed"])["surface lid"]
    return int(np.flatnonzero(result.time.values == time)[0])


@cache
def both_sides(what):
    """(outputs before the lid, outputs under it, start under it), outputs by name and label."""
    run = ready(what)
    options = run.planet.case.run
    first = march(
        run.system,
        run.start,
        options.end_time,
        events=events(run.planet, run.system),
        rtol=options.rtol,
        stabilisation=options.stabilisation,
    )
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
