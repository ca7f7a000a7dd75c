"""Where the data of a planet come from: free energies, opacities, real gases, water, cumulates."""

from __future__ import annotations

from collections.abc import Iterable

from ..case import Case
from ..chemistry.gases_by_bands import band_gases
from ..chemistry.records import Mechanism
from ..chemistry.volatile_chemistry import Chemistry
from ..closures import registry as laws
from ..closures.dense_layer import NAME as CRITERION
from ..closures.dense_layer import REFERENCE as CRITERION_REFERENCE
from ..closures.exchange_coefficient import KIND as EXCHANGE
from ..melt.composition import DEFAULT as EARTH
from ..schema.buffering_case import BufferingCase

BANDS = "bands"  # the radiation law with opacities by spectral bands
SATURATION = "WagnerPruss1993"  # of liquid water, see closures.saturation
# reading of the cumulates: law of the melting temperature
HEAT_OF = {"parcel": "linear", "residue": "logarithmic"}


def data_sources(
    case: Case, chemistry: Chemistry, below: BufferingCase | None = None, radiates: bool = True
) -> dict[str, str]:
    """What was used -> its reference, for the data of a planet beyond its `laws`.

    below: the cumulates, None without them; radiates: whether opacities count.
    Data without a reference are left out.
    """
    source, mechanism = chemistry.source, chemistry.mechanism
    fugacity = chemistry.fugacity if chemistry.gases else "ideal"
    references: dict[str, str] = {}
    if source in mechanism.equilibrium_constants:
        table, present = mechanism.equilibrium_constants[source], {*chemistry.species, "O2"}
        references[f"equilibrium constants: {source}"] = table.reference
        for fit in table.fits:
            if {s for s, _ in fit.reaction.stoichiometry} <= present:
                references[f"ln K of {fit.reaction.text}"] = fit.reference
        references |= gas_sources(mechanism, (), fugacity, chemistry.water)
    else:
        oxygen = ["O2"] if chemistry.reactions and "O2" in mechanism.species else []
        liquids = chemistry.rock.liquids.values() if chemistry.rock else ()
        every = [*chemistry.species, *oxygen, *chemistry.all_gases, *liquids]
        references |= gas_sources(mechanism, every, fugacity, chemistry.water)
    melt = case.melt.oxides if chemistry.rock is None else chemistry.rock.composition
    if melt.reference and (chemistry.rock is not None or melt.name != EARTH):
        references[f"composition: {melt.name}"] = melt.reference
    if radiates:
        references |= _opacities(case, chemistry)
    if below is not None:
        references |= _cumulates(case, below)
    return {what: reference for what, reference in references.items() if reference}


def gas_sources(mechanism: Mechanism, species: Iterable[str], fugacity: str, water: bool) -> dict[str, str]:
    """What was used -> its reference, of gases and condensates.

    Free energies of the species, law of the fugacity coefficients, and (water) the saturation of liquid
    water.
    """
    known = [s for s in species if s in mechanism.species]
    references = {f"free energy of {s}": mechanism.species[s].reference for s in known}
    if fugacity != "ideal":
        references[f"fugacity coefficients: {fugacity}"] = laws.find("fugacity", fugacity).reference
    if water:
        references[f"saturation of water: {SATURATION}"] = laws.find("saturation", SATURATION).reference
    return references


def _opacities(case: Case, chemistry: Chemistry) -> dict[str, str]:
    """The references of the opacities that the mechanism prescribes, not the case."""
    if case.atmosphere.radiation == BANDS:
        return {f"opacity of {gas.name}": gas.reference for gas in band_gases(chemistry)}
    references = {}
    for name in chemistry.gases:
        radiation = chemistry.mechanism.species[name].radiation
        if name not in case.atmosphere.absorption and radiation:
            references[f"opacity of {name}"] = str(radiation.get("reference", ""))
    return references


def _cumulates(case: Case, below: BufferingCase) -> dict[str, str]:
    """The references of the laws of the cumulates."""
    readings = below.readings
    used = [("cumulate_density", name) for name in laws.names("cumulate_density")]
    if isinstance(below.exchange, str):
        used.append((EXCHANGE, below.exchange))
    settles = case.cumulates.crystals == "settle" and case.mantle.model == "lumped"
    if settles and case.cumulates.remelting:
        used += [
            ("melting_lens", readings["lens"]),
            ("melt_fraction", readings["melting"]),
            ("melting_temperature", HEAT_OF[readings["latent_heat_of"]]),
        ]
    references = {f"{kind.replace('_', ' ')}: {name}": laws.find(kind, name).reference for kind, name in used}
    return references | {f"basal layer: {CRITERION}": CRITERION_REFERENCE}
