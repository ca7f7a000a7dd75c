"""Heat carried by convection: the eddy diffusivity of mixing-length theory."""

from __future__ import annotations

import sympy

from .registry import law


@law(
    "eddy_diffusivity",
    "mixing-length-Abe1995",
    unit="m^2/s",
    reference="Abe 1995, in The Earth's Central Part, p. 215; "
    "Bower, Sanan & Wolf 2018, Phys. Earth Planet. Inter. 274, 49, eqs. 7-9",
    key="Abe1995",
    further_keys=("Bower2018",),
    attributes={"conditions": "viscous to a local Reynolds number of 9/8, inviscid above"},
)
def eddy_diffusivity(
    *, buoyancy: sympy.Expr, ln_kinematic_viscosity: sympy.Expr, mixing_length: sympy.Expr, **_: object
) -> sympy.Expr:
    """Eddy diffusivity [m2/s]: the smaller of its viscous and its inviscid form, which meet at Reynolds
    number 9/8.

    buoyancy: thermal expansivity times gravity times the super-adiabatic temperature gradient [1/s2], above
    0;
    ln_kinematic_viscosity: natural logarithm of the viscosity over the density [m2/s]; mixing_length [m].
    """
    viscous = buoyancy * mixing_length**4 / 18 * sympy.exp(-ln_kinematic_viscosity)
    inviscid = mixing_length**2 / 4 * sympy.sqrt(buoyancy)
    return sympy.Piecewise((viscous, viscous < inviscid), (inviscid, True))
