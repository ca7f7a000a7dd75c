"""The panels of a run along time: temperature, melt, flux, gases, oxygen, iron, and where H and C are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from ..constants import BAR
from .style import BROKEN, FURTHER, GRAPHITE, GREY, HOT, PALE, SPECIES, WARM, LineStyle
from .time_panel import TimePanel
from .view import ELEMENTS, Curve, Scalar, View, reservoirs

NOTHING, UNIT = "no volatiles in this run", (-0.02, 1.02)
NO_IRON = "the iron of this run was not followed (cumulates.coupled)"
NO_REDOX = "the redox of the iron was not followed (redox.ferric_iron)"
NO_ESCAPE = "nothing escapes in this run (escape.law)"
ESCAPING = {"H": "H2", "C": "CO2", "N": "N2"}  # element -> the gas whose colour it has
NAMED = 5e-3  # share below which a species or reservoir is not named
STRUCTURES: dict[str, tuple[str, LineStyle]] = {
    "bridgmanite": (HOT, "-"),
    "akimotoite": (WARM, BROKEN[0]),
    "pyroxene": (GREY, BROKEN[2]),
}


def _scalars(*wanted: Scalar) -> Callable[[View], list[Curve]]:
    return lambda view: view.scalars(*wanted)


def _pressures(view: View) -> list[Curve]:
    """Partial pressures [bar], and their sum where there are several."""
    gases = view.by_species("pressure", 1 / BAR)
    if len(gases) < 2:
        return gases
    return gases + view.scalars(("surface_pressure", 1 / BAR, "total", PALE, BROKEN[1]))


def _anomalies(view: View) -> list[Curve]:
    """Density of the melt, crystallised, less that of the pile [kg/m3], for each structure of the mineral."""
    if "density_anomaly" not in view.result:
        return []
    anomaly = view.result["density_anomaly"]
    curves = []
    for structure, (colour, style) in STRUCTURES.items():
        if structure in anomaly.structure:
            values = np.asarray(anomaly.sel(structure=structure).values, float)
            parts = view.parts("density_anomaly", structure=structure)
            curves.append(Curve(structure, structure, values, colour, style, view.pile, parts))
    return curves


def _iron(view: View) -> list[Curve]:
    """Fe# [%] of the melt, of the crystals in equilibrium with it, and of the pile, once there is one."""
    curves = view.scalars(
        ("ocean_iron", 100, "melt", HOT),
        ("crystal_iron", 100, "crystals", WARM, BROKEN[0]),
        ("pile_iron", 100, "pile", GREY, BROKEN[2]),
    )
    return [replace(c, there=view.pile) if c.name == "pile_iron" else c for c in curves]


def _ferric(view: View) -> list[Curve]:
    """Ferric share of the melt, of the whole mantle, and of a pile that is a reservoir, once there is one."""
    curves = view.scalars(
        ("ferric_share", 1, "melt", HOT),
        ("mantle_ferric_share", 1, "mantle", GREY, BROKEN[0]),
        ("pile_ferric_share", 1, "pile", GREY, BROKEN[2]),
    )
    return [replace(c, there=view.pile) if c.name == "pile_ferric_share" else c for c in curves]


def _lost(view: View) -> list[Curve]:
    """Mass of each element that has escaped [kg]."""
    if "escaped_element_mass" not in view.result:
        return view.scalars(("escaped_mass", 1, "H₂", SPECIES["H2"]))
    mass = view.result["escaped_element_mass"]
    elements = [str(e) for e in mass.escaping_element.values]
    curves = []
    for k, e in enumerate(elements):
        values = np.asarray(mass.sel(escaping_element=e).values, float)
        parts = view.parts("escaped_element_mass", escaping_element=e)
        curves.append(Curve(f"escaped {e}", e, values, *_line(e, k), parts=parts))
    return curves


def _tracers(view: View) -> list[Curve]:
    """Ratio of each tracer to hydrogen, over that at the start."""
    if "tracer_ratio" not in view.result:
        return []
    ratio = view.result["tracer_ratio"]
    curves = []
    for k, name in enumerate(str(t) for t in ratio.tracer.values):
        values = np.asarray(ratio.sel(tracer=name).values, float)
        style = _line(name, k) if k else (HOT, "-")
        parts = view.parts("tracer_ratio", tracer=name)
        if parts is not None:  # of the ratio to its start
            parts = parts / values[0] - parts[:, :1] * values / values[0] ** 2
        curves.append(Curve(f"tracer {name}", f"{name}/H", values / values[0], *style, parts=parts))
    return curves


def _line(element: str, k: int) -> tuple[str, LineStyle]:
    """Colour and style of the k-th element: of its gas, where that has one."""
    if element in ESCAPING:
        return SPECIES[ESCAPING[element]], "-"
    return FURTHER[k % len(FURTHER)], BROKEN[k % len(BROKEN)]


TEMPERATURE = TimePanel(
    "Temperature",
    "Temperature (K)",
    _scalars(
        ("core_mantle_temperature", 1, "core–mantle", HOT, BROKEN[0]),
        ("surface_temperature", 1, "surface", WARM),
    ),
    "no temperatures in this run",
)
MELT = TimePanel(
    "Melt fraction",
    "Melt fraction (kg/kg)",
    _scalars(("melt_fraction", 1, "melt", WARM)),
    "no melt in this run",
    limits=UNIT,
)
FLUX = TimePanel(
    "Heat flux to space",
    "Heat flux to space (W/m²)",
    _scalars(
        ("outgoing_flux", 1, "outgoing", WARM, BROKEN[0]),
        ("absorbed_flux", 1, "absorbed", GREY, BROKEN[1]),
        ("flux", 1, "net", HOT),
    ),
    "no flux in this run",
    log=True,
)
DEPTH = TimePanel(
    "Optical depth",
    "Optical depth (1)",
    _scalars(("optical_depth", 1, "optical depth", GREY)),
    NOTHING,
    log=True,
)
# in the overview of a run that radiates by bands, in place of all fluxes and of the optical depth
NET = replace(
    FLUX, title="Net heat flux to space", label="Net flux (W/m²)", curves=_scalars(("flux", 1, "net", HOT))
)
FLUXES = TimePanel(
    "Outgoing and absorbed flux",
    "Flux (W/m²)",
    _scalars(
        ("outgoing_flux", 1, "outgoing", WARM, BROKEN[0]), ("absorbed_flux", 1, "absorbed", GREY, BROKEN[1])
    ),
    "no flux in this run",
    log=True,
)
LOST = TimePanel("Escaped", "Mass lost to space (kg)", _lost, NO_ESCAPE, log=True)
XUV = TimePanel("XUV flux", "XUV flux (W/m²)", _scalars(("xuv_flux", 1, "XUV", HOT)), NO_ESCAPE, log=True)
TRACERS = TimePanel(
    "Tracers over hydrogen",
    "Tracer/H over initial (1)",
    _tracers,
    "no tracers in this run (escape.tracers)",
)
PRESSURE = TimePanel(
    "Partial pressures at the surface", "Partial pressure (bar)", _pressures, NOTHING, log=True
)
BULK = TimePanel(
    "Composition of the gas",
    "Volume mixing ratio (mol/mol)",
    lambda view: view.by_species("mixing_ratio"),
    NOTHING,
    limits=UNIT,
    named_above=NAMED,
)
TRACES = replace(BULK, log=True, limits=None, named_above=-np.inf)
OXYGEN = TimePanel("Oxygen fugacity", "log₁₀ fO₂ (bar)", _scalars(("log10_fO2", 1, "fO₂", GREY)), NOTHING)
DISTANCE = TimePanel(
    "Above iron–wüstite of O'Neill & Eggins 2002",
    "ΔIW (log₁₀)",
    _scalars(("delta_IW", 1, "ΔIW", GREY)),
    NO_REDOX,
)
FERRIC_SHARE = TimePanel(
    "Ferric iron",
    "Fe³⁺ over all iron (mol/mol)",
    _ferric,
    NO_REDOX,
)
ACTIVITY = TimePanel(
    "Graphite",
    "Activity of graphite (1)",
    _scalars(("graphite_activity", 1, "graphite", GRAPHITE)),
    "no carbon",
    log=True,
)
IRON_NUMBER = TimePanel("Iron", "Fe# (mol/mol, %)", _iron, NO_IRON)
ANOMALY = TimePanel(
    "Density of the melt less that of the pile",
    "Density, melt less pile (kg/m³)",
    _anomalies,
    NO_IRON,
    note="density at 1 bar and 300 K, of the melt as crystals",
)


def _mass(element: str) -> TimePanel:
    """Where an element is [kg]."""
    name, _ = ELEMENTS[element]
    return TimePanel(
        f"Where the {name} is",
        f"Mass of {name} (kg)",
        partial(reservoirs, element=element),
        f"no account of {name} in this result",
        log=True,
    )


def _share(element: str) -> TimePanel:
    """Where an element is, as shares of its inventory."""
    name, _ = ELEMENTS[element]
    return replace(
        _mass(element),
        label=f"Share of the {name} (kg/kg)",
        curves=partial(reservoirs, element=element, share=True),
        log=False,
        limits=(0.0, 1.0),
        bands=True,
        named_above=NAMED,
    )


MASS = {element: _mass(element) for element in ELEMENTS}
SHARE = {element: _share(element) for element in ELEMENTS}
