"""A record's closed system by our kernel and by Cantera's minimiser."""

from __future__ import annotations

import json
import math
import warnings
from importlib import metadata

from ..chemistry.mechanism import read_mechanism
from ..equilibria.closed_equilibrium import gas_equilibrium
from ..errors import ConvergenceError, InputError
from .answers import Answer
from .factsage import Record
from .modelled import solids

FEW = ("H2", "H2O", "CO", "CO2", "CH4", "O2")  # the gases of Bower et al. 2022
BY = {"kernel": "our kernel", "cantera": "Cantera"}


def solve(
    record: Record,
    moles,
    pressure: float,
    mechanism: str | None,
    chosen: str,
    species="all",
    law: str = "ideal",
    engine: str = "kernel",
) -> Answer:
    """Gases and condensates of element -> mol at the record's temperature and a pressure [Pa].

    mechanism: as the user named it, or None; chosen: the name that it has or that follows from the elements. InputError
    with the record's place, ConvergenceError where there is no result.
    """
    pure = solids(record, moles, chosen)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # of a point without a result, which is an error here; of laws, which the page names
            found = gas_equilibrium(
                record.temperature,
                pressure,
                dict(moles),
                species,
                pure,
                mechanism=mechanism,
                fugacity=law,
                engine=engine,
            )
    except InputError as error:
        raise InputError(f"{record.place}: {error.where}", error.problem, error.allowed, error.cure) from None
    if not bool(found.converged):
        raise ConvergenceError(f"{record.place}: {BY[engine]} did not converge.")

    def labelled(variable, label):
        return (
            {str(s): float(v) for s, v in zip(found[label].values, found[variable].values)}
            if variable in found
            else {}
        )

    names = [str(s) for s in found.species.values]
    program = f"Cantera {metadata.version('cantera')}" if engine == "cantera" else "our kernel"
    fugacities = "" if law == "ideal" else f", fugacity coefficients by {law}"
    return Answer(
        labelled("pressure", "species"), labelled("condensate_moles", "condensate"), _what(names, read_mechanism(chosen).name, pure, program, fugacities),
        gas_moles=float(found.gas_moles.sum()), activities=labelled("condensate_activity", "condensate"),
        coefficients=labelled("fugacity_coefficient", "species"), log10_fO2=float(found.log10_fO2) if "log10_fO2" in found else math.nan,
        stretched=tuple(dict.fromkeys(f"{e['law']} ({e['argument']})" for e in json.loads(found.attrs.get("extrapolations", "[]")))),
    )  # fmt: skip


def _what(names, mechanism, pure, program, fugacities) -> str:
    condensed = [{"C(gr)": "graphite", "H2O(l)": "liquid water"}.get(s, s) for s in pure]
    return f"{' and '.join([f'{len(names)} gases of {mechanism}', *condensed])} in a closed system, by {program}{fugacities}"


def attempt(*arguments, **more) -> Answer:
    """The same; an Answer that says why where there is no result."""
    try:
        return solve(*arguments, **more)
    except (InputError, ConvergenceError) as error:
        return Answer({}, {}, "", f"no result: {str(error).splitlines()[0]}")
