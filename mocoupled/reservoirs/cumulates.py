"""Growth of the pile of cumulates below a magma ocean, with remelting: balances of solid and iron, declared only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from ..closures.iron_magnesium import composition, exchange, ln_remaining_logit, share
from ..dae.declare.model import Balance, Constraint, Model, Output, Parameter, Start, Unknown, join
from ..dae.leaves.external import External
from .column_iron import OCEAN, OVERTURN

SOLID, PILE = "solid_fraction", "pile_iron"
IRON = "iron of the ocean"  # the balance
LEAST_SOLID = 1e-3  # solid fraction below which remelting is not looked up
OVERTURN_SCALE = (
    100.0  # m2/s, of a diffusivity of about 1: the step size need not heed what its constraint holds
)
NO_PILE = 1e-9  # solid fraction below which there is no pile to have a composition
STEP = 2.0  # of the ocean's logit in one Newton step


def growing_pile(growth: str, rate: External | None = None, iron_rate: External | None = None) -> Model:
    """The model. growth: "net" or "gross", what the parameter `growth` [1/s] is the rate of.

    rate, iron_rate [1/s]: melt returned, as a share of the pile, and its iron, as functions of solid fraction and
    `share`; None: nothing is returned. It starts on the way of fractional crystallisation at `first_solid_fraction`.
    """
    parameters = (
        Parameter("growth", 1e-13, "1/s", "rate of crystallisation"),
        Parameter("bulk_iron", 0.1, "1", "Fe/(Fe + Mg) of the whole mantle"),
        Parameter("exchange_coefficient", 0.3, "1", "(Fe/Mg of the crystals)/(Fe/Mg of the melt)"),
        Parameter("first_solid_fraction", 0.02, "1", "solid fraction at the start"),
    )
    u, X_bulk, KD, first = (p.symbol for p in parameters)
    unknowns = (
        Unknown(SOLID, guess=0.02, high=1 - 1e-9, long_name="fraction of the mantle that has crystallised"),
        Unknown(OCEAN, guess=-2.0, step=STEP, long_name="logit of Fe/(Fe + Mg) of the magma ocean"),
        Unknown(PILE, guess=0.03, long_name="mean Fe/(Fe + Mg) of the pile of cumulates"),
    )
    f, y, X_pile = (v.symbol for v in unknowns)
    X, X_crystals = composition(y), exchange(composition(y), KD)
    returned, iron = (
        (0, 0) if rate is None else (f * rate(f, share(f, y, X_bulk)), f * iron_rate(f, share(f, y, X_bulk)))
    )
    crystals = u + returned if growth == "net" else u
    gain = crystals * X_crystals - iron
    return Model(
        name="pile of cumulates",
        unknowns=unknowns,
        parameters=parameters,
        balances=(
            Balance("solid", f, crystals - returned),
            Balance(IRON, (1 - f) * X, -gain),
            Balance("iron of the pile", f * X_pile, gain),
        ),
        starts=(
            Start("solid fraction", f - first),
            Start(
                "fractional crystallisation",
                ln_remaining_logit(y, sympy.log(X_bulk / (1 - X_bulk)), KD) - sympy.log(1 - f),
            ),
            Start("iron in all", f * X_pile + (1 - f) * X - X_bulk),
        ),
        outputs=(Output("ocean_iron", X, "1", "Fe/(Fe + Mg) of the magma ocean"),),
    )


@dataclass(frozen=True)
class Return:
    """What the pile gives back, each as a share of the pile [1/s]: melt, its iron, and the rock that melts for it, however little."""

    melt: sympy.Expr
    iron: sympy.Expr
    source: sympy.Expr


def melt_back(melt_fraction, bulk_iron: float, core_temperature, leaves: Sequence[External]) -> Return:
    """leaves: melt, iron and source [1/s] as functions of solid fraction, `share` and core_temperature [K]."""
    solid = sympy.sqrt(
        (1 - melt_fraction) ** 2 + LEAST_SOLID**2
    )  # the share of no pile at all is not defined
    where = solid, share(solid, sympy.Symbol(OCEAN, real=True), bulk_iron), core_temperature
    return Return(*(leaf(*where) for leaf in leaves))


def overturn_level() -> sympy.Symbol:
    """Eddy diffusivity of the overturn [m2/s] as a number for a whole field, which cannot look at the pile itself."""
    return sympy.Symbol(OVERTURN, real=True)


def with_overturn(pile: Model, thickness: sympy.Expr, back: Return) -> Model:
    """The pile's model with its overturn as an unknown: rock that rises through a pile of thickness d to melt, `back.source` of the
    pile a second, moves heat as an eddy diffusivity d^2 source does. thickness [m]: d."""
    diffusivity = back.source * thickness**2
    unknown = Unknown(
        OVERTURN, "m^2/s", scale=OVERTURN_SCALE, long_name="eddy diffusivity of the overturn of the pile"
    )
    held = Constraint("overturn of the pile", unknown.symbol - diffusivity)
    told = Output("pile_diffusivity", unknown.symbol, unknown.unit, unknown.long_name)
    return join(pile.name, pile, Model(unknowns=(unknown,), constraints=(held,), outputs=(told,)))


def cooling_pile(
    melt_fraction,
    thickness: sympy.Expr,
    bulk_iron: float,
    KD: float,
    trapped_melt=0.0,
    settling=True,
    back: Return | None = None,
) -> Model:
    """The iron of a magma ocean whose melt fraction follows from its own cooling; the pile is what has crystallised.

    melt_fraction, thickness [m] of the pile: expressions; trapped_melt: share of the ocean's melt in what is added to the pile.
    settling: crystals leave the melt (fractional crystallisation), or stay and exchange with it (batch; nothing is then returned).
    back: what is returned.

    With n the melt fraction, X the ocean's composition and X_c the crystals', n dX/dt = -dn/dt (X - X_s) + q (X_m - X_s), where
    X_s = (1 - t) X_c + t X is what settles, t the trapped melt and q, X_m the melt returned. Divided by n (X - X_c) both
    terms on the left are differentials (corrected eq. B6), so that the storage (1 - t) ln n - ln_remaining(X) changes by
    q (X_m - X_s)/(n (X - X_c)) alone: what is not remelted follows Rayleigh's law to rounding.
    """
    bulk = sympy.log(bulk_iron / (1 - bulk_iron))
    unknown = Unknown(
        OCEAN, guess=float(bulk), step=STEP, long_name="logit of Fe/(Fe + Mg) of the magma ocean"
    )
    y, n = unknown.symbol, melt_fraction
    X = composition(y)
    X_c = exchange(X, KD)
    X_pile = bulk_iron if not settling else (bulk_iron - n * X) / (1 - n)
    outputs = [
        Output("ocean_iron", X, "1", "Fe/(Fe + Mg) of the melt"),
        Output("crystal_iron", X_c, "1", "Fe/(Fe + Mg) of crystals in equilibrium with the melt"),
    ]
    if not settling:
        held = Constraint("iron of melt and crystals", n * X + (1 - n) * X_c - bulk_iron)
        return Model("suspended crystals", unknowns=(unknown,), constraints=(held,), outputs=tuple(outputs))
    source, told = sympy.S.Zero, []
    settled = (1 - trapped_melt) * X_c + trapped_melt * X
    if back is not None:
        source = (1 - n) * (back.iron - back.melt * settled) / (n * (X - X_c))
        told = [
            Output(
                "remelting_rate",
                (1 - n) * back.melt,
                "1/s",
                "melt that the pile gives back, as a share of the mantle",
            )
        ]
    held = (1 - trapped_melt) * sympy.log(n) - ln_remaining_logit(y, bulk, KD)
    start = Start("iron at the start", held)
    outputs += [
        Output(
            "pile_iron",
            sympy.Piecewise((settled, 1 - n < NO_PILE), (X_pile, True)),
            "1",
            "mean Fe/(Fe + Mg) of what has crystallised",
        ),
        Output("pile_thickness", thickness, "m", "thickness of the pile of what has crystallised"),
        *told,
    ]
    return Model(
        "cooling pile",
        unknowns=(unknown,),
        balances=(Balance(IRON, held, source),),
        starts=(start,),
        outputs=tuple(outputs),
    )
