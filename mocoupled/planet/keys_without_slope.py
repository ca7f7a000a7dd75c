"""Keys of a case and numbers of laws that have no derivative: why, and what to do instead."""

from __future__ import annotations

from ..case import Case
from ..schema.element_names import ELEMENTS
from ..schema.keys import every_key
from .parameters_of_case import Refusal
from .varied_keys import EXCHANGE

START = "run.initial_surface_temperature"
DIFFERENCES = "compare two runs in which it differs by some per cent: mocoupled sweep"
STRUCTURE = "the structure of the planet and its equations of state, which are tabulated at the start"
# beginning of a key, the longest that fits -> why it has none
REASONS = {
    "planet.": f"it enters through {STRUCTURE}.",
    "planet.core_": "it enters through the structure and the heat of the core, tabulated at the start.",
    "planet.orbit": "the light of the star has no symbol for it.",
    "mantle.": "it makes the mesh of the mantle.",
    "cumulates.": "it enters through tables of the pile that are made at the start.",
    "star.": "it enters through the tables of the star's evolution.",
    "atmosphere.": "the light and the gas above the surface have no symbol for it.",
    "run.": "it steers the computation, or says when it ends.",
}
CONDITIONS = ("temperature", "melt_fraction")  # of an equilibrium; a key of a section ends like one
NO_SYMBOL = "no symbol stands for it in the equations."
# keys that are parameters of runs that have them
PRESENT = {
    "redox.oxygen_fugacity",
    "redox.oxygen",
    "planet.equilibrium_temperature",
    "run.initial_entropy",
    "atmosphere.emissivity",
    "atmosphere.opacity_factor",
    "mantle.crystal_size",
    "mantle.conductivity",
    "mantle.mixing_length",
    "mantle.tidal_power",
    "mantle.tidal_decay_time",
    *(f"escape.{name}" for name in ("prefactor", "xuv", "xuv_flux", "efficiency", "temperature")),
    *(f"volatiles.{name}" for name in ELEMENTS),
}
# keys with a number of each species or nuclide
OF_EACH = {
    "volatiles.initial_pressure": "H2O",
    "volatiles.initial_fugacity": "H2O",
    "volatiles.partition_coefficient": "H2O",
    "atmosphere.absorption": "H2O",
    "mantle.radionuclides": "K40",
}


def refusal(case: Case, name: str) -> Refusal | None:
    """Why a run of this case has no derivative by this name; None for what is no key of a case.

    name: with or without its section.
    """
    if name == EXCHANGE:
        if case.cumulates.coupled:
            return Refusal(
                "it enters through tables of what melts again of the pile, which are made at the start.",
                "choose a mantle with depth, or cumulates.remelting = false",
            )
        return Refusal("the run does not follow its iron, on which it acts.", "set cumulates.coupled = true")
    key = next((k for k in every_key() if name in (k.name, k.name.partition(".")[2])), None)
    if key is None or name in CONDITIONS:
        return None
    if key.name == START:
        return Refusal(
            "the entropies at which a mantle with depth starts follow from it through tables.",
            "state run.initial_entropy instead, and name that",
        )
    if key.name == "cumulates.exchange_coefficient":
        return Refusal("its factor is the parameter.", f"name {EXCHANGE}, for a relative change of it")
    if key.name in PRESENT:
        return Refusal("the equations of this run do not have it.", "state it, with a law that reads it")
    if key.name in OF_EACH:
        return Refusal("it has a number of each entry.", f"name those: {key.name}.{OF_EACH[key.name]}")
    if not key.unit:
        return Refusal("it is a name or a choice, not a number.", "compare runs with others: mocoupled sweep")
    start = max((start for start in REASONS if key.name.startswith(start)), key=len, default="")
    return Refusal(REASONS.get(start, NO_SYMBOL), DIFFERENCES)
