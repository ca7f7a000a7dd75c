"""The verdict on a basal layer: a pure function of a mantle in depth, and the sentence that states it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..closures.dense_layer import NAME, REFERENCE, Regime, buoyancy_number, regime
from ..closures.exchange_coefficient import Exchange
from .frozen_mantle import (
    LAST_MELT,
    Overturned,
    Profile,
    carried,
    completed,
    density,
    overturned,
    phase_volumes,
)

# kg/m3 by which the layer exceeds the rest of the mantle
EXCESS = 100.0
# of the search for the layer and the rest; share of the mantle above which there is no rest
ROUNDS, MOST = 50, 0.5
# Pa: below, no model of the phases that crystallise; above, the equations of state are extrapolated
MODELLED, LAST = 25e9, 140e9
UNMODELLED = (
    "Below 25 GPa pyroxene and akimotoite stand for the olivine, pyroxene, garnet and plagioclase that "
    "crystallise there: these phases are not modelled"
)
METHOD = (
    "the melt that is left freezes fractionally from below, without remelting, and its last "
    f"{100 * LAST_MELT:.0f} % of the mantle as one parcel; the mantle is sorted by density at one pressure; "
    "the buoyancy of iron does not act before this overturn"
)


@dataclass(frozen=True)
class Verdict:
    """The layer at the base of an overturned mantle.

    mass [kg], mass_fraction, thickness [m]: of what is at least `threshold` [kg/m3] denser than the rest.
    excess [kg/m3]: its mean, at equal pressure and temperature; largest_excess: at the core.
    layer_iron, rest_iron: mean Fe/(Fe + Mg).
    temperature_drop [K]: of the core above the rest at the top of the layer.
    buoyancy_number, regime: of the criterion; NaN and None without a layer.
    base_pressure [Pa]; melt_left: of the magma ocean before it froze, a share of the mantle.
    """

    threshold: float
    mass: float
    mass_fraction: float
    thickness: float
    excess: float
    largest_excess: float
    layer_iron: float
    rest_iron: float
    temperature_drop: float
    buoyancy_number: float
    regime: Regime | None
    mantle: Overturned
    base_pressure: float
    melt_left: float

    @property
    def caveats(self) -> tuple[str, ...]:
        """What the sentence must say of phases and equations of state."""
        said = []
        if self.base_pressure < MODELLED:
            said.append(f"{UNMODELLED}, and all of this mantle lies there.")
        else:
            said.append(f"{UNMODELLED}.")
        if self.base_pressure > LAST:
            said.append(
                f"Beyond {LAST / 1e9:g} GPa the equation of state of bridgmanite is extrapolated, and "
                "post-perovskite is left out."
            )
        return tuple(said)

    @property
    def _begun(self) -> str:
        melt = f"the melt of the ocean, {100 * self.melt_left:.3g} % of the mantle,"
        return f"With {melt} frozen and the mantle overturned,"

    @property
    def sentence(self) -> str:
        """Mass, thickness, buoyancy number and criterion, in words."""
        if self.regime is None:
            first = (
                f"{self._begun} nothing at the core is {self.threshold:g} kg/m3 denser than the rest of "
                f"the mantle (at most {self.largest_excess:.0f} kg/m3): no basal layer."
            )
            return " ".join((first, *self.caveats))
        thickness, B = _plainly(self.thickness / 1e3), _plainly(self.buoyancy_number)
        first = (
            f"{self._begun} {100 * self.mass_fraction:.2g} % of the mantle ({self.mass:.2g} kg, {thickness} "
            f"km above the core) is at least {self.threshold:g} kg/m3 denser than the rest, "
            f"{self.excess:.0f} kg/m3 on average (Fe# {100 * self.layer_iron:.0f} against "
            f"{100 * self.rest_iron:.0f})."
        )
        drop = f"With a core {self.temperature_drop:.0f} K hotter than the mantle above the layer"
        if self.temperature_drop <= 0:
            drop = "With a core that is no hotter than the mantle above the layer"
        second = (
            f"{drop}, its buoyancy number is {B}: {self.regime.sentence} (Jaupart, Molnar & Cottrell 2007). "
            "How fast flow above it would erode its top is not computed."
        )
        return " ".join((first, second, *self.caveats))

    @property
    def numbers(self) -> dict[str, float | str]:
        """Attributes of a result: the numbers behind the sentence, method and criterion."""
        values = {
            "mass_kg": self.mass,
            "mass_fraction": self.mass_fraction,
            "thickness_m": self.thickness,
            "threshold_kg_m3": self.threshold,
            "excess_kg_m3": self.excess,
            "largest_excess_kg_m3": self.largest_excess,
            "iron": self.layer_iron,
            "rest_iron": self.rest_iron,
            "temperature_drop_K": self.temperature_drop,
            "buoyancy_number": self.buoyancy_number,
            "melt_left": self.melt_left,
        }
        regime_name = self.regime.name if self.regime else "no layer"
        words = {"regime": regime_name, "criterion": f"{NAME}: {REFERENCE}", "method": METHOD}
        named = {f"basal_layer_{name}": value for name, value in (values | words).items()}
        return {"basal_layer": self.sentence, **named}


def _plainly(number: float) -> str:
    """A number with two digits, or all before the point; "infinite" without a bound."""
    if np.isinf(number):
        return "infinite"
    return f"{number:.0f}" if abs(number) >= 10 else f"{number:.2g}"


def verdict(
    profile: Profile, law: Exchange, heat_capacity: float = 1200.0, threshold: float = EXCESS
) -> Verdict:
    """The basal layer of a mantle: completed to the last melt, overturned, compared with the rest.

    law: K_D of the melt that is left, a number or a law's name. heat_capacity [J/kg/K].
    threshold [kg/m3]: least excess of the layer over the rest, at equal pressure and temperature.
    """
    mantle = overturned(profile, completed(profile, law), heat_capacity)
    total = float(mantle.mass.sum())
    size, rest, excess = _layer(mantle, threshold)
    none = Verdict(
        threshold=threshold,
        mass=0.0,
        mass_fraction=0.0,
        thickness=0.0,
        excess=np.nan,
        largest_excess=float(excess[0]),
        layer_iron=np.nan,
        rest_iron=rest,
        temperature_drop=np.nan,
        buoyancy_number=np.nan,
        regime=None,
        mantle=mantle,
        base_pressure=float(profile.pressure.max()),
        melt_left=profile.molten,
    )
    if not size:
        return none
    mass = mantle.mass[:size]
    share = mass / mass.sum()
    top = np.full(mantle.mass.size - size, mantle.pressure[size])
    above = slice(size, None)
    at_top = carried(
        mantle.iron[above], mantle.pressure[above], mantle.temperature[above], top, heat_capacity
    )
    ambient = float(np.average(at_top, weights=mantle.mass[above]))
    volume, change = phase_volumes(np.array([rest]), top[:1], np.array([ambient]))
    here = float(density(np.array([rest]), top[:1], np.array([ambient]))[0])
    drop = profile.core_temperature - ambient
    mean = float(np.sum(share * excess[:size]))
    B = buoyancy_number(mean, here, float(change[0] / volume[0]), drop)
    return replace(
        none,
        mass=float(mass.sum()),
        mass_fraction=float(mass.sum()) / total,
        thickness=float(mantle.radius[size] - mantle.radius[0]),
        excess=mean,
        largest_excess=float(excess[:size].max()),
        layer_iron=float(np.sum(share * mantle.iron[:size])),
        temperature_drop=drop,
        buoyancy_number=B,
        regime=regime(B),
    )


def _layer(mantle: Overturned, threshold: float) -> tuple[int, float, np.ndarray]:
    """How many parcels from the core up are the layer, the iron of the rest, and the excess of each parcel.

    The rest is what is not the layer: the two are sought together. The layer is at most MOST of the mantle.
    """
    most = int(np.searchsorted(np.cumsum(mantle.mass), MOST * mantle.mass.sum()))
    size = 0
    for _ in range(ROUNDS):
        rest = float(np.average(mantle.iron[size:], weights=mantle.mass[size:]))
        there = density(np.full(mantle.iron.shape, rest), mantle.pressure, mantle.temperature)
        excess = mantle.density - there
        light = excess <= threshold
        following = min(int(np.argmax(light)) if light.any() else light.size, most)
        if following == size:
            break
        size = following
    return size, rest, excess
