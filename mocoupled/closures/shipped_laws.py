"""Where the shipped laws are declared: kind of a law -> the files that declare laws of this kind.

The registry imports these files when a law of the kind is looked up.
No other file needs to import them for the sake of their laws.
A file that declares a law of a further kind is added here; a test compares the table with the declarations.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# paths inside the package
DECLARED_IN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "albedo": ("closures.albedo",),
        "binary_diffusion": ("atmosphere.binary_diffusion",),
        "buffer": ("closures.mineral_buffers", "closures.polynomial_buffers"),
        "compression": ("interior.compression",),
        "core_melting": ("interior.iron_melting",),
        "cumulate_density": ("closures.cumulate_density",),
        "cumulate_energy": ("interior.cumulate_energies",),
        "dissolution": ("metal.solution_laws",),
        "eddy_diffusivity": ("closures.convection",),
        "end_member_energy": ("lower_mantle.end_members",),
        "equation_of_state": ("interior.silicate_eos",),
        "escape": ("atmosphere.escape", "atmosphere.escape_flow"),
        "escape_energy": ("atmosphere.escape_flow",),
        "ferric_iron": ("closures.ferric_iron",),
        "fugacity": ("closures.gas_equations", "chemistry.gas_mixtures"),
        "graphite_saturation": ("closures.graphite_saturation",),
        "heating": ("closures.heating",),
        "iron_magnesium_exchange": ("closures.exchange_coefficient",),
        "liquid_mixing": ("lower_mantle.mixing",),
        "liquid_mixing_iron": ("lower_mantle.mixing",),
        "luminosity": ("atmosphere.stars",),
        "liquidus": ("interior.melting_curves", "interior.deep_melting_curves"),
        "melt_activity": ("melt.associated_solution", "melt.regular_solution"),
        "melt_fraction": ("closures.iron_magnesium",),
        "metal_activity": ("metal.solution_laws",),
        "melting_lens": ("closures.iron_magnesium",),
        "melting_temperature": ("closures.iron_magnesium",),
        "miscibility": ("metal.miscibility",),
        "partition": ("closures.partition",),
        "radiation": ("atmosphere.radiation",),
        "saturation": ("closures.saturation",),
        "separation": ("closures.separation",),
        "silicate_mixing": ("metal.miscibility",),
        "solidus": ("interior.melting_curves", "interior.deep_melting_curves"),
        "solubility": ("closures.carbonate", "closures.mafic_solubility", "closures.sulfur_capacity"),
        "sublimation": ("atmosphere.cold_trap",),
        "sulfide_saturation": ("closures.sulfur_capacity",),
        "surface_pressure": ("metal.surface_pressure",),
        "two_component_energy": ("lower_mantle.two_component_model",),
        "viscosity": ("closures.rheology",),
        "xuv": ("atmosphere.stars",),
    }
)
