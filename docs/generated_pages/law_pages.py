"""Which page has the laws of which kinds, and its first paragraph."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """A page of the laws of some kinds, and its first paragraph. kinds: () for all kinds of no other page."""

    path: str
    title: str
    kinds: tuple[str, ...]
    first: str


PAGES = (
    Page(
        path="laws/redox.md",
        title="Oxygen fugacity: buffers and ferric iron",
        kinds=("buffer", "ferric_iron"),
        first=(
            "log10 of the oxygen fugacity in bar at a temperature T [K]. `redox.oxygen_fugacity = "
            '"IW+0.5"` takes a family and an offset; `redox.buffer` says which of the family\'s laws. They '
            "differ by up to 1 log unit at magma-ocean temperatures. Below them: ln of FeO1.5 over FeO in "
            "the melt, by moles (`redox.ferric_iron`)."
        ),
    ),
    Page(
        path="laws/solubility.md",
        title="Solubility in silicate melt",
        kinds=("solubility", "partition", "graphite_saturation", "sulfide_saturation"),
        first=(
            "Mass fraction of a species in the melt. p is the fugacity of the species itself, P the total "
            "pressure [Pa]. Those of data files stand in `mechanisms/*.yaml`; [a "
            "page](../add-a-species.md) says how to add one, and which we would take."
        ),
    ),
    Page(
        path="laws/real-gas.md",
        title="Real gases and liquid water",
        kinds=("fugacity", "saturation"),
        first=(
            "Fugacity coefficients of pure gases, mixed after Lewis and Randall, and of mixtures "
            "(`chemistry.fugacity`), "
            "and the saturation of water (`chemistry.water`)."
        ),
    ),
    Page(
        path="laws/atmosphere.md",
        title="Radiation, starlight and escape",
        kinds=(
            "radiation",
            "luminosity",
            "albedo",
            "xuv",
            "escape",
            "escape_energy",
            "binary_diffusion",
            "sublimation",
        ),
        first=(
            "Heat lost at the top of the atmosphere (`atmosphere.radiation`), light of the star "
            "(`star.luminosity`, `star.xuv`) and the part of it that is reflected (`atmosphere.albedo`), and "
            "gas lost to space (`escape.law`): its flux, the energy that lifts it, its diffusion through "
            "hydrogen, and ice in the cold trap. [Star, orbit and albedo](../stars.md), "
            "[escape to space](../escape.md)."
        ),
    ),
    Page(
        path="laws/planet.md",
        title="Core, silicate and envelope",
        kinds=("dissolution", "metal_activity", "silicate_mixing", "surface_pressure", "miscibility"),
        first=(
            "What is dissolved in silicate melt and in liquid iron in `mo.planet_equilibrium`, and the "
            "pressure from the weight of the gas. [Core, silicate and envelope](../planet-equilibrium.md) "
            "says how they are put together."
        ),
    ),
    Page(
        path="laws/mantle.md",
        title="Mantle",
        kinds=(
            "solidus",
            "liquidus",
            "equation_of_state",
            "compression",
            "core_melting",
            "viscosity",
            "eddy_diffusivity",
            "separation",
            "heating",
        ),
        first=(
            "Melting curves, equations of state, transport and heat sources of the mantle. [The mantle in "
            "depth](../mantle-column.md) says how a run puts them together."
        ),
    ),
    Page(
        path="laws/melt.md",
        title="Activities in silicate melt",
        kinds=("melt_activity",),
        first=(
            "Functions from which the activities of a melt's oxides follow; [rock vapour](../rock-vapour.md) "
            "says how. IMCC: the sum of the activities of all oxides and complexes; its derivative by ln a "
            "of an oxide is the amount of that oxide in all of them. MELTS: the free energy of mixing over "
            "RT; its derivative by the moles of a component is ln of that component's activity."
        ),
    ),
    Page(
        path="laws/lower-mantle.md",
        title="Melting of the lower mantle",
        kinds=("end_member_energy", "liquid_mixing", "liquid_mixing_iron", "two_component_energy"),
        first=(
            "Free energies behind `mocoupled melting` and `mo.melting`: MgO-FeO-SiO2 at 25–136 GPa, and "
            "the two-component model for 110–140 GPa."
        ),
    ),
    Page(
        path="laws/cumulates.md",
        title="Iron, magnesium and cumulates",
        kinds=(
            "iron_magnesium_exchange",
            "melting_lens",
            "melt_fraction",
            "melting_temperature",
            "cumulate_density",
            "cumulate_energy",
        ),
        first=(
            "What `mocoupled mantle` and `cumulates.coupled` rest on; [Buffered magma "
            "oceans](../buffering.md) says how."
        ),
    ),
    Page(
        path="laws/other.md",
        title="Other laws",
        kinds=(),
        first="Laws of other kinds.",
    ),
)
