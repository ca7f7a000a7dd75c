"""The published fluxes of validation/published/radiation.csv, each with our value."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...constants import BAR
from ...radiation.outgoing import outgoing_radiation
from ..claims import published_folder

FILE = "radiation.csv"
# levels of the curves, which need more than the 14 + 10 of the tables; see docs/radiation.md
FINE = (28, 20)


@dataclass(frozen=True)
class Published:
    """An outgoing flux [W/m2] that others print, and ours with 14 + 10 and with 28 + 20 levels.

    temperature [K], gases: species -> bar, gravity [m/s2], source: who prints it.
    """

    table: str
    temperature: float
    gases: tuple[tuple[str, float], ...]
    gravity: float
    source: str
    flux: float
    ours: float = np.nan
    fine: float = np.nan

    @property
    def mixture(self) -> str:
        """The gases as text."""
        return ", ".join(f"{name} {value:g}" for name, value in self.gases)


def published() -> tuple[Published, ...]:
    """The printed fluxes, without ours."""
    with (published_folder() / FILE).open(encoding="utf-8", newline="") as file:
        return tuple(_read(row) for row in csv.DictReader(file))


def _read(row: dict[str, str]) -> Published:
    gases = []
    for part in row["gases_bar"].split(";"):
        name, _, value = part.partition("=")
        gases.append((name, float(value)))
    return Published(
        table=row["table"],
        temperature=float(row["temperature_K"]),
        gases=tuple(gases),
        gravity=float(row["gravity"]),
        source=row["source"],
        flux=float(row["flux"]),
    )


def with_ours(rows: Sequence[Published]) -> tuple[Published, ...]:
    """The rows with our fluxes."""
    return tuple(
        Published(
            row.table,
            row.temperature,
            row.gases,
            row.gravity,
            row.source,
            row.flux,
            float(flux(row.temperature, dict(row.gases), row.gravity)),
            float(flux(row.temperature, dict(row.gases), row.gravity, FINE)),
        )
        for row in rows
    )


def flux(
    temperature: float | np.ndarray,
    gases: dict[str, float],
    gravity: float | np.ndarray = 9.81,
    levels: tuple[int, int] = (14, 10),
    factor: float = 1.0,
) -> np.ndarray:
    """Our outgoing flux [W/m2]; gases: species -> bar. Conditions outside the tested ones are computed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = outgoing_radiation(
            temperature,
            {name: BAR * value for name, value in gases.items()},
            gravity,
            opacity_factor=factor,
            levels=levels,
        )
    return np.asarray(result.outgoing_flux.values)
