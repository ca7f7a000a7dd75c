"""Mixtures of real gases by cubic equations of state with the mixing rules of van der Waals, in sympy.

a = sum x_i x_j (1 - k_ij) (a_i a_j)^1/2, b = sum x_i b_i.
The caller has the interaction parameters k_ij.
The pure gases are those of closures/gas_equations.py. Gases that are not named in the mixture are ideal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sympy

from ..closures.gas_equations import (
    KIND,
    Gas,
    Values,
    peng_robinson,
    peng_robinson_parameters,
    soave_parameters,
    soave_redlich_kwong,
)
from ..closures.registry import law
from ..dae.leaves.polynomial_root import Polynomial, largest_root

SQRT2 = math.sqrt(2.0)
# A of a gas below which its root is rounded off; ln phi changes by less than 1e-11.
SMALLEST_ATTRACTION = 1e-24
_FITTED = "alpha(T) is fitted to vapour pressures below the critical temperature: extrapolated above it"
_RULES = "mixing rules of van der Waals; interaction parameters by name, 0 and recorded where none is known"


@law(
    KIND,
    "PengRobinson1976-mixture",
    unit="1",
    reference="Peng & Robinson 1976, Ind. Eng. Chem. Fundam. 15, 59, Eq. 19",
    key="Peng1976",
    doi="10.1021/i160057a011",
    attributes={"arguments": ("T", "P", "gas"), "reduced_T": (0.6, 1.0), "outside": _FITTED, "note": _RULES},
)
def pure_peng_robinson(*, T: Values, P: Values, gas: Gas, **_: object) -> np.ndarray:
    """ln phi of the pure gas, the end member of the mixture. T [K], P [Pa]."""
    return peng_robinson(T=T, P=P, gas=gas)


@law(
    KIND,
    "SoaveRedlichKwong1972-mixture",
    unit="1",
    reference="Soave 1972, Chem. Eng. Sci. 27, 1197",
    key="Soave1972",
    doi="10.1016/0009-2509(72)80096-4",
    attributes={"arguments": ("T", "P", "gas"), "reduced_T": (0.6, 1.0), "outside": _FITTED, "note": _RULES},
)
def pure_soave(*, T: Values, P: Values, gas: Gas, **_: object) -> np.ndarray:
    """ln phi of the pure gas, the end member of the mixture. T [K], P [Pa]."""
    return soave_redlich_kwong(T=T, P=P, gas=gas)


@dataclass(frozen=True)
class Form:
    """A cubic equation for Z in A and B, A and B of a pure gas, and the poles of its logarithm.

    ln((Z + u B)/(Z + v B))/(u - v) multiplies the attraction.
    """

    cubic: Polynomial
    pure: Callable[..., tuple[sympy.Expr, sympy.Expr]]
    u: float
    v: float


# Z: the compressibility factor; A = a P/(RT)^2, B = b P/(RT)
_Z, _A, _B = sympy.symbols("Z A B", real=True)


def _cubic(name: str, F: sympy.Expr) -> Polynomial:
    """The equation F = 0 for Z; that of a gas is above B."""
    return Polynomial(name, F, _Z, (_A, _B), above=1 + _B, below=_B)


PENG_ROBINSON = _cubic(
    "Z_PengRobinson", _Z**3 - (1 - _B) * _Z**2 + (_A - 2 * _B - 3 * _B**2) * _Z - (_A * _B - _B**2 - _B**3)
)
REDLICH_KWONG = _cubic("Z_RedlichKwong", _Z**3 - _Z**2 + (_A - _B - _B**2) * _Z - _A * _B)
FORMS: Mapping[str, Form] = {
    "PengRobinson1976-mixture": Form(PENG_ROBINSON, peng_robinson_parameters, 1 + SQRT2, 1 - SQRT2),
    "SoaveRedlichKwong1972-mixture": Form(REDLICH_KWONG, soave_parameters, 1.0, 0.0),
}
ENDING = "-mixture"


def is_mixture(law_name: str) -> bool:
    """Whether a law of fugacity coefficients is one of mixtures."""
    return law_name in FORMS


def pure_law(law_name: str) -> str:
    """The law of the pure gases of a mixture; any other law itself."""
    return law_name.removesuffix(ENDING) if is_mixture(law_name) else law_name


@dataclass(frozen=True)
class Mixture:
    """A mixture of real gases.

    interaction: (i, j) with i before j in the order of `gases` -> k_ij; a pair that is not there has 0.
    """

    law: str
    gases: tuple[Gas, ...]
    interaction: Mapping[tuple[str, str], float]

    def ln_phi(self, T: sympy.Expr, P: sympy.Expr, x: Sequence[sympy.Expr]) -> list[sympy.Expr]:
        """ln phi of every gas at T [K], P [Pa] and mole fractions x, symbols or numbers of sympy."""
        form = FORMS[self.law]
        pure = [form.pure(T, P, gas, sympy.sqrt) for gas in self.gases]
        # Smooth where alpha is 0, far above the critical temperature: it is differentiated twice.
        roots = [sympy.sqrt(attraction + SMALLEST_ATTRACTION) for attraction, _ in pure]
        felt = [
            roots[i] * sympy.Add(*(x[j] * roots[j] * (1 - self._k(i, j)) for j in range(len(x))))
            for i in range(len(x))
        ]
        A = sympy.Add(*(share * f for share, f in zip(x, felt)))
        B = sympy.Add(*(share * b for share, (_, b) in zip(x, pure)))
        Z = largest_root(form.cubic)(A, B)
        attraction = sympy.log((Z + form.u * B) / (Z + form.v * B)) / (form.u - form.v) / B
        free = sympy.log(Z - B)
        return [b / B * (Z - 1) - free - attraction * (2 * f - A * b / B) for f, (_, b) in zip(felt, pure)]

    def _k(self, i: int, j: int) -> float:
        first, second = sorted((i, j))
        return self.interaction.get((self.gases[first].name, self.gases[second].name), 0.0)
