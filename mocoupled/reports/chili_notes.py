"""The notes that CHILI requires beside the tables: what a run used, what a column means, what departs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..atmosphere.escape_flow import BY_ELEMENT
from ..constants import ASTRONOMICAL_UNIT, SOLAR_MASS, YEAR
from ..interior.static_structure import core_mass, structure
from ..provenance.references import keys, used_references
from ..results.lid_text import LID
from ..version import __version__
from .chili_tables import ATOMIC_WEIGHTS

if TYPE_CHECKING:
    import xarray

    from ..case import Case

PROTOCOL = "Lichtenberg et al. 2026, PSJ 7, 108"
HEADING = re.compile(r"^==== (.+) ====$", re.M)
# of the evolution tables
COLUMNS = (
    "Units: internally SI; here yr of 365.25 days, bar, and NaN for what the model does not have.",
    "T_pot equals T_surf: the surface radiates at the temperature that the adiabat of the mantle "
    "has at no pressure; there is no boundary layer, thick_surf_bl is NaN.",
    "flux_surf is the net heat flux to space, which the gas, without a heat capacity of its own, passes on; "
    "flux_ASR = sigma T_eq^4 with the equilibrium temperature of the config, constant in time, or with the "
    "law 'bands' (1 - A) S/4 along the star's track; flux_OLR = flux_surf + flux_ASR.",
    "fO2_melt is the fugacity imposed or computed at the surface temperature, "
    "p_O2 the pressure of O2 in the gas (the same number where the gas is ideal); fO2_solid is NaN.",
    "mass*_solid: by the partition coefficients of the config (none given: crystals take up nothing), "
    "what is trapped in a pile of cumulates where one is followed "
    "(melt between crystals counts as melt otherwise), and graphite.",
    "massO_atm counts both atoms of O2, which is part of the gas and of p_surf "
    "also where its fugacity is imposed.",
    "R_trans is NaN. R_solid: where what has frozen from the base reaches a melt fraction of 0.4.",
    "phi(vol_frac): melt by volume, with the densities of melt and crystals on the melting curves; "
    "phi(mass_frac), appended: by mass, which is that of the stop rule.",
    "viscosity(Pa.s), appended: geometric mean over the mantle's mass.",
)
CLOUDLESS = (
    "the grey atmosphere knows no radiation limit of steam, "
    "so that it cools faster late than models that do; no clouds, no Rayleigh scattering"
)


def evolution_notes(result: xarray.Dataset, case: Case, planet: str, rows: int) -> dict[str, list[str]]:
    """Heading -> items, of a run: what all planets share, and what is this planet's.

    planet: its name in the files. rows: of the table.
    """
    common = [*_program(result), f"Protocol: {PROTOCOL}.", *COLUMNS]
    start, attrs = result.isel(time=0), result.attrs
    items = [
        f"Config: evolution-mocoupled-{planet}-config.toml, the resolved case, which 'mocoupled run' reads; "
        f"case {case.name} ({case.title}).",
        _planet(case),
        f"Mantle: {_mantle(case, json.loads(attrs['laws']))}.",
        f"Start: surface at {float(start.surface_temperature):.5g} K, "
        f"melt fraction {float(start.melt_fraction):.4g}; all volatiles in equilibrium between melt and gas.",
        f"Stop rule: {_stop_rule(case)}. The run ended: {attrs['end_reason']}",
        *([f"Lid: {attrs[LID]}"] if LID in attrs else []),
        f"Inventories: {_inventories(result)}.",
        _redox(result, case),
        _chemistry(result, case),
        _radiation(case),
        _escape(case),
        f"Heating: {_heating(case)}.",
        f"Laws: {_sources(result)}. 'mocoupled cite' gives the BibTeX.",
        f"Outside their calibration: {_extrapolated(result)}.",
        f"Table: {rows} of {result.sizes['time']} stored times: first, last, "
        "both sides of 95, 40 and 5 % melt, the others evenly along steps and the logarithm of time.",
        f"Largest drift of the stored states: {_drifts(result)}.",
    ]
    return {"all planets": common, planet: items}


def _radiation(case: Case) -> str:
    """The radiation law, and what the planet gets from its star."""
    law, T_eq, star = case.atmosphere.radiation, case.planet.equilibrium_temperature, case.star
    if T_eq is not None:
        return f"Radiation: {law}; {CLOUDLESS}; equilibrium temperature {T_eq:g} K."
    return (
        f"Radiation: {law}: 17 spectral bands of 4 quantiles, moist convection, Rayleigh scattering, no "
        f"clouds; star of {star.kilograms / SOLAR_MASS:.4g} solar masses, {star.age / YEAR / 1e6:g} Myr old "
        f"at the start, luminosity {star.luminosity}; orbit {case.planet.orbit / ASTRONOMICAL_UNIT:.4g} au, "
        f"albedo {case.atmosphere.albedo}."
    )


def _planet(case: Case) -> str:
    inside = structure(case.planet)
    core = core_mass(case.planet)
    if case.planet.mass is not None:
        return (
            f"Planet: mass {case.planet.mass:.5g} kg in hydrostatic balance, {case.planet.core_material} "
            f"({core:.4g} kg) below {case.planet.mantle_material} ({inside.mantle_mass:.5g} kg) at 300 K; "
            f"radius {inside.radius / 1e3:.6g} km, core radius {inside.core_radius / 1e3:.6g} km, "
            f"gravity {inside.gravity:.5g} m/s2 at the surface, "
            f"{inside.core_mantle_pressure / 1e9:.4g} GPa at the core."
        )
    return (
        f"Planet: radius {inside.radius / 1e3:.6g} km, gravity {inside.gravity:.5g} m/s2 at every depth, "
        f"core radius {inside.core_radius / 1e3:.6g} km; mantle {inside.mantle_mass:.5g} kg "
        f"down to {inside.core_mantle_pressure / 1e9:.4g} GPa "
        f"(density {inside.surface_density:.6g} kg/m3 exp({inside.compressibility:.6g} depth/m)), "
        f"core {core:.4g} kg, together {inside.mantle_mass + core:.5g} kg."
    )


def _stop_rule(case: Case) -> str:
    run = case.run
    lid = f"surface lid at {run.end_surface_temperature:g} K"
    if run.after_lid != "end":
        lid = "the surface lid is no end"
    if run.after_lid == "closed":
        lid += f": at {run.end_surface_temperature:g} K the gas becomes a closed system"
    melt = "not asked" if run.end_melt_fraction is None else f"{run.end_melt_fraction:g}"
    clock = "none" if run.end_time is None else f"{run.end_time / YEAR:.4g} yr"
    return f"{lid}; melt fraction by mass {melt}; end of the clock {clock}"


def _redox(result: xarray.Dataset, case: Case) -> str:
    if "log10_fO2" not in result:
        return "Redox: no gas."
    always = ", at the surface temperature, at all times" if case.redox.oxygen is None else ""
    if LID in result.attrs:
        always = ", at the surface temperature until the lid closed, then as the closed gas has it"
    first, last = float(result.log10_fO2[0]), float(result.log10_fO2[-1])
    return f"Redox: {result.attrs['oxygen_fugacity']}{always}; log10 fO2/bar from {first:.4f} to {last:.4f}."


def _chemistry(result: xarray.Dataset, case: Case) -> str:
    attrs = result.attrs
    gases = ", ".join(map(str, result.species.values)) if "species" in result.dims else "none"
    return (
        f"Chemistry: gases {gases}; mechanism {attrs['mechanism']} (sha256 {attrs['mechanism_sha256']}), "
        f"free energies '{attrs['thermochemistry']}'; fugacity coefficients: {case.chemistry.fugacity}."
    )


def _escape(case: Case) -> str:
    escape = case.escape
    if escape.law == "none":
        return f"Escape: {escape.law}."
    if escape.law == BY_ELEMENT:
        xuv = "by the star" if escape.xuv_flux is None else f"{escape.xuv_flux:g} W/m2"
        return f"Escape of all elements: {escape.law}, efficiency {escape.efficiency:g}, XUV flux {xuv}."
    return f"Escape: {escape.law}, prefactor {escape.prefactor:g}, XUV {escape.xuv:g} of today's Earth."


def _sources(result: xarray.Dataset) -> str:
    """Role and BibTeX key (or the reference as text) of each law and data set."""
    parts = []
    for role, reference in used_references(result).items():
        parts.append(f"{role} ({', '.join(keys(reference)) or reference})")
    return "; ".join(parts)


def _drifts(result: xarray.Dataset) -> str:
    parts = []
    for name in map(str, result.data_vars):
        if name.endswith("_drift"):
            parts.append(f"{name.removesuffix('_drift')} {float(result[name].max()):.1e}")
    return ", ".join(parts)


def static_notes(state: xarray.Dataset, snapshot: str) -> dict[str, list[str]]:
    """Heading -> items, of an equilibrium at the surface. snapshot: planet and name of the static case."""
    attrs = state.attrs
    common = [
        *_program(state),
        f"Protocol: {PROTOCOL}.",
        "One row, at the surface. Units: internally SI; here bar. p_O2 is the pressure of O2 in the gas.",
    ]
    items = [
        f"Config: static-mocoupled-{snapshot}-config.toml, what was asked for.",
        f"Mechanism {attrs.get('mechanism')} (sha256 {attrs.get('mechanism_sha256')}), "
        f"free energies '{attrs.get('thermochemistry')}'.",
        f"Data: {_sources(state)}.",
    ]
    return {"all snapshots": common, snapshot: items}


def merged(old: str, new: Mapping[str, list[str]]) -> str:
    """The text of a notes file: sections of the old file, replaced by heading, new ones at the end."""
    parts = HEADING.split(old)
    sections = dict(zip(parts[1::2], (body.strip("\n") for body in parts[2::2])))
    sections |= {heading: "\n".join(f"- {item}" for item in items) for heading, items in new.items()}
    return "\n\n".join(f"==== {heading} ====\n{body}" for heading, body in sections.items()) + "\n"


def _program(result: xarray.Dataset) -> list[str]:
    """The program, and how to obtain it."""
    versions = json.loads(result.attrs.get("versions", "{}"))
    libraries = ", ".join(f"{name} {version}" for name, version in versions.items() if name != "mocoupled")
    code = f"Code: mocoupled {versions.get('mocoupled', __version__)}, BSD 3-Clause"
    return [
        f"{code}, with {libraries}." if libraries else f"{code}.",
        "To obtain it: <the archive, repository or e-mail of this version: "
        "to be filled in before it is handed in>.",
    ]


def _mantle(case: Case, laws: Mapping[str, Mapping[str, str]]) -> str:
    """The mantle in words. laws: those of the result, by role."""
    mantle = case.mantle
    if mantle.model == "lumped":
        return "well mixed at every instant; melt and crystals do not separate"
    return (
        f"column of {mantle.cells} cells, mixing length, crystals of {mantle.crystal_size:g} m "
        f"that separate from the melt; closure '{mantle.closure}'; "
        f"melting curves {laws['solidus']['name']}, {laws['liquidus']['name']}; "
        f"equations of state {mantle.melt_eos}, {mantle.solid_eos}"
    )


def _inventories(result: xarray.Dataset) -> str:
    """Every element at the start, in kg; in mol where CHILI has no atomic weight of it."""
    if "element_moles" not in result:
        return "none"
    start = result["element_moles"].isel(time=0)
    parts = []
    for element in map(str, start.element.values):
        moles, weight = float(start.sel(element=element)), ATOMIC_WEIGHTS.get(element)
        parts.append(f"{element} {moles * weight:.5g} kg" if weight else f"{element} {moles:.5g} mol")
    return ", ".join(parts)


def _heating(case: Case) -> str:
    mantle = case.mantle
    parts = []
    if mantle.heating:
        parts.append(f"{mantle.heating:g} W/kg")
    if mantle.radionuclides:
        amounts = ", ".join(f"{nuclide} {amount:g}" for nuclide, amount in mantle.radionuclides.items())
        parts.append(f"radionuclides {amounts}")
    if mantle.tidal_power:
        parts.append(f"tides {mantle.tidal_power:g} W")
    return ", ".join(parts) or "none (no radionuclides, no tides)"


def _extrapolated(result: xarray.Dataset) -> str:
    """Laws that were used outside their calibration, and where."""
    parts = []
    for record in json.loads(result.attrs.get("extrapolations", "[]")):
        (low, high), (first, last) = record["reached"], record["calibrated"]
        parts.append(
            f"{record['law']}, {record['argument']} from {low:.4g} to {high:.4g} {record['unit']}, "
            f"calibrated for {first:.4g} to {last:.4g}, {100 * record['share']:.0f} % of the times"
        )
    return "; ".join(parts) or "none"
