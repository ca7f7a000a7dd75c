"""What becomes of a dense layer below a convecting mantle: a published criterion of its buoyancy number."""

from __future__ import annotations

from dataclasses import dataclass

NAME = "Jaupart2007"
REFERENCE = (
    "Jaupart, Molnar & Cottrell 2007, J. Fluid Mech. 572, 433: a chemically dense layer heated from below, "
    "marginal stability and laboratory experiments"
)
# buoyancy numbers between which the layer penetrates in part
WHOLE, CONFINED = 0.275, 0.5


@dataclass(frozen=True)
class Regime:
    """name: short; sentence: what the criterion says of the layer."""

    name: str
    sentence: str


def buoyancy_number(excess: float, density: float, expansivity: float, drop: float) -> float:
    """B: density excess [kg/m3] of composition over the largest one of heat, density alpha drop.

    density [kg/m3], expansivity [1/K]; drop [K]: of temperature across the layer; infinite without one.
    """
    return excess / (density * expansivity * drop) if drop > 0 else float("inf")


def regime(B: float) -> Regime:
    """What becomes of a layer of buoyancy number B heated from below."""
    if B > CONFINED:
        return Regime(
            "confined",
            f"above {CONFINED}, convection stays confined to the layer and does not lift it",
        )
    if B > WHOLE:
        return Regime(
            "penetrating",
            f"between {WHOLE} and {CONFINED}, hot rock of the bottom of the layer rises into what lies "
            "above, and part of the layer is entrained",
        )
    return Regime("unstable", f"below {WHOLE}, the entire layer is unstable, rises and mixes")
