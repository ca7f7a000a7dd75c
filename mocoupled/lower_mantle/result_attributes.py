"""What the datasets of the melting model share.

The diagram of a user's arguments, and the attributes of a result.
"""

from __future__ import annotations

from types import MappingProxyType

from ..conditions import number
from ..plain_values import plain
from ..version import __version__
from .mixing import PHASES, check_mixing
from .phase_diagrams import PhaseDiagram, phase_diagram

_REFERENCE = (
    "Boukaré, Ricard & Fiquet 2015, J. Geophys. Res. 120, 6085; "
    "Nabiei et al. 2021, Geophys. Res. Lett., 10.1029/2021GL092446"
)
_UNCERTAINTY = (
    "The published mixing law of the liquid survives only as numbers; "
    "of five readings 'full' is taken because it alone "
    "gives D_Fe and the 33-36 % of bridgmanite of Nabiei et al. 2021 at 52 GPa. Temperatures: "
    "at 52 GPa the readings "
    "put pyrolite's liquidus at 3208-4501 K ('half': +197 K). Above about 85 GPa 'full' is low: "
    "MgSiO3 melts at 3912 K "
    "at 136 GPa, where 5000 K and more is usual; 'anchored' takes a melting curve of MgSiO3 instead."
)
# attributes of a variable whose values are indices of PHASES
PHASE_FLAGS = MappingProxyType({"flag_values": [-1, 0, 1, 2], "flag_meanings": f"none {' '.join(PHASES)}"})
VariableAttributes = dict[str, "str | list[int]"]


def diagram_of(
    pressure: float, mixing: str, anchor_temperature: float | None, exchange_factor: float = 1.0
) -> PhaseDiagram:
    """The phase diagram of a user's arguments, units read: pressure [Pa], anchor_temperature [K].

    Raises InputError as `phase_diagram` does, and for values that are not numbers of these units.
    """
    anchor = None if anchor_temperature is None else number(anchor_temperature, "K", "anchor_temperature")
    return phase_diagram(
        number(pressure, "Pa", "pressure"),
        check_mixing(plain(mixing, "mixing")),
        anchor,
        number(exchange_factor, "1", "exchange_factor"),
    )


def dataset_attributes(diagram: PhaseDiagram, title: str) -> dict[str, str | float]:
    """Attributes of a dataset on a phase diagram."""
    attributes: dict[str, str | float] = {
        "Conventions": "CF-1.11",
        "title": f"{title}, {diagram.pressure / 1e9:g} GPa",
        "source": f"mocoupled {__version__}",
        "pressure": diagram.pressure,
        "pressure_units": "Pa",
        "mixing": diagram.mixing,
        "reference": _REFERENCE,
        "uncertainty": _UNCERTAINTY,
    }
    if diagram.mixing == "anchored":
        attributes["anchor_energy_J_mol"] = diagram.anchor
    return attributes


def described(units: str, long_name: str) -> VariableAttributes:
    """Attributes of a variable."""
    return {"units": units, "long_name": long_name}
