"""Keys of a case that would act on nothing in its run: refused before the run, never ignored."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from ..case import Case
from ..errors import InputError
from ..schema.escape_keys import ALONE, Escape
from ..schema.keys import section_model
from ..schema.settings import Settings
from ..units import shown


class Need(NamedTuple):
    """A value of another key that a key needs to act. text: as a user would write it."""

    text: str
    holds: Callable[[Case], bool]


COUPLED = Need("cumulates.coupled = true", lambda case: case.cumulates.coupled)
SETTLE = Need("cumulates.crystals = 'settle'", lambda case: case.cumulates.crystals == "settle")
REMELTS = Need("cumulates.remelting = true", lambda case: case.cumulates.remelting)
COLUMN = Need("mantle.model = 'column'", lambda case: case.mantle.model == "column")
ESCAPE = Need("a law in escape.law", lambda case: case.escape.law != "none")
GRAPHITE = Need("chemistry.graphite = true", lambda case: case.chemistry.graphite)
MASS = Need("planet.mass", lambda case: case.planet.mass is not None)
ONE_TEMPERATURE = Need(
    "cumulates.remelting = true",
    lambda case: case.cumulates.remelting or case.cumulates.pile != "one-temperature",
)

# Key -> what it needs. A shipped case states cumulates.parameters, escape.prefactor, escape.xuv, keys of
# [star] and of [mantle] whatever the run; melting_curves and melt_density are checked with the column.
NEEDS: dict[str, tuple[Need, ...]] = {
    "cumulates.bulk_iron": (COUPLED,),
    "cumulates.viscosity": (COUPLED,),
    "cumulates.exchange_coefficient": (COUPLED,),
    "cumulates.crystals": (COUPLED,),
    "cumulates.remelting": (COUPLED, SETTLE),
    "cumulates.pile": (COUPLED, SETTLE, ONE_TEMPERATURE),
    "cumulates.trapped_melt": (COUPLED, SETTLE),
    "cumulates.mix_iron": (COUPLED, COLUMN, SETTLE, REMELTS),
    **{f"escape.{name}": (ESCAPE,) for name in Escape.model_fields if name not in ("law", *ALONE)},
    "chemistry.graphite_pressure": (GRAPHITE,),
    "planet.mantle_material": (MASS,),
    "planet.core_material": (MASS,),
}


def check_idle_keys(case: Case) -> None:
    """InputError for the first key that differs from its default and would act on nothing in a run."""
    for dotted, needs in NEEDS.items():
        section_name, name = dotted.split(".")
        section = getattr(case, section_name)
        missing = [need.text for need in needs if not need.holds(case)]
        if not missing or getattr(section, name) == _defaults(section_name)[name]:
            continue
        stated = case.resolved()[section_name][name]  # with its unit, as in a file
        text = str(stated).lower() if isinstance(stated, bool) else shown(stated)
        raise InputError(
            f"{case.name} [{section_name}] {name} = {text}",
            f"it acts only with {', '.join(missing)}; here it would act on nothing.",
            "",
            f"remove it, or set {missing[0]}",
        )


@cache
def _defaults(section: str) -> dict[str, Any]:
    """The value of each key of a section that a case does not state."""
    model = section_model(Settings.model_fields[section])
    return {} if model is None else dict(model())
