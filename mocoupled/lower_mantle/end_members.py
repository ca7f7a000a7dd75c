"""End-members of MgO-FeO-SiO2 melting in the lower mantle: solids and liquid oxides, each an energy in sympy.

The data base of Boukaré, Ricard & Fiquet 2015 (J. Geophys.
Res. 120, 6085), which underlies the phase diagram of Nabiei et
al. 2021. Its parameters were taken from the notes of its first author (25 Sep 2017, Tables 1-3) with the
corrections that `CORRECTIONS` names: with them the end-members melt within 9 K (MgO), 10 K (FeO) and 42 K
(SiO2) of the published curves.
Volume, entropy and bulk modulus are generated from the energies.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

import numpy as np
import sympy
from numpy.typing import ArrayLike

from ..closures.registry import find, law
from ..constants import GAS_CONSTANT
from ..errors import ConvergenceError, InputError, nearest
from ..interior.debye import DebyeFunction

KIND: Final = "end_member_energy"
PRESSURE_RANGE = (20.0e9, 140.0e9)  # Pa, over which the melting curves were compared
TEMPERATURE_RANGE = (1000.0, 8500.0)  # K
_CM3, _GPA, _KJ = 1.0e-6, 1.0e9, 1.0e3
_REFERENCE = (
    "Boukaré, Ricard & Fiquet 2015, J. Geophys. Res. 120, 6085; parameters from the notes of C.-É. "
    "Boukaré, 2017"
)
_KEY, _FURTHER_KEYS, _DOI = "Boukare2015", ("Boukare2017",), "10.1002/2015JB011929"

CORRECTIONS = MappingProxyType(
    {
        "MgO liquid": "Grueneisen parameter linear in V (notes, Table 1), not a power law (notes, eq. "
        "11-13): "
        "else +237 K at 140 GPa",
        "FeO liquid": "K0 30.196 GPa and rho0 3826.41 kg/m3 (not 30.961, nor M/18.48 cm3), alpha0 positive, "
        "G0 -115.352 kJ/mol (unit slip)",
        "SiO2 liquid": "F0 and S0 fitted to the published melting curve: the tabulated ones stand on another "
        "zero of energy",
    }
)


@dataclass(frozen=True)
class EndMember:
    """A pure phase on its registered energy law.

    name: of the law. oxides: moles of (FeO, MgO, SiO2) in one formula unit.
    natural: arguments of the energy, ("V", "T") for a Helmholtz or ("P", "T") for a Gibbs energy [J/mol].
    volume: the reference volume [m3/mol], where the search starts.
    """

    name: str
    oxides: tuple[int, int, int]
    natural: tuple[str, str]
    volume: float

    @property
    def molar_mass(self) -> float:
        """kg per mole of formula units."""
        return float(np.dot(self.oxides, OXIDE_MASSES))


OXIDES = ("FeO", "MgO", "SiO2")
OXIDE_MASSES = (0.071844, 0.040304, 0.060084)  # kg/mol, IUPAC 2021 rounded to 1 mg


# ---- Solids: third-order Birch-Murnaghan, Mie-Grueneisen-Debye


@dataclass(frozen=True)
class _Solid:
    """A row of Table 3 of the notes, at 300 K.

    V0 [cm3/mol], K0 [GPa], K_prime, gamma0, q, theta0 [K], F0 [kJ/mol]; atoms: of the formula unit.
    """

    atoms: int
    V0: float
    K0: float
    K_prime: float
    gamma0: float
    q: float
    theta0: float
    F0: float


def _solid(name: str, oxides: tuple[int, int, int], row: _Solid) -> EndMember:
    """Register a solid of a row of the table."""
    V0, K0, F0, T0 = row.V0 * _CM3, row.K0 * _GPA, row.F0 * _KJ, 300.0
    K_prime, gamma0, q = row.K_prime, row.gamma0, row.q

    def energy(*, V: sympy.Expr, T: sympy.Expr, **_: object) -> sympy.Expr:
        """Helmholtz energy [J/mol] of V [m3/mol] and T [K]:
        Birch-Murnaghan isotherm at 300 K and a Debye solid above it.
        """
        f = ((V0 / V) ** sympy.Rational(2, 3) - 1) / 2
        cold = 9 * K0 * V0 * (f**2 / 2 + (K_prime - 4) * f**3 / 2)
        theta = row.theta0 * sympy.exp((gamma0 - gamma0 * (V / V0) ** q) / q)

        def thermal(t: sympy.Expr) -> sympy.Expr:
            levels = 3 * sympy.log(1 - sympy.exp(-theta / t)) - DebyeFunction(theta / t)
            return row.atoms * GAS_CONSTANT * t * levels

        return F0 + cold + thermal(T) - thermal(T0)

    declare = law(
        KIND,
        name,
        unit="J/mol",
        reference=f"{_REFERENCE}, Table 3",
        key=_KEY,
        further_keys=_FURTHER_KEYS,
        doi=_DOI,
        attributes={"arguments": ("V", "T")},
        P=PRESSURE_RANGE,
        T=TEMPERATURE_RANGE,
    )
    declare(energy)
    return EndMember(name, oxides, ("V", "T"), V0)


# name, oxides; atoms, V0, K0, K_prime, gamma0, q, theta0, F0
MG_BRIDGMANITE = _solid("MgSiO3 bridgmanite", (0, 1, 1), _Solid(5, 24.45, 251, 4.14, 1.57, 1.1, 905, -1408))
FE_BRIDGMANITE = _solid("FeSiO3 bridgmanite", (1, 0, 1), _Solid(5, 25.49, 272, 4.10, 1.57, 1.1, 871, -1048))
PERICLASE = _solid("MgO periclase", (0, 1, 0), _Solid(2, 11.24, 161, 4.8, 1.3, 1.7, 767, -569))
WUSTITE = _solid("FeO wüstite", (1, 0, 0), _Solid(2, 12.256, 149, 3.6, 1.41, 0.5, 417, -165))
STISHOVITE = _solid("SiO2 stishovite", (0, 0, 1), _Solid(3, 14.02, 314, 3.8, 1.37, 2.8, 1108, -819))


# ---- Liquids


@law(
    KIND,
    "MgO liquid",
    unit="J/mol",
    reference=f"{_REFERENCE}, Tables 1 and 2",
    key=_KEY,
    further_keys=_FURTHER_KEYS,
    doi=_DOI,
    attributes={"arguments": ("V", "T"), "conditions": CORRECTIONS["MgO liquid"]},
    P=PRESSURE_RANGE,
    T=TEMPERATURE_RANGE,
)
def magnesia_liquid_energy(*, V: sympy.Expr, T: sympy.Expr, **_: object) -> sympy.Expr:
    """Helmholtz energy [J/mol] of liquid MgO; V [m3/mol], T [K].

    Birch-Murnaghan, constant Cv, gamma linear in V.
    """
    T0, V0, K0, K_prime = 3000.0, 16.46 * _CM3, 34.0 * _GPA, 4.5
    gamma0, gamma_prime, C_V, S0, F0 = 0.96, -0.37, 56.0, 173.5, -843.89 * _KJ
    f = ((V0 / V) ** sympy.Rational(2, 3) - 1) / 2
    cold = 9 * K0 * V0 * (f**2 / 2 + (K_prime - 4) * f**3 / 2)
    heated = T - T0
    compressed = (gamma0 - gamma_prime) * sympy.log(V / V0) + gamma_prime * (
        V / V0 - 1
    )  # integral of gamma dlnV
    return F0 + cold - S0 * heated - C_V * (T * sympy.log(T / T0) - heated) - C_V * heated * compressed


@law(
    KIND,
    "FeO liquid",
    unit="J/mol",
    reference=f"{_REFERENCE}, Table 2",
    key=_KEY,
    further_keys=_FURTHER_KEYS,
    doi=_DOI,
    attributes={"arguments": ("P", "T"), "conditions": CORRECTIONS["FeO liquid"]},
    P=PRESSURE_RANGE,
    T=TEMPERATURE_RANGE,
)
def iron_oxide_liquid_energy(*, P: sympy.Expr, T: sympy.Expr, **_: object) -> sympy.Expr:
    """Gibbs energy [J/mol] of liquid FeO; P [Pa], T [K].

    Murnaghan, with an expansivity that falls with compression.
    """
    T0, P0, K0, n, q = 2000.0, 20.0 * _GPA, 30.196 * _GPA, 3.26, -0.97
    alpha0, S0, C0, C1, G0 = 9.54849e-5, 175.617, 3.0e-3, 73.7532, -115.352 * _KJ
    V0 = OXIDE_MASSES[0] / 3826.41
    y, y0 = 1 + n * P / K0, 1 + n * P0 / K0
    heated = T - T0
    thermal = S0 * heated + C1 * (T * sympy.log(T / T0) - heated) + C0 * heated**2 / 2
    expanded = V0 * alpha0 * K0 / q * (y ** (-q / n) - y0 ** (-q / n)) * heated
    return G0 - thermal - expanded + V0 * K0 / (n - 1) * (y ** (1 - 1 / n) - y0 ** (1 - 1 / n))


@law(
    KIND,
    "SiO2 liquid",
    unit="J/mol",
    reference=f"{_REFERENCE}, Table 2; F0 and S0 refitted",
    key=_KEY,
    further_keys=_FURTHER_KEYS,
    doi=_DOI,
    attributes={"arguments": ("V", "T"), "conditions": CORRECTIONS["SiO2 liquid"]},
    P=PRESSURE_RANGE,
    T=TEMPERATURE_RANGE,
)
def silica_liquid_energy(*, V: sympy.Expr, T: sympy.Expr, **_: object) -> sympy.Expr:
    """Helmholtz energy [J/mol] of liquid SiO2; V [m3/mol], T [K].

    The pressure is a sum of two exponentials and a power.
    """
    T0, V0 = 4000.0, 27.4  # K, cm3/mol
    p0, p1, p2, p3 = 1447.2 * _GPA, -0.24865, 1.027e7 * _GPA, -1.1258  # Pa, 1/cm3
    f1, f2 = 7.45 * _GPA, -2.701  # Pa/K cm^(-3 f2)
    C0, C1, C2 = 104.51, 1.353, 6.0e-5  # Cv = C0 + C1 V + C2 T [J/mol/K], V [cm3/mol]
    F0, S0 = (-2030.3 + 546.5105) * _KJ, 275.0 - 19.0230
    v, heated = V / _CM3, T - T0
    cold = (
        sum(p / k * (sympy.exp(k * v) - sympy.exp(k * V0)) for p, k in ((p0, p1), (p2, p3))) * _CM3
    )  # integral of P dV
    disorder = f1 * _CM3 / (f2 + 1) * (v ** (f2 + 1) - V0 ** (f2 + 1))  # entropy of expansion, J/mol/K
    warmed = T * sympy.log(T / T0) - heated
    return F0 - cold - (S0 + disorder) * heated - (C0 + C1 * v) * warmed - C2 * heated**2 / 2


FEO_LIQUID = EndMember("FeO liquid", (1, 0, 0), ("P", "T"), 18.78 * _CM3)
MGO_LIQUID = EndMember("MgO liquid", (0, 1, 0), ("V", "T"), 16.46 * _CM3)
SIO2_LIQUID = EndMember("SiO2 liquid", (0, 0, 1), ("V", "T"), 27.4 * _CM3)

LIQUIDS = (FEO_LIQUID, MGO_LIQUID, SIO2_LIQUID)  # in the order of OXIDES
SOLIDS = (WUSTITE, PERICLASE, FE_BRIDGMANITE, MG_BRIDGMANITE, STISHOVITE)
END_MEMBERS = MappingProxyType({member.name: member for member in (*LIQUIDS, *SOLIDS)})
MELTS_FROM = MappingProxyType(
    {"FeO": (WUSTITE, FEO_LIQUID), "MgO": (PERICLASE, MGO_LIQUID), "SiO2": (STISHOVITE, SIO2_LIQUID)}
)


# ---- Properties at P and T


@dataclass(frozen=True)
class EndMemberState:
    """A pure phase at P and T, arrays of one shape."""

    gibbs_energy: np.ndarray  # J/mol
    volume: np.ndarray  # m3/mol
    entropy: np.ndarray  # J/mol/K
    bulk_modulus: np.ndarray  # Pa, isothermal


Compiled = Callable[..., list[np.ndarray]]


@cache
def _compiled(name: str) -> tuple[Compiled, Compiled | None]:
    """Numpy functions: (G, V, S, K_T) of (P, T), None.

    Or, of (V, T), the energy and its slopes, then (P, -dP/dV).
    """
    member = END_MEMBERS[name]
    first, T = (sympy.Symbol(symbol, positive=True) for symbol in member.natural)
    energy = find(KIND, name)(**dict(zip(member.natural, (first, T))))
    slope = sympy.diff(energy, first)
    if member.natural[0] == "P":
        rows = [energy, slope, -sympy.diff(energy, T), -slope / sympy.diff(slope, first)]
        return sympy.lambdify([first, T], rows, modules="numpy", cse=True), None
    stiffness = sympy.diff(slope, first)
    rows = [energy, first, -sympy.diff(energy, T), first * stiffness]
    properties = sympy.lambdify([first, T], rows, modules="numpy", cse=True)
    pressure = sympy.lambdify([first, T], [-slope, stiffness], modules="numpy", cse=True)
    return properties, pressure


def state(name: str, P: ArrayLike, T: ArrayLike) -> EndMemberState:
    """Properties of an end-member at P [Pa] and T [K], numbers or arrays that broadcast.

    Where the phase would be torn apart (beyond its spinodal) every property is NaN.
    InputError for an unknown name, and outside 20-140 GPa or 1000-8500 K.
    """
    if name not in END_MEMBERS:
        raise InputError(
            f"end-member {name!r}",
            "no end-member has this name.",
            f"known: {', '.join(END_MEMBERS)}",
            nearest(name, END_MEMBERS),
        )
    P, T = np.broadcast_arrays(np.asarray(P, dtype=float), np.asarray(T, dtype=float))
    for symbol, values, (low, high), scale, unit in (
        ("P", P, PRESSURE_RANGE, _GPA, "GPa"),
        ("T", T, TEMPERATURE_RANGE, 1.0, "K"),
    ):
        inside = (values >= low) & (values <= high)  # false for NaN
        if not inside.all():
            raise InputError(
                f"{name}: {symbol} = {values[~inside].flat[0] / scale:g} {unit}",
                f"outside the equation of state ({np.count_nonzero(~inside)} of {inside.size} values).",
                f"allowed: {low / scale:g} to {high / scale:g} {unit}",
            )
    properties, pressure = _compiled(name)
    if pressure is None:
        G, V, S, K_T = properties(P, T)
        return EndMemberState(*(np.broadcast_to(v, P.shape) for v in (G, V, S, K_T)))
    V = _volume(END_MEMBERS[name], pressure, P, T)
    F, _, S, K_T = properties(V, T)
    return EndMemberState(F + P * V, V, S, K_T)


def _volume(member: EndMember, pressure: Compiled, P: np.ndarray, T: np.ndarray) -> np.ndarray:
    """Volume [m3/mol] by Newton in ln V from the compressed side; NaN where an iterate meets the spinodal."""
    log_V = np.full(P.shape, np.log(0.4 * member.volume))
    lost = np.zeros(P.shape, dtype=bool)
    for _ in range(60):
        V = np.exp(log_V)
        reached, stiffness = pressure(V, T)
        lost |= ~(stiffness > 0)
        step = np.where(lost, 0.0, np.clip((reached - P) / np.where(lost, 1.0, V * stiffness), -0.3, 0.3))
        log_V = log_V + step
        if not (np.abs(step) > 1e-9).any():  # quadratic: what is left is rounding
            return np.where(lost, np.nan, np.exp(log_V))
    worst = np.argmax(np.abs(step))
    raise ConvergenceError(
        f"{member.name}: no volume was found at P = {P.flat[worst]:g} Pa, T = {T.flat[worst]:g} K."
    )


def melting_temperature(oxide: str, P: ArrayLike) -> np.ndarray:
    """Melting temperature [K] of FeO, MgO or SiO2 at P [Pa], 20-140 GPa, number or array.

    Where both phases have one G.

    InputError for another oxide or pressure.
    """
    if oxide not in MELTS_FROM:
        raise InputError(
            f"oxide {oxide!r}",
            "no melting end-member has this name.",
            f"allowed: {', '.join(MELTS_FROM)}",
            nearest(oxide, MELTS_FROM),
        )
    solid, liquid = MELTS_FROM[oxide]
    P = np.asarray(P, dtype=float)
    # Newton in T: of G, whose slope -S is known;
    # the entropy of melting is nearly constant, so few steps are enough
    T = np.full(P.shape, 3500.0)
    for _ in range(40):
        above, below = state(liquid.name, P, T), state(solid.name, P, T)
        step = np.clip(
            (above.gibbs_energy - below.gibbs_energy) / (above.entropy - below.entropy), -800.0, 800.0
        )
        T = np.clip(T + step, *TEMPERATURE_RANGE)
        if not (np.abs(step) > 1e-7).any():
            return T
    raise ConvergenceError(
        f"{oxide}: no melting temperature found at P = {P.flat[np.argmax(np.abs(step))]:g} Pa."
    )
