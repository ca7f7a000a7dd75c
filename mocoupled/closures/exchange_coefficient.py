"""K_D, the exchange coefficient of iron and magnesium of crystals and melt, as a law of pressure.

K_D = (Fe/Mg of the crystals)/(Fe/Mg of the melt). A case has a number or the name of a law:
`exchange_at` gives its values, `exchange_expression` the same in sympy,
`check_exchange` refuses a law outside its pressures.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import sympy

from ..constants import GAS_CONSTANT
from ..errors import InputError
from ..files import content, toml
from .law_types import Law
from .registry import find, law, names

KIND: Final = "iron_magnesium_exchange"
TABLE = Path(__file__).with_name("exchange_fms.toml")
READINGS = ("fitted", "full", "anchored")
_GPA = 1e9
# Pa; the tables end at 25 and 136 GPa, and go on with their last slope to the deepest mantle of an Earth
TABLE_RANGE = (25.0e9, 140.0e9)
# Pa; over which the slope of a table fades below it, in a law that joins two
FADING = 2.0e9
# Pa; from the surface to where the liquidus of the law of olivine ends
OLIVINE_RANGE = (0.0, 8.0e9)
# of olivine: Mg/(Fe + Mg); of the melt: SiO2 in mol%, that of the mantle of McDonough & Sun 1995
FORSTERITE, SILICA = 0.90, 39.2
_JOINED = "+"
_OLIVINE = "olivine-Toplis2005"
# A number, or the name of a law
Exchange = float | str


def _log_spline(reading: str, P: sympy.Expr) -> sympy.Expr:
    """ln K_D of a reading: a cubic spline through the table in P [Pa].

    Below the table its slope fades within FADING; above, it goes on.
    """
    from scipy.interpolate import CubicSpline

    knots, values = table(reading)
    pieces = CubicSpline(knots / _GPA, np.log(values))
    x, p = pieces.x, P / _GPA
    first, slope, last, end_slope = (float(pieces(at, n)) for at in (x[0], x[-1]) for n in (0, 1))
    low, high, width = float(x[0]), float(x[-1]), FADING / _GPA
    rows = [(first + slope * width * (sympy.exp((p - low) / width) - 1), p < low)]
    for k in range(len(x) - 1):
        a, b, c, d = (float(v) for v in pieces.c[:, k])
        t = p - float(x[k])
        rows.append((((a * t + b) * t + c) * t + d, p < x[k + 1]))
    rows.append((last + end_slope * (p - high), True))
    return sympy.Piecewise(*rows)


@cache
def _stored() -> dict[str, np.ndarray]:
    return {name: np.array(row, dtype=float) for name, row in toml(content(TABLE).decode()).items()}


def table(reading: str) -> tuple[np.ndarray, np.ndarray]:
    """Pressures [Pa] and K_D of the phase diagram MgO-FeO-SiO2 by a reading of its mixing law."""
    return _stored()["pressure"] * _GPA, _stored()[reading]


@law(
    KIND,
    "constant-0.3",
    unit="1",
    reference="Manjón-Cabeza Córdoba & Ballmer, arXiv 2605.04840, eq. B5",
    key="ManjonCabezaCordoba2026",
    attributes={"arguments": ("P",), "conditions": "one number at all pressures"},
)
def constant_exchange(**_: object) -> sympy.Expr:
    """K_D of the paper on buffered magma oceans, 0.3 at every pressure."""
    return sympy.Float(0.3)


def _log_olivine(P: sympy.Expr) -> sympy.Expr:
    """ln K_D of olivine and melt by eq. 10 of Toplis 2005 at the liquidus of Katz et al. 2003; P [Pa]."""
    p = P / _GPA
    T = 273.15 + 1780 + 45 * p - 2 * p**2
    RT = GAS_CONSTANT * T
    silica = sympy.log(0.036 * SILICA - 0.22)
    of_olivine = 3000 * (1 - 2 * FORSTERITE)
    return -6766 / RT - 7.34 / GAS_CONSTANT + silica + (of_olivine + 0.035 * (P / 1e5 - 1)) / RT


@law(
    KIND,
    _OLIVINE,
    unit="1",
    reference="Toplis 2005, Contrib. Mineral. Petrol. 149, 22, eq. 10, at the liquidus of Katz, Spiegelman & "
    "Langmuir 2003, Geochem. Geophys. Geosyst. 4, 1073",
    key="Toplis2005",
    further_keys=("Katz2003",),
    doi="10.1007/s00410-004-0629-4",
    P=OLIVINE_RANGE,
    attributes={
        "conditions": f"olivine with Mg/(Fe + Mg) {FORSTERITE}, melt with {SILICA} mol% of SiO2 (the mantle "
        "of McDonough & Sun 1995; its alkalis left out); both stay as they are while the ocean evolves",
        "note": "the range is that of the liquidus; the coefficients were read from independent programs, "
        "not from the paper, and the pressures of its experiments were not at hand",
    },
)
def olivine_exchange(*, P: sympy.Expr, **_: object) -> sympy.Expr:
    """K_D of olivine and melt at the liquidus of peridotite; P [Pa]."""
    return sympy.exp(_log_olivine(P))


def _register_table(reading: str) -> Law:
    """Register the law of a table."""

    def exchange(*, P: sympy.Expr, **_: object) -> sympy.Expr:
        """K_D of all that crystallises where the second solid of the lower mantle appears; P [Pa]."""
        return sympy.exp(_log_spline(reading, P))

    declare = law(
        KIND,
        f"FMS-{reading}",
        unit="1",
        reference=f"this work: phase diagram MgO-FeO-SiO2 with the mixing law '{reading}', after Boukaré, "
        "Ricard & Fiquet 2015, J. Geophys. Res. 120, 6085",
        key="Boukare2015",
        doi="10.1002/2015JB011929",
        attributes={
            "arguments": ("P",),
            "conditions": "bridgmanite and ferropericlase together, from a melt of FeO, MgO, SiO2 = 0.07, "
            "0.508, 0.422; cubic spline of ln K_D",
            "note": "with the last slope from 136 to 140 GPa. No Al2O3 and no ferric iron, which raise K_D "
            "of bridgmanite",
        },
        P=TABLE_RANGE,
    )
    return declare(exchange)


def _register_joined(reading: str) -> Law:
    """Register olivine below and a table above."""
    low, high = OLIVINE_RANGE[1], TABLE_RANGE[0]

    def exchange(*, P: sympy.Expr, **_: object) -> sympy.Expr:
        """K_D of olivine to 8 GPa, of the lower mantle from 25 GPa on, and a smooth step between; P [Pa]."""
        s = (P - low) / (high - low)
        step = sympy.Piecewise((0, s < 0), (s**3 * (10 - 15 * s + 6 * s**2), s < 1), (1, True))
        shallow = sympy.Piecewise((P, high > P), (high, True))  # the liquidus of Katz et al. turns over
        return sympy.exp((1 - step) * _log_olivine(shallow) + step * _log_spline(reading, P))

    declare = law(
        KIND,
        f"{_OLIVINE}{_JOINED}FMS-{reading}",
        unit="1",
        reference="Toplis 2005 at the liquidus of Katz, Spiegelman & Langmuir 2003 to 8 GPa; this work "
        f"(FMS-{reading}), after Boukaré, Ricard & Fiquet 2015, from 25 GPa on",
        key="Toplis2005",
        further_keys=("Katz2003", "Boukare2015"),
        doi="10.1007/s00410-004-0629-4",
        attributes={
            "arguments": ("P",),
            "conditions": "from 8 to 25 GPa, a width of 17 GPa, ln K_D goes from one to the other with "
            "continuous curvature: no law of majorite, wadsleyite or ringwoodite is here",
        },
        P=(OLIVINE_RANGE[0], TABLE_RANGE[1]),
    )
    return declare(exchange)


for _reading in READINGS:
    _register_table(_reading)
    _register_joined(_reading)


def exchange_expression(exchange: Exchange, pressure: sympy.Expr) -> sympy.Expr:
    """K_D as an expression in the pressure [Pa]. exchange: a number, or the name of a law.

    InputError for a name that no law has.
    """
    if not isinstance(exchange, str):
        return sympy.Float(float(exchange))
    return find(KIND, exchange)(P=pressure)


def exchange_at(exchange: Exchange, pressure: float | np.ndarray) -> np.ndarray:
    """K_D at pressures [Pa], an array of their shape. exchange: a number, or the name of a law.

    Outside its range a law is computed: see `check_exchange`. InputError for a name that no law has.
    """
    P = np.asarray(pressure, dtype=float)
    if not isinstance(exchange, str):
        return np.full(P.shape, float(exchange))
    return np.broadcast_to(np.asarray(find(KIND, exchange).evaluate(P=P), dtype=float), P.shape)


def check_exchange(exchange: Exchange, lowest: float, highest: float, where: str) -> None:
    """InputError for a name that no law has, and for a law that does not cover pressures [Pa].

    lowest, highest: of the mantle; where: the place in the user's input.
    """
    if not isinstance(exchange, str):
        return
    low, high = find(KIND, exchange, where).ranges.get("P", (-np.inf, np.inf))
    if low <= lowest and highest <= high:
        return
    covering = [name for name in names(KIND) if covers(name, lowest, highest)]
    raise InputError(
        where,
        f"this law of K_D holds from {low / _GPA:g} to {high / _GPA:g} GPa, and the mantle has "
        f"{lowest / _GPA:.3g} to {highest / _GPA:.4g} GPa.",
        f"allowed: a number, or {', '.join(covering)}",
    )


def covers(name: str, lowest: float, highest: float) -> bool:
    """Whether the range of a law includes pressures [Pa]."""
    low, high = find(KIND, name).ranges.get("P", (-np.inf, np.inf))
    return bool(low <= lowest and highest <= high)
