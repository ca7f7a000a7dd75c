"""The opacity of a gas as data beside its species (`bands:` of a mechanism), or from the shipped table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from ...errors import InputError, nearest
from .data_file import BandTable, capacity_table, line_table, rayleigh_table, shipped

KEYS = ("absorbs-like", "lines", "rayleigh", "heat-capacity", "reference")
SHIPPED, TRANSPARENT = WORDS = ("shipped", "transparent")
ALLOWED = f"allowed: {SHIPPED}, {TRANSPARENT}, or a table of {', '.join(KEYS)}"
NITROGEN = "N2"  # whose heat capacity a gas without data has
LARGEST_FACTOR = 1000.0
# Composition of the gases of the shipped table: another species of such a name does not take their opacity.
COMPOSITIONS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "H2O": {"H": 2, "O": 1},
        "CO2": {"C": 1, "O": 2},
        "CO": {"C": 1, "O": 1},
        "H2": {"H": 2},
        "CH4": {"C": 1, "H": 4},
        "N2": {"N": 2},
        "NH3": {"N": 1, "H": 3},
        "SO2": {"S": 1, "O": 2},
    }
)


@dataclass(frozen=True, eq=False)
class BandGas:
    """A gas of the column.

    molar_mass: kg/mol. heat_capacity: cp/R as a cubic in ln(T/1000 K).
    lines: coefficients of its cross-sections (data_file.BandTable), or None.
    like: shipped gas -> share of the lines of that gas, molecule for molecule, that it absorbs.
    rayleigh: cross-section by band [cm2]. shipped: whether it has the shipped opacity, pairs included.
    reference: source of its data in words.
    """

    name: str
    molar_mass: float
    heat_capacity: np.ndarray
    lines: np.ndarray | None
    like: Mapping[str, float]
    rayleigh: np.ndarray
    shipped: bool
    reference: str

    @property
    def transparent(self) -> bool:
        """Whether it neither absorbs by itself nor scatters; it still broadens the continuum of H2O."""
        return not self.shipped and self.lines is None and not self.like and not self.rayleigh.any()


def band_gas(
    name: str, composition: Mapping[str, object], molar_mass: float, entry: object, where: str = ""
) -> BandGas:
    """The gas of a species. molar_mass: kg/mol. entry: what stands under `bands`, None for nothing.

    Without an entry a gas of the shipped table (same name and composition) has the shipped opacity, any other
    is transparent: it counts in pressure and mass, and has the heat capacity of N2.
    where: place of the entry, for errors. InputError for an entry that cannot be used.
    """
    table = shipped()
    where = where or f"species {name!r} bands"
    known = dict(COMPOSITIONS.get(name, {})) == dict(composition) and name in COMPOSITIONS
    if entry is None:
        entry = SHIPPED if known else TRANSPARENT
    if isinstance(entry, str):
        return _named(table, name, molar_mass, entry, known, where)
    if not isinstance(entry, Mapping):
        raise InputError(where, f"{str(entry)[:60]!r} cannot be read.", ALLOWED)
    return _from_table(table, name, molar_mass, entry, where)


def _named(table: BandTable, name: str, molar_mass: float, entry: str, known: bool, where: str) -> BandGas:
    """The gas of an entry that is one word."""
    if entry not in WORDS:
        raise InputError(
            f"{where} = {entry!r}",
            "no opacity has this name.",
            ALLOWED,
            nearest(entry, WORDS),
        )
    if entry == SHIPPED and not known:
        raise InputError(
            f"{where} = {entry!r}",
            f"the shipped table has no gas {name} of this composition.",
            f"shipped: {', '.join(COMPOSITIONS)}",
            "give numbers, or absorbs-like: {CH4: 0.3}",
        )
    capacity = table.heat_capacity.get(name, table.heat_capacity[NITROGEN])
    if entry == TRANSPARENT:
        none, no_lines = np.zeros(table.bands), None
        return BandGas(name, molar_mass, capacity, no_lines, {}, none, False, "transparent: no data")
    return BandGas(
        name, molar_mass, capacity, table.lines.get(name), {}, table.rayleigh[name], True, table.source
    )


def _from_table(
    table: BandTable, name: str, molar_mass: float, entry: Mapping[str, object], where: str
) -> BandGas:
    """The gas of an entry that is a table: numbers, or a gas that it absorbs like."""
    for key in entry:
        if key not in KEYS:
            raise InputError(
                f"{where} {key}", "this key means nothing here.", ALLOWED, nearest(str(key), KEYS)
            )
    if "lines" in entry and "absorbs-like" in entry:
        raise InputError(
            where,
            "its lines stand twice: `lines` and `absorbs-like`.",
            cure="leave one of them out",
        )
    like = _like(table, entry.get("absorbs-like") or {}, where)
    lines = line_table(where, entry["lines"], table.bands) if "lines" in entry else None
    rayleigh = np.zeros(table.bands)
    if "rayleigh" in entry:
        rayleigh = rayleigh_table(where, entry["rayleigh"], table.bands)
    elif like:
        rayleigh = np.sum([share * table.rayleigh[gas] for gas, share in like.items()], axis=0)
    capacity = table.heat_capacity.get(name, table.heat_capacity[NITROGEN])
    if "heat-capacity" in entry:
        capacity = capacity_table(where, entry["heat-capacity"])
    reference = str(entry.get("reference", ""))
    if not reference:
        listed = ", ".join(f"{share:g} x {gas}" for gas, share in like.items())
        reference = f"as {listed}" if like else "no reference given"
    return BandGas(name, molar_mass, capacity, lines, like, rayleigh, False, reference)


def _like(table: BandTable, entry: object, where: str) -> Mapping[str, float]:
    """Shipped gas -> share of its lines."""
    if not isinstance(entry, Mapping):
        raise InputError(f"{where} absorbs-like", "this is no table.", "for example: {CH4: 0.3}")
    shares = {}
    for gas, share in entry.items():
        if gas not in table.lines:
            raise InputError(
                f"{where} absorbs-like {gas}",
                "the shipped table has no lines of this gas.",
                f"known: {', '.join(table.lines)}",
                nearest(str(gas), table.lines),
            )
        number = isinstance(share, (int, float)) and not isinstance(share, bool)
        if not number or not 0.0 <= share <= LARGEST_FACTOR:
            raise InputError(
                f"{where} absorbs-like {gas} = {share!r}",
                "not a share of its opacity.",
                f"allowed: 0 to {LARGEST_FACTOR:g}, molecule for molecule",
            )
        shares[str(gas)] = float(share)
    return MappingProxyType(shares)
