"""Cases for the fuzzer: sound ones that use every part of the schema, and others of drawn values."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

if TYPE_CHECKING:
    from mocoupled.case import Case

Draw = Callable[[random.Random, object], object]  # (random numbers, value of the case) -> another value

MANY = {
    "chemistry.mechanism": "chons",
    "volatiles.nitrogen": "1 ppmw",
    "volatiles.sulfur": "100 ppmw",
    "volatiles.helium": "1e15 kg",
}
GASES = ["H2", "H2O", "CO", "CO2", "CH4"]
SEEDS = (  # (shipped case, changes): together they touch every key
    ("earth", {}),
    ("earth", {"mantle.model": "lumped"} | MANY | {"volatiles.solubility.N2": "basalt-Dasgupta2022"}),
    ("mars", MANY | {"chemistry.fugacity": "PengRobinson1976", "mantle.model": "lumped"}),
    (
        "earth",
        {
            "redox.oxygen_fugacity": "none",
            "redox.oxygen": "3.4e21 kg",
            "chemistry.fugacity": "PengRobinson1976",
        },
    ),
    (
        "earth",
        {
            "redox.oxygen_fugacity": "none",
            "redox.oxygen": "8 O/H",
            "chemistry.species": GASES,
            "mantle.model": "lumped",
        },
    ),
    (
        "earth",
        {
            "cumulates.coupled": True,
            "cumulates.mix_iron": False,
            "chemistry.species": GASES,
            "escape.law": "Zahnle2019",
            "escape.xuv": 100.0,
            "redox.oxygen_fugacity": "IW-2",
            "volatiles.solubility.H2": "basalt-Hirschmann2012",
        },
    ),
    (
        "E1",
        {
            "cumulates.coupled": True,
            "mantle.closure": "consistent",
            "cumulates.melt_density": "bulk",
            "cumulates.viscosity": "1e16 Pa*s",
            "volatiles.partition_coefficient.H2O": 0.01,
        },
    ),
    (
        "mars",
        {
            "cumulates.coupled": True,
            "cumulates.parameters": "mars",
            "cumulates.crystals": "suspended",
            "cumulates.bulk_iron": 0.25,
            "cumulates.exchange_coefficient": 0.3,
        },
    ),
    (
        "mars",
        {
            "mantle.model": "lumped",
            "cumulates.coupled": True,
            "cumulates.parameters": "mars",
            "cumulates.melting_curves": "bulk",
        },
    ),
    (
        "earth",
        {
            "redox.ferric_iron": "Hirschmann2022",
            "redox.oxygen_fugacity": "none",
            "redox.ferric_share": 0.037,
            "escape.law": "Zahnle2019",
        },
    ),
    (
        "mars",
        {
            "melt.composition": "BSE",
            "redox.ferric_iron": "KressCarmichael1991",
            "redox.ferric_pressure": True,
            "redox.ferric_partition": 0.1,
            "redox.total_iron": 0.18,
            "redox.melt_oxides": {"SiO2": 0.45, "MgO": 0.3},
            "mantle.model": "lumped",
        },
    ),
    (
        "mars",
        {
            "mantle.radionuclides": {"K40": 4e-7, "Al26": 1e-8},
            "mantle.tidal_power": "1e14 W",
            "mantle.tidal_decay_time": "1 Myr",
            "mantle.heating": "1e-11 W/kg",
        },
    ),
    (
        "earth",
        {
            "volatiles.hydrogen": "0 kg",
            "volatiles.carbon": "1e20 kg",
            "volatiles.initial_fugacity.H2O": "3 bar",
            "chemistry.fugacity": "ZhangDuan2009-Leachman2009",
        },
    ),
    (
        "earth",
        {
            "volatiles.hydrogen": "0 kg",
            "volatiles.carbon": "0 kg",
            "volatiles.initial_pressure": {"H2O": "30 bar", "CO2": "10 bar"},
            "mantle.model": "lumped",
        },
    ),
    (
        "E1",
        {
            "atmosphere.radiation": "constant-emissivity",
            "atmosphere.emissivity": 1e-4,
            "atmosphere.absorption.H2O": "0.02 m^2/kg",
        },
    ),
    (
        "earth",
        {
            "volatiles.hydrogen": "0 kg",
            "volatiles.carbon": "0 kg",
            "redox.oxygen_fugacity": "log10 fO2 = -9.5",
            "redox.buffer": "none",
            "mantle.model": "lumped",
        },
    ),
    (
        "F1",
        {
            "mantle.closure": "reference",
            "run.after_lid": "open",
        },
    ),
    (
        "L",
        {
            "chemistry.graphite": True,
            "chemistry.graphite_pressure": True,
            "chemistry.water": True,
            "redox.buffer": "none",
            "redox.oxygen_fugacity": "QFM-1",
        },
    ),
    (
        "earth",
        {
            "run.after_lid": "closed",
            "escape.law": "Zahnle2019",
            "chemistry.oxygen_in_gas": True,
            "mantle.model": "lumped",
        },
    ),
    ("chili-trappist1alpha", {}),
    ("chili-venus", {"mantle.model": "lumped", "run.end_melt_fraction": "none", "run.end_time": "1 kyr"}),
)
SYMBOLS = {
    "oxygen": "O",
    "hydrogen": "H",
    "helium": "He",
    "carbon": "C",
    "nitrogen": "N",
    "fluorine": "F",
    "neon": "Ne",
    "phosphorus": "P",
    "sulfur": "S",
    "chlorine": "Cl",
    "argon": "Ar",
    "bromine": "Br",
    "krypton": "Kr",
    "iodine": "I",
    "xenon": "Xe",
    "silicon": "Si",
    "magnesium": "Mg",
    "iron": "Fe",
    "sodium": "Na",
    "potassium": "K",
    "aluminium": "Al",
    "calcium": "Ca",
    "titanium": "Ti",
    "chromium": "Cr",
}
SMALL = {"mantle.cells": 10, "mantle.shells": 10}
SHORT = 300 * 3.15576e7  # s: of a run, some hundred steps


@cache
def sound() -> tuple[bytes, ...]:
    """Every seed with all its keys and their values; the first have all that earth has."""
    import mocoupled as mo

    return tuple(mo.Case.read(name).replace(changes).to_toml().encode() for name, changes in SEEDS)


def small(case: Case) -> Case:
    """The same case with few cells, an end after SHORT and a tolerance that takes few steps."""
    return case.replace(
        SMALL | {"run.end_time": min(case.run.end_time or SHORT, SHORT), "run.rtol": max(case.run.rtol, 1e-6)}
    )


@cache
def _pools() -> dict[str, Draw]:
    """Key -> function that draws a value, for every key of a kind that can be drawn."""
    from mocoupled.schema.keys import is_table, leaves
    from mocoupled.schema.quantities import Inventory

    kinds = {
        "buffer": "buffer",
        "ferric_iron": "ferric_iron",
        "radiation": "radiation",
        "solubility": "solubility",
        "fugacity": "fugacity",
        "solidus": "solidus",
        "liquidus": "liquidus",
        "melt_eos": "equation_of_state",
        "solid_eos": "equation_of_state",
    }
    texts = {
        "oxygen_fugacity": ("IW-4", "IW+4", "QFM", "NNO+1", "log10 fO2 = -12", "none"),
        "mechanism": ("volatiles", "chons", "hco"),
        "thermochemistry": ("nasa7", "bower2022"),
        "law": ("none", "Zahnle2019"),
        "parameters": ("earth", "mars"),
    }
    entries = {"radionuclides": ("Al26", "U238", "K40"), "melt_oxides": ("SiO2", "Na2O", "CaO")}
    pools: dict[str, Draw] = {}
    for section, key, spec, si in leaves():
        name = f"{section}.{key}" if section else key
        if si is not None:
            draw = _number(si)
        elif spec.annotation is Inventory or name == "redox.oxygen":
            draw = _inventory
        elif spec.annotation is bool:
            draw = _switch
        elif get_origin(spec.annotation) is Literal:
            draw = _choice(get_args(spec.annotation))
        elif key in kinds:
            draw = _law(kinds[key])
        elif key in texts:
            draw = _choice(texts[key])
        elif key == "species":
            draw = _species
        else:
            continue
        pools[name] = _in_table(draw, entries.get(key, (*GASES, "N2", "He"))) if is_table(spec) else draw
    return pools


def _switch(rng: random.Random, here: object) -> bool:
    return rng.random() < 0.5


def _choice(choices: Sequence[object]) -> Draw:
    return lambda rng, here: rng.choice(choices)


def _law(kind: str) -> Draw:
    """The name of a law of a kind, or a name that may not be one of them."""
    from mocoupled.closures import law

    return lambda rng, here: rng.choice((*law.names(kind), "none", "ideal"))


def _species(rng: random.Random, here: object) -> object:
    listed = rng.sample([*GASES, "O2", "N2", "S2", "He", "H2S"], rng.randint(1, 8))
    return rng.choice(("all", listed))


def _number(si: Any) -> Draw:
    """Near the value of the case, at an end of the allowed range, or anywhere between, by decades."""

    def draw(rng: random.Random, here: object) -> object:
        if si.optional and rng.random() < 0.2:
            return "none"
        low, high = max(si.low, -1e30), min(si.high, 1e30)
        kind = rng.randrange(5)
        if kind == 0:
            return low if si.whole or "low" not in si.exclusive else max(low * (1 + 1e-9), 1e-12)
        if kind == 1 and si.high < 1e30:
            return high if "high" not in si.exclusive else high * (1 - 1e-9)
        if kind == 2 and low > 0:
            return _whole(si, low * (high / low) ** rng.random())
        number = float(str(here).split()[0]) if str(here).split()[:1] and str(here)[:1].isdigit() else 1.0
        return _whole(si, number * 10.0 ** rng.uniform(-1.0, 1.0))

    return draw


def _whole(si: Any, number: float) -> float:
    return round(number) if si.whole else number


def _inventory(rng: random.Random, here: object) -> str:
    return rng.choice(
        (
            "0 kg",
            f"{10 ** rng.uniform(0, 22):.4g} kg",
            f"{10 ** rng.uniform(-6, 5):.4g} ppmw",
            f"{10 ** rng.uniform(-4, 2):.3g} X/H",
        )
    )


def _in_table(draw_entry: Draw, names: Sequence[str]) -> Draw:
    """A table with an entry set, or removed."""

    def draw(rng: random.Random, here: object) -> object:
        table = dict(here) if isinstance(here, dict) else {}
        name = rng.choice((*names, *table))
        if rng.random() < 0.2:
            return {k: v for k, v in table.items() if k != name}
        return table | {name: draw_entry(rng, table.get(name))}

    return draw


def drawn(text: bytes, rng: random.Random, words: Sequence[str] = ()) -> bytes:
    """A case with one to five keys set to values of the right kind, most of them allowed."""
    import tomli_w

    case, pools = tomllib.loads(text.decode()), _pools()
    for name in rng.sample(sorted(pools), rng.choice((1, 1, 2, 3, 5))):
        section, key = name.split(".")
        value = pools[name](rng, case[section].get(key))
        if isinstance(value, str) and value.endswith("X/H"):
            value = value.replace("X", SYMBOLS[key])
        case[section][key] = value
    return tomli_w.dumps(case).encode()
