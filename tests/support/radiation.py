"""Emitters of named gases, and the states of the acceptance table of the radiation by bands."""

import json
from functools import cache

import numpy as np
import xarray

from mocoupled.atmosphere.bands.columns import Environment
from mocoupled.atmosphere.bands.emitter import emitter_of
from mocoupled.atmosphere.bands.gas_data import band_gas
from mocoupled.case import Case
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.constants import BAR, YEAR

# surface temperature [K], partial pressures [bar], flux [W/m2], its logarithmic derivatives by temperature
# and by each pressure: 14 + 10 levels, 9.81 m/s2, stratosphere of 200 K. From an independent program of the
# same closure, printed to five and four digits.
ACCEPTANCE = [
    (300, {"H2O": 1, "N2": 1}, 281.53, (0.5585, 0, -0.0390)),
    (600, {"H2O": 50, "CO2": 10}, 292.21, (0.0095, -0.0100, 0.0080)),
    (1200, {"H2O": 270}, 290.34, (-0.0447, 0.0084)),
    (1500, {"H2O": 10, "CO2": 100, "CO": 5, "H2": 1}, 1702.7, (4.6907, -0.3678, -0.2172, -0.0864, -0.0206)),
    (1700, {"H2O": 100, "CO2": 100, "CO": 5, "H2": 1}, 618.90, (5.5701, -1.1372, 0.3371, -0.0523, -0.0135)),
    (1700, {"H2O": 470, "CO2": 93, "CO": 3.5, "H2": 5}, 282.76, (-0.0241, 0.0015, 0.0037, -0.0001, -0.0011)),
    (1800, {"H2O": 100, "H2": 100}, 264.12, (0.0903, 0.0549, -0.0730)),
    (2000, {"H2O": 270}, 354.66, (3.6335, -0.5864)),
    (2000, {"H2O": 4, "CO2": 138, "CO": 10, "H2": 0.1}, 7360.9, (4.6072, -0.2630, -0.2436, -0.1317, -0.0015)),
    (2500, {"H2O": 20, "CO2": 50, "CO": 160, "H2": 15}, 2371.2, (4.3030, -0.3416, 0.2895, -0.6507, -0.1048)),
    (3000, {"H2O": 30}, 32823.0, (5.9724, -0.7363)),
    (1800, {"H2": 50, "CH4": 50, "N2": 1}, 3775.2, (3.4544, -0.6571, 0.2400, -0.0030)),
    (
        3500,
        {"H2O": 0.1, "CO2": 0.1, "CO": 0.1, "H2": 0.1},
        1.6454e6,
        (6.2616, -0.3196, 0.0885, -0.0196, -0.1125),
    ),
]


@cache
def gas(name):
    """A gas of the shipped mechanism."""
    species = read_mechanism("chons").species[name]
    return band_gas(name, species.composition, species.molar_mass, None)


def radiator(names, around=None, factor=1.0):
    """The emitter of these gases."""
    return emitter_of([gas(name) for name in names], around or Environment(), factor)


def flux(T, bar, around=None, factor=1.0):
    """Outgoing flux [W/m2] at T [K] under partial pressures {gas: bar}."""
    return radiator(bar, around, factor).emission(float(T), pressures(bar)).flux.total


def pressures(bar):
    """Pa, of {gas: bar}."""
    return BAR * np.array([float(value) for value in bar.values()])


def stored_run(changes=None, T=(2500.0, 1800.0, 1400.0), bar=None):
    """A run of chili-earth with its surface alone, at 0, 1 and 100 kyr: {gas: bar at each time}."""
    case = Case.read("chili-earth").replace({"atmosphere.radiation": "bands", **(changes or {})})
    bar = bar or {"H2O": (5, 60, 300), "CO2": (120, 110, 90), "CO": (20, 5, 1), "H2": (0.2, 2, 3)}
    years = np.array([0.0, 1e3, 1e5])[: len(T)]
    known = read_mechanism("volatiles")
    return xarray.Dataset(
        {
            "surface_temperature": ("time", np.array(T), {"units": "K"}),
            "pressure": (("species", "time"), BAR * np.array([*map(list, bar.values())]), {"units": "Pa"}),
            "absorbed_flux": ("time", np.full(len(T), 207.0), {"units": "W/m^2", "long_name": "absorbed"}),
        },
        coords={"time": ("time", YEAR * years, {"units": "s"}), "species": list(bar)},
        attrs={
            "case": case.to_toml(),
            "case_name": case.name,
            "structure": json.dumps({"gravity_m_s2": 9.82}),
            "mechanism": "volatiles",
            "mechanism_sha256": known.checksum,
            "thermochemistry": "nasa7",
        },
    )
