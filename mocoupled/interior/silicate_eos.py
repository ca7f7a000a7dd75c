"""Equations of state of MgSiO3 melt and solid.

Each a Helmholtz energy F(V, T), all properties generated from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Final

import numpy as np
import sympy
from numpy.typing import ArrayLike

from ..closures.registry import find, law
from ..constants import AVOGADRO_CONSTANT, GAS_CONSTANT
from ..dae.generate.straight_line_programs import Program, differentiate, program, prune
from ..errors import ConvergenceError, InputError, nearest
from ..stored_tables import key_of, table
from .debye import DebyeFunction, debye_integral

KIND: Final = "equation_of_state"

MOLAR_MASS = 0.1003887  # kg/mol, MgSiO3
ATOMS = 5  # per formula unit
_ATOM_MASS = MOLAR_MASS / ATOMS / AVOGADRO_CONSTANT  # kg, mean
_ELECTRONVOLT = 1.602176634e-19  # J, CODATA 2018 (exact)
_CUBIC_ANGSTROM = 1.0e-30  # m3

# Entropy scale of the look-up tables of Bower et al. 2022 ("1TPa"): added to the entropy of each formula.
# The zero of their tables is uneven by +-1.2 J/kg/K (melt) and +-1.0 (solid): interpolation noise.
# What matters
# is the difference, 3251.1 J/kg/K, which sets the entropy of melting.
MELT_ENTROPY_OFFSET = 2796.2  # J/kg/K
SOLID_ENTROPY_OFFSET = -454.9  # J/kg/K

# Solid with the heat capacity of Dulong and Petit: our choice, since no paper gives it, that the solid at
# 25 GPa and 2475.92 K (on the solidus) keeps the entropy it has with the published heat capacity.
SOLID_ENTROPY_OFFSET_FULL = -1617.871  # J/kg/K

PUBLISHED_SOLID_HEAT_CAPACITY = 805.989  # J/kg/K, the limit C_inf that the published tables contain
FULL_SOLID_HEAT_CAPACITY = 3 * ATOMS * GAS_CONSTANT / MOLAR_MASS  # J/kg/K, Dulong-Petit: 1242.3


# ---- Melt
# -----------------------------------------------------------------------------------------------------


@law(
    KIND,
    "RTpress-WolfBower2018",
    unit="J/kg",
    reference="Wolf & Bower 2018, Phys. Earth Planet. Inter. 278, 59 (MgSiO3 melt, "
    "fit to de Koker & Stixrude 2009)",
    key="Wolf2018",
    further_keys=("deKoker2009",),
    doi="10.1016/j.pepi.2018.02.004",
    attributes={
        "arguments": ("V", "T"),
        "conditions": "range of the fit not stated; that of the published tables, 0-200 GPa. "
        "Computed to 2 TPa",
    },
    P=(0.0, 200.0e9),
    T=(1000.0, 10000.0),
)
def melt_helmholtz_energy(*, V: sympy.Expr, T: sympy.Expr, **_: object) -> sympy.Expr:
    """Helmholtz energy [J/kg] of MgSiO3 melt, RTpress; V specific volume [m3/kg], T [K].

    F = F_cold(V) - integral of S dT from T0 to T: a Vinet isotherm at T0 and the entropy of a liquid whose
    potential energy grows as T^0.6 (Rosenfeld & Tarazona) along an isotherm, with the adiabat T_0S(V) of a
    finite-strain Grueneisen parameter. Zero of energy at (V0, T0); zero of entropy at the same adiabat.
    """
    V0 = 14.74 * _CUBIC_ANGSTROM / _ATOM_MASS
    T0, K0, K0_prime = 3000.0, 9.77e9, 7.42
    gamma0, gamma0_prime = 0.282, -1.35  # gamma0_prime = V0 dgamma/dV
    m = sympy.Rational(3, 5)
    coefficients = (1.118, -0.05, 2.1, 12.9, 15.5)  # eV per atom
    k = GAS_CONSTANT * ATOMS / MOLAR_MASS  # Boltzmann's constant per kg

    eta = 1.5 * (K0_prime - 1.0)
    h = eta * (1 - (V / V0) ** sympy.Rational(1, 3))
    cold = 9.0 * K0 * V0 / eta**2 * (1 - (1 - h) * sympy.exp(h))

    b = sum(c * (V / V0 - 1) ** n for n, c in enumerate(coefficients)) * _ELECTRONVOLT / _ATOM_MASS
    y = ((V0 / V) ** sympy.Rational(2, 3) - 1) / 2
    a1, a2 = 6 * gamma0, -12 * gamma0 + 36 * gamma0**2 - 18 * gamma0_prime
    T_0S = T0 * sympy.sqrt(1 + a1 * y + a2 * y**2 / 2)

    # S = b/(m-1) [f'(T) - f'(T_0S)] + 3/2 k ln(T/T_0S) with f = (T/T0)^m - 1, and its integral over T
    f = (T / T0) ** m - 1
    f_slope = m / T0 * (T_0S / T0) ** (m - 1)
    potential = b / (m - 1) * (f - f_slope * (T - T0))
    kinetic = sympy.Rational(3, 2) * k * (T * sympy.log(T / T_0S) - T0 * sympy.log(T0 / T_0S) - (T - T0))
    return cold - potential - kinetic


# ---- Solid
# ----------------------------------------------------------------------------------------------------


def _perovskite_helmholtz_energy(V: sympy.Expr, T: sympy.Expr, heat_capacity_limit: float) -> sympy.Expr:
    """Helmholtz energy [J/kg] of MgSiO3 perovskite: isentrope, and Debye solid above it; V [m3/kg], T [K].

    F = E_S(V) + F_D(V, T) - E_D(V, T_S(V)): the energy of the Birch-Murnaghan isentrope through (V0, 300 K),
    the Debye energy at T, less that on the isentrope. On it theta/T is constant, so its entropy is constant
    as it must be, and P = P_S + gamma/V [E_D(T) - E_D(T_S)] is minus the derivative of F:
    Mie, Grueneisen and Debye from one energy.
    """
    V0, T_r, K0, K0_prime = 1.0 / 4107.62, 300.0, 254.70e9, 4.260
    gamma0, q, theta0 = 2.230, 1.830, 736.0
    strain = ((V0 / V) ** sympy.Rational(2, 3) - 1) / 2
    isentrope = 4.5 * K0 * V0 * strain**2 * (1 + (K0_prime - 4.0) * strain)
    stiffening = sympy.exp(
        gamma0 / q * (1 - (V / V0) ** q)
    )  # theta/theta0 = T_S/T_r, from gamma = gamma0 (V/V0)^q
    u = theta0 * stiffening / T
    thermal = T * (sympy.log(1 - sympy.exp(-u)) - DebyeFunction(u) / 3)
    on_isentrope = T_r * stiffening * float(debye_integral(theta0 / T_r))
    return isentrope + heat_capacity_limit * (thermal - on_isentrope)


def _register_solid(name: str, heat_capacity_limit: float, conditions: str) -> None:
    """Register the perovskite with a limit of its heat capacity [J/kg/K]."""

    def solid_helmholtz_energy(*, V: sympy.Expr, T: sympy.Expr, **_: object) -> sympy.Expr:
        """Helmholtz energy [J/kg] of MgSiO3 perovskite, Debye-Birch-Murnaghan;
        V specific volume [m3/kg], T [K].
        """
        return _perovskite_helmholtz_energy(V, T, heat_capacity_limit)

    law(
        KIND,
        name,
        unit="J/kg",
        reference="Mosenfelder et al. 2009, J. Geophys. Res. 114, B01203 (MgSiO3 perovskite, shock data)",
        key="Mosenfelder2009",
        doi="10.1029/2008JB005900",
        attributes={"arguments": ("V", "T"), "conditions": conditions + ". Computed to 2 TPa"},
        P=(0.0, 200.0e9),
        T=(300.0, 9000.0),
    )(solid_helmholtz_energy)


_register_solid(
    "perovskite-Mosenfelder2009",
    PUBLISHED_SOLID_HEAT_CAPACITY,
    "heat capacity limit 806 J/kg/K and range of the published tables",
)
_register_solid(
    "perovskite-Mosenfelder2009-DulongPetit",
    FULL_SOLID_HEAT_CAPACITY,
    "heat capacity limit 3nR/M; not fitted to data",
)


# ---- Properties at P and T
# ------------------------------------------------------------------------------------

# m3/kg, below every volume of either phase up to 200 GPa: the root search starts here
_COMPRESSED_VOLUME = 1.5e-4
STORED = 100  # values: what is larger is stored between processes
# the same up to the pressures at which the equations of state are still computed, beyond their range
_MORE_COMPRESSED_VOLUME = 7.0e-5
CALIBRATED_TO = 200.0e9  # Pa
COMPUTED_TO = {"P": 2.0e12, "T": 40000.0}  # Pa, K


@dataclass(frozen=True)
class PhaseState:
    """Properties of one phase, arrays of one shape."""

    density: np.ndarray  # kg/m3
    expansivity: np.ndarray  # 1/K, alpha = dlnV/dT at constant P
    heat_capacity: np.ndarray  # J/kg/K, at constant pressure
    entropy: np.ndarray  # J/kg/K, on the scale of the published tables
    bulk_modulus: np.ndarray  # Pa, isothermal
    adiabatic_gradient: np.ndarray  # K/Pa, dT/dP at constant entropy
    gruneisen: np.ndarray  # -, V alpha K_T/C_V


Compiled = Callable[..., list[np.ndarray]]


@cache
def _compiled(name: str) -> tuple[Compiled, Compiled]:
    """Numpy functions of (V, T): for the root search and for the properties.

    The first returns (P, F_VV), the second (-F_T, F_VV, -F_VT, -F_TT).
    """
    V, T = sympy.symbols("V T", positive=True)
    code = program(F=[find(KIND, name)(V=V, T=T)])
    code = differentiate(code, code.results["F"], [V, T], "first", "_d")
    code = differentiate(code, code.results["first"], [V, T], "second", "_s")
    (F_V, F_T), (F_VV, F_VT, _, F_TT) = code.results["first"], code.results["second"]

    def compiled(rows: list[sympy.Expr]) -> Compiled:
        steps = list(prune(Program(code.steps, {"rows": tuple(rows)})).steps)
        return sympy.lambdify(
            [V, T],
            rows,
            modules=[{"DebyeFunction": debye_integral}, "numpy"],
            cse=lambda reduced: (steps, reduced),
        )

    return compiled([-F_V, F_VV]), compiled([-F_T, F_VV, -F_VT, -F_TT])


@cache
def _law_text(name: str) -> str | None:
    """What the numbers of a law depend on beside the code of this package, as text.

    It is the expression of a law of the user's, with all digits; None where that has numerical functions,
    whose code no text shows.
    """
    energy = find(KIND, name)
    if energy.function.__module__.startswith("mocoupled."):
        return f"{name} {sympy.__version__}"
    V, T = sympy.symbols("V T", positive=True)
    expression = energy(V=V, T=T)
    functions = expression.atoms(sympy.Function)
    if any(f.func is not DebyeFunction and not f.func.__module__.startswith("sympy.") for f in functions):
        return None
    return f"{sympy.srepr(expression)} {sympy.__version__}"


@dataclass(frozen=True)
class Phase:
    """One phase of MgSiO3 on its equation of state.

    name, reference: of the registered law; entropy_offset [J/kg/K], added to -dF/dT.
    """

    name: str
    reference: str
    entropy_offset: float

    def state(self, P: ArrayLike, T: ArrayLike) -> PhaseState:
        """Properties at P [Pa] and T [K], numbers or arrays that broadcast.

        InputError beyond 2 TPa and 40000 K, for NaN, and beyond the spinodal, where the phase is torn apart.
        """
        pressure, temperature = self._checked(P, T)
        if pressure.size < STORED or self.text is None:
            return PhaseState(*self._computed(pressure, temperature))
        key = key_of(self.text, pressure, temperature)
        return PhaseState(*table(key, lambda: np.stack(self._computed(pressure, temperature))))

    @property
    def text(self) -> str | None:
        """What its numbers depend on, for the name of a stored table; None where no text shows it."""
        law = _law_text(self.name)
        return None if law is None else f"{law} {self.entropy_offset!r}"

    def _computed(self, pressure: np.ndarray, temperature: np.ndarray) -> list[np.ndarray]:
        """The fields of a PhaseState, in their order."""
        V = self._volume(pressure, temperature)
        S, F_VV, P_T, S_T = _compiled(self.name)[1](V, temperature)
        K_T = V * F_VV
        alpha = P_T / K_T
        C_V = temperature * S_T
        C_P = C_V + temperature * V * alpha**2 * K_T
        density, entropy, gradient = 1.0 / V, S + self.entropy_offset, alpha * temperature * V / C_P
        return [density, alpha, C_P, entropy, K_T, gradient, V * alpha * K_T / C_V]

    def temperature(self, P: ArrayLike, entropy: ArrayLike, first: ArrayLike, cap: ArrayLike) -> np.ndarray:
        """Temperature [K] at P [Pa] and an entropy [J/kg/K], by Newton's method in ln T; at most `cap` [K].

        first [K]: where it starts. All are numbers or arrays that broadcast.
        """
        P, S, T, highest = np.broadcast_arrays(
            *(np.asarray(x, dtype=float) for x in (P, entropy, first, cap))
        )
        for _ in range(60):
            at = self.state(P, T)
            step = np.clip((S - at.entropy) / at.heat_capacity, -0.2, 0.2)
            T, before = np.minimum(T * np.exp(step), highest), T
            if not (np.abs(T / before - 1) > 1e-10).any():
                return T
        raise ConvergenceError(f"{self.name}: no temperature was found for an entropy.")

    def _checked(self, P: ArrayLike, T: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """P and T as arrays of one shape; InputError outside the law's range and for NaN."""
        P, T = np.broadcast_arrays(np.asarray(P, dtype=float), np.asarray(T, dtype=float))
        ranges = find(KIND, self.name).ranges
        for name, values, scale, unit in (("P", P, 1.0e9, "GPa"), ("T", T, 1.0, "K")):
            low, high = ranges[name][0], COMPUTED_TO[name]
            inside = (values >= low) & (values <= high)  # false for NaN
            if not inside.all():
                raise InputError(
                    f"{self.name}: {name} = {values[~inside].flat[0] / scale:g} {unit}",
                    f"outside the equation of state ({np.count_nonzero(~inside)} of {inside.size} values).",
                    f"allowed: {low / scale:g} to {high / scale:g} {unit}",
                )
        return P, T

    def _volume(self, P: np.ndarray, T: np.ndarray) -> np.ndarray:
        """Specific volume [m3/kg] by Newton in ln V.

        P(ln V) falls and is convex up to the spinodal, so from the compressed side the iterates grow
        steadily to the root.
        An iterate that meets K_T <= 0 has passed the spinodal, and there is no root: InputError.
        """
        pressure = _compiled(self.name)[0]
        log_V = np.log(np.where(P > CALIBRATED_TO, _MORE_COMPRESSED_VOLUME, _COMPRESSED_VOLUME))
        for _ in range(60):
            V = np.exp(log_V)
            P_V, F_VV = pressure(V, T)
            K_T = V * F_VV
            lost = ~(K_T > 0.0)
            if lost.any():
                raise InputError(
                    f"{self.name}: P = {P[lost].flat[0] / 1e9:g} GPa, T = {T[lost].flat[0]:g} K",
                    f"beyond the spinodal: the phase does not exist ({np.count_nonzero(lost)} of "
                    f"{lost.size} values).",
                    "allowed: a higher pressure, or a lower temperature",
                )
            step = np.clip((P_V - P) / K_T, -0.3, 0.3)
            log_V = log_V + step
            if not (np.abs(step) > 1e-9).any():  # quadratic: what is left is rounding
                return np.exp(log_V)
        worst = np.argmax(np.abs(step))
        raise ConvergenceError(
            f"{self.name}: no volume was found at P = {P.flat[worst]:g} Pa, T = {T.flat[worst]:g} K."
        )


@cache
def melt() -> Phase:
    """MgSiO3 melt, RTpress (Wolf & Bower 2018); at P = 0 it exists up to 3876 K."""
    name = "RTpress-WolfBower2018"
    return Phase(name, find(KIND, name).reference, MELT_ENTROPY_OFFSET)


@cache
def solid(full_heat_capacity: bool = False) -> Phase:
    """MgSiO3 perovskite, Debye-Birch-Murnaghan (Mosenfelder et al. 2009).

    The published tables behind Bower et al. 2022 contain a heat capacity limit C_inf of 805.989 J/kg/K, only
    0.649 of the Dulong-Petit value 3nR/M = 1242 J/kg/K of five atoms: too low by 35 %.
    It is the default, since it reproduces the paper. full_heat_capacity=True takes the physical limit;
    thermal pressure and expansivity then rise with it (at P = 0 the spinodal comes down from 4450 K to 2937
    K), and the entropy is anchored on the solidus at 25 GPa (SOLID_ENTROPY_OFFSET_FULL).
    """
    name = "perovskite-Mosenfelder2009" + ("-DulongPetit" if full_heat_capacity else "")
    offset = SOLID_ENTROPY_OFFSET_FULL if full_heat_capacity else SOLID_ENTROPY_OFFSET
    return Phase(name, find(KIND, name).reference, offset)


_MELTS: Mapping[str, Callable[[], Phase]] = {"RTpress-WolfBower2018": melt}
_SOLIDS: Mapping[str, Callable[[], Phase]] = {
    "perovskite-Mosenfelder2009": solid,
    "perovskite-Mosenfelder2009-DulongPetit": partial(solid, full_heat_capacity=True),
}


def _named(phases: Mapping[str, Callable[[], Phase]], name: str, where: str) -> Phase:
    if name not in phases:
        raise InputError(
            where, "no equation of state has this name.", f"known: {', '.join(phases)}", nearest(name, phases)
        )
    return phases[name]()


def melt_phase(name: str, where: str = "") -> Phase:
    """The melt of this name; InputError at `where` for an unknown one."""
    return _named(_MELTS, name, where or f"melt equation of state {name!r}")


def solid_phase(name: str, where: str = "") -> Phase:
    """The solid of this name; InputError at `where` for an unknown one."""
    return _named(_SOLIDS, name, where or f"solid equation of state {name!r}")
