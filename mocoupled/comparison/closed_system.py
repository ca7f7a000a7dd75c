"""The closed system of a record by our kernel and by Cantera's minimiser."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import TYPE_CHECKING

from ..chemistry.mechanism import read_mechanism
from ..equilibria.closed_equilibrium import gas_equilibrium
from ..errors import ConvergenceError, InputError
from .answers import Answer
from .factsage import Record
from .modelled_parts import solids

if TYPE_CHECKING:
    import xarray

FEW = ("H2", "H2O", "CO", "CO2", "CH4", "O2")  # the gases of Bower et al. 2022
BY = {"kernel": "our kernel", "cantera": "Cantera"}


def solve(
    record: Record,
    moles: Mapping[str, float],
    pressure: float,
    mechanism: str | None,
    chosen: str,
    species: str | Sequence[str] = "all",
    law: str = "ideal",
    engine: str = "kernel",
) -> Answer:
    """Gases and condensates of element -> mol at the temperature of the record and a pressure [Pa].

    mechanism: as the user named it, or None; chosen: that name, or the one that follows from the elements.
    species: gases that may form. law: of the fugacity coefficients. engine: "kernel" or "cantera".
    Raises InputError with the place of the record, ConvergenceError where there is no result.
    """
    condensates = solids(record, moles, chosen)
    try:
        # Of a point without a result, which is an error here, and of laws, which the page names.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = gas_equilibrium(
                record.temperature,
                pressure,
                dict(moles),
                species,
                condensates,
                mechanism=mechanism,
                fugacity=law,
                engine=engine,
            )
    except InputError as error:
        raise InputError(f"{record.place}: {error.where}", error.problem, error.allowed, error.cure) from None
    if not bool(result.converged):
        raise ConvergenceError(f"{record.place}: {BY[engine]} did not converge.")
    names = [str(s) for s in result.species.values]
    extrapolations = json.loads(result.attrs.get("extrapolations", "[]"))
    return Answer(
        pressures=_labelled(result, "pressure", "species"),
        condensates=_labelled(result, "condensate_moles", "condensate"),
        what=_what(names, read_mechanism(chosen).name, condensates, engine, law),
        gas_moles=float(result.gas_moles.sum()),
        activities=_labelled(result, "condensate_activity", "condensate"),
        coefficients=_labelled(result, "fugacity_coefficient", "species"),
        log10_fO2=float(result.log10_fO2) if "log10_fO2" in result else math.nan,
        stretched=tuple(dict.fromkeys(f"{e['law']} ({e['argument']})" for e in extrapolations)),
    )


def _labelled(result: xarray.Dataset, variable: str, label: str) -> dict[str, float]:
    """Label -> value of a variable; {} where the result does not have it."""
    if variable not in result:
        return {}
    return {str(s): float(v) for s, v in zip(result[label].values, result[variable].values)}


def _what(names: Sequence[str], mechanism: str, condensates: Sequence[str], engine: str, law: str) -> str:
    """What the answer is, in words."""
    condensed = [{"C(gr)": "graphite", "H2O(l)": "liquid water"}.get(s, s) for s in condensates]
    parts = " and ".join([f"{len(names)} gases of {mechanism}", *condensed])
    program = f"Cantera {metadata.version('cantera')}" if engine == "cantera" else "our kernel"
    fugacities = "" if law == "ideal" else f", fugacity coefficients by {law}"
    return f"{parts} in a closed system, by {program}{fugacities}"


def attempt(
    record: Record,
    moles: Mapping[str, float],
    pressure: float,
    mechanism: str | None,
    chosen: str,
    law: str = "ideal",
    engine: str = "kernel",
) -> Answer:
    """As `solve`, with all gases; an Answer that says why where there is no result."""
    try:
        return solve(record, moles, pressure, mechanism, chosen, law=law, engine=engine)
    except (InputError, ConvergenceError) as error:
        return Answer({}, {}, "", f"no result: {str(error).splitlines()[0]}")
