"""Where the data of a planet come from that are no laws by name: free energies, opacities, real gases, water, cumulates."""

from __future__ import annotations

from collections.abc import Iterable

from ..case import Case
from ..chemistry.records import Mechanism
from ..chemistry.volatile_chemistry import Chemistry
from ..closures import fugacity as _fugacity  # noqa: F401  (it registers its laws, as does the next)
from ..closures import law as laws
from ..closures import saturation as _saturation  # noqa: F401
from ..schema.buffering_case import BufferingCase

SATURATION = "WagnerPruss1993"  # of liquid water, see closures.saturation
HEAT_OF = {
    "parcel": "linear",
    "residue": "logarithmic",
}  # reading of the cumulates: law of the melting temperature


def data_sources(
    case: Case, chemistry: Chemistry, below: BufferingCase | None = None, radiates: bool = True
) -> dict[str, str]:
    """What was used -> its reference, for the data of a planet beyond its `laws`; what names no source is left out."""
    source, mechanism = chemistry.source, chemistry.mechanism
    found: dict[str, str] = {}
    if source in mechanism.equilibrium_constants:
        table, held = mechanism.equilibrium_constants[source], {*chemistry.species, "O2"}
        found[f"equilibrium constants: {source}"] = table.reference
        found |= {
            f"ln K of {fit.reaction.text}": fit.reference
            for fit in table.fits
            if {s for s, _ in fit.reaction.stoichiometry} <= held
        }
        found |= gas_sources(
            mechanism, (), chemistry.fugacity if chemistry.gases else "ideal", chemistry.water
        )
    else:
        oxygen = ["O2"] if chemistry.reactions and "O2" in mechanism.species else []
        found |= gas_sources(
            mechanism,
            [*chemistry.species, *oxygen],
            chemistry.fugacity if chemistry.gases else "ideal",
            chemistry.water,
        )
    if radiates:
        found |= _opacities(case, chemistry)
    if below is not None:
        found |= _cumulates(case, below)
    return {what: reference for what, reference in found.items() if reference}


def gas_sources(mechanism: Mechanism, species: Iterable[str], fugacity: str, water: bool) -> dict[str, str]:
    """The same of gases and condensates: free energies of the species, law of the fugacity coefficients, liquid water."""
    found = {f"free energy of {s}": mechanism.species[s].reference for s in species if s in mechanism.species}
    if fugacity != "ideal":
        found[f"fugacity coefficients: {fugacity}"] = laws.find("fugacity", fugacity).reference
    if water:
        found[f"saturation of water: {SATURATION}"] = laws.find("saturation", SATURATION).reference
    return found


def _opacities(case, chemistry) -> dict[str, str]:
    given = case.atmosphere.absorption
    told = {s: chemistry.mechanism.species[s].radiation for s in chemistry.gases if s not in given}
    return {f"opacity of {s}": str(one.get("reference", "")) for s, one in told.items() if one}


def _cumulates(case, below) -> dict[str, str]:
    readings = below.readings
    named = [("cumulate_density", name) for name in laws.names("cumulate_density")]
    if case.cumulates.crystals == "settle" and case.cumulates.remelting:
        heat = HEAT_OF[readings["latent_heat_of"]]
        named += [
            ("melting_lens", readings["lens"]),
            ("melt_fraction", readings["melting"]),
            ("melting_temperature", heat),
        ]
    return {f"{kind.replace('_', ' ')}: {name}": laws.find(kind, name).reference for kind, name in named}
