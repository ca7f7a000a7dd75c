"""Derivatives of the last state of a march by differences of marches, for the tests of sensitivities."""

import numpy as np

from mocoupled.dae.solve.integrate import march


def marched(prepared, system=None, varied=None):
    """The march of a prepared case to its end time, without events.

    system: its equations with other parameters.
    """
    run = prepared.planet.case.run
    system = prepared.system if system is None else system
    options = {"rtol": run.rtol, "stabilisation": run.stabilisation}
    return march(system, system.start().x, run.end_time, varied=varied, **options)


def differences(prepared, name, step):
    """d(last state)/d(what the name is of) by two marches, at plus and minus a step."""
    system = prepared.system
    direction = prepared.wanted.parameters[prepared.wanted.names.index(name)].direction
    values = {p.name: p.value for p in system.model.parameters}

    def end(move):
        changes = {
            other: values[other] * np.exp(move * weight)
            if direction.relative
            else values[other] + move * weight
            for other, weight in direction.weights.items()
        }
        return marched(prepared, system.at(changes)).states[-1]

    return (end(step) - end(-step)) / (2 * step)


def slopes(prepared, name):
    """The same by the sensitivities."""
    k = prepared.wanted.names.index(name)
    return marched(prepared, varied=prepared.wanted.varied).slopes.states[-1][:, k]
