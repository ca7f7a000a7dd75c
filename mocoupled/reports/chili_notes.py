"""The notes that CHILI asks for beside the tables: item by item what a run used, what a column means, what departs."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING

from ..constants import YEAR
from ..interior.static_structure import structure
from ..provenance.references import keys, used_references

if TYPE_CHECKING:
    import xarray

    from ..case import Case

ATOMIC_WEIGHTS = {
    "H": 1.00794e-3,
    "C": 12.0107e-3,
    "O": 15.9994e-3,
}  # kg/mol, conventional, as in the mechanisms
PROTOCOL = "Lichtenberg et al. 2026, PSJ 7, 108"
HEADING = re.compile(r"^==== (.+) ====$", re.M)
COLUMNS = (  # of the evolution tables
    "Units: internally SI; here yr of 365.25 days, bar, and NaN for what the model does not have.",
    "T_pot equals T_surf: the surface radiates at the temperature that the adiabat of the mantle has at no pressure; there is no boundary layer, thick_surf_bl is NaN.",
    "flux_surf is the net heat flux to space, which the gas, without a heat capacity of its own, passes on; flux_ASR = sigma T_eq^4 with the equilibrium temperature of the config, constant in time; flux_OLR = flux_surf + flux_ASR.",
    "fO2_melt is the fugacity imposed or computed at the surface temperature, p_O2 the pressure of O2 in the gas (the same number where the gas is ideal); fO2_solid is NaN.",
    "mass*_solid: by the partition coefficients of the config (none given: crystals take up nothing), what is trapped in a pile of cumulates where one is followed (melt between crystals counts as melt otherwise), and graphite.",
    "massO_atm counts both atoms of O2, which is part of the gas and of p_surf also where its fugacity is imposed.",
    "R_trans is NaN. R_solid: where what has frozen from the base reaches a melt fraction of 0.4.",
    "phi(vol_frac): melt by volume, with the densities of melt and crystals on the melting curves; phi(mass_frac), appended: by mass, which is that of the stop rule.",
    "viscosity(Pa.s), appended: geometric mean over the mantle's mass.",
)  # fmt: skip


def evolution_notes(result: xarray.Dataset, case: Case, planet: str, rows: int) -> dict[str, list[str]]:
    """Heading -> items, of a run: what all planets share, and what is this one's."""
    common = [*_program(result), f"Protocol: {PROTOCOL}.", *COLUMNS]
    inside, run, attrs = structure(case.planet), case.run, result.attrs
    core = 4 / 3 * math.pi * inside.core_radius**3 * case.planet.core_density
    own = [
        f"Config: evolution-mocoupled-{planet}-config.toml, the resolved case, which 'mocoupled run' reads; case {case.name} ({case.title}).",
        f"Planet: radius {inside.radius / 1e3:.6g} km, gravity {inside.gravity:.5g} m/s2 at every depth, core radius {inside.core_radius / 1e3:.6g} km; mantle {inside.mantle_mass:.5g} kg down to {inside.core_mantle_pressure / 1e9:.4g} GPa (density {inside.surface_density:.6g} kg/m3 exp({inside.compressibility:.6g} depth/m)), core {core:.4g} kg, together {inside.mantle_mass + core:.5g} kg.",
        f"Mantle: {_mantle(case)}.",
        f"Start: surface at {float(result.surface_temperature[0]):.5g} K, melt fraction {float(result.melt_fraction[0]):.4g}; all volatiles in equilibrium between melt and gas.",
        f"Stop rule: {'the surface lid is no end; ' if run.continue_past_lid else f'surface lid at {run.end_surface_temperature:g} K; '}melt fraction by mass {'not asked' if run.end_melt_fraction is None else f'{run.end_melt_fraction:g}'}; end of the clock {'none' if run.end_time is None else f'{run.end_time / YEAR:.4g} yr'}. The run ended: {attrs['end_reason']}",
        f"Inventories: {_inventories(result)}.",
        f"Redox: {attrs['oxygen_fugacity']}{', at the surface temperature, at all times' if case.redox.oxygen is None else ''}; log10 fO2/bar from {float(result.log10_fO2[0]):.4f} to {float(result.log10_fO2[-1]):.4f}."
        if "log10_fO2" in result
        else "Redox: no gas.",
        f"Chemistry: gases {', '.join(map(str, result.species.values)) if 'species' in result.dims else 'none'}; mechanism {attrs['mechanism']} (sha256 {attrs['mechanism_sha256']}), free energies '{attrs['thermochemistry']}'; fugacity coefficients: {case.chemistry.fugacity}.",
        f"Radiation: {case.atmosphere.radiation}; the grey atmosphere knows no radiation limit of steam, so that it cools faster late than models that do; no clouds, no Rayleigh scattering; equilibrium temperature {case.planet.equilibrium_temperature:g} K.",
        f"Escape: {case.escape.law}"
        + (
            f", prefactor {case.escape.prefactor:g}, XUV {case.escape.xuv:g} of today's Earth."
            if case.escape.law != "none"
            else "."
        ),
        f"Heating: {_heating(case)}.",
        "Laws: "
        + "; ".join(
            f"{role} ({', '.join(keys(reference)) or reference})"
            for role, reference in used_references(result).items()
        )
        + ". 'mocoupled cite' gives the BibTeX.",
        f"Outside their calibration: {_stretched(result)}.",
        f"Table: {rows} of {result.sizes['time']} stored times: first, last, both sides of 95, 40 and 5 % melt, the others evenly along steps and the logarithm of time.",
        f"Largest drift of the stored states: {', '.join(f'{n[:-6]} {float(result[n].max()):.1e}' for n in map(str, result.data_vars) if n.endswith('_drift'))}.",
    ]
    return {"all planets": common, planet: own}


def static_notes(state: xarray.Dataset, snapshot: str) -> dict[str, list[str]]:
    """Heading -> items, of an equilibrium at the surface."""
    attrs = state.attrs
    common = [
        *_program(state),
        f"Protocol: {PROTOCOL}.",
        "One row, at the surface. Units: internally SI; here bar. p_O2 is the pressure of O2 in the gas.",
    ]
    own = [
        f"Config: static-mocoupled-{snapshot}-config.toml, what was asked for.",
        f"Mechanism {attrs.get('mechanism')} (sha256 {attrs.get('mechanism_sha256')}), free energies '{attrs.get('thermochemistry')}'.",
        "Data: "
        + "; ".join(
            f"{role} ({', '.join(keys(reference)) or reference})"
            for role, reference in used_references(state).items()
        )
        + ".",
    ]
    return {"all snapshots": common, snapshot: own}


def merged(old: str, new: dict[str, list[str]]) -> str:
    """The text of a notes file: sections of the old one, those of the same heading replaced, new ones at the end."""
    parts = HEADING.split(old)
    sections = dict(zip(parts[1::2], (body.strip("\n") for body in parts[2::2])))
    sections |= {heading: "\n".join(f"- {item}" for item in items) for heading, items in new.items()}
    return "\n\n".join(f"==== {heading} ====\n{body}" for heading, body in sections.items()) + "\n"


def _program(result):
    from ..version import __version__

    versions = json.loads(result.attrs.get("versions", "{}"))
    libraries = ", ".join(f"{name} {version}" for name, version in versions.items() if name != "mocoupled")
    yield f"Code: mocoupled {versions.get('mocoupled', __version__)}, BSD 3-Clause{f', with {libraries}' if libraries else ''}."
    yield "To obtain it: <the archive, repository or e-mail of this version: to be filled in before it is handed in>."


def _mantle(case):
    asked = case.mantle
    if asked.model == "lumped":
        return "well mixed at every instant; melt and crystals do not separate"
    return f"column of {asked.cells} cells, mixing length, crystals of {asked.crystal_size:g} m that separate from the melt; closure '{asked.closure}', separation '{asked.separation}'; melting curves {asked.solidus}, {asked.liquidus}; equations of state {asked.melt_eos}, {asked.solid_eos}"


def _inventories(result):
    if "element_moles" not in result:
        return "none"
    start = result["element_moles"].isel(time=0)
    weights = {str(e): ATOMIC_WEIGHTS.get(str(e)) for e in start.element.values}
    return ", ".join(
        f"{e} {float(start.sel(element=e)) * w:.5g} kg" if w else f"{e} {float(start.sel(element=e)):.5g} mol"
        for e, w in weights.items()
    )


def _heating(case):
    asked = case.mantle
    parts = [f"{asked.heating:g} W/kg"] if asked.heating else []
    parts += (
        ["radionuclides " + ", ".join(f"{n} {x:g}" for n, x in asked.radionuclides.items())]
        if asked.radionuclides
        else []
    )
    parts += [f"tides {asked.tidal_power:g} W"] if asked.tidal_power else []
    return ", ".join(parts) or "none (no radionuclides, no tides)"


def _stretched(result):
    rows = json.loads(result.attrs.get("extrapolations", "[]"))
    return (
        "; ".join(
            f"{one['law']}, {one['argument']} from {one['reached'][0]:.4g} to {one['reached'][1]:.4g} {one['unit']}, calibrated for {one['calibrated'][0]:.4g} to {one['calibrated'][1]:.4g}, {100 * one['share']:.0f} % of the times"
            for one in rows
        )
        or "none"
    )
