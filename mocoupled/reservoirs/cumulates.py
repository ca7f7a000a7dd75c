"""Growth of the pile of cumulates below a magma ocean, with remelting: balances of solid and iron."""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from ..closures.iron_magnesium import composition, exchange, ln_remaining_logit, share
from ..dae.declare.model import Balance, Constraint, Model, Output, Parameter, Start, Unknown
from ..dae.leaves.external import External

# logit of Fe/(Fe + Mg) of the magma ocean
OCEAN = "ocean_logit"
SOLID, PILE = "solid_fraction", "pile_iron"
# the balances
IRON, GROWTH = "iron of the ocean", "solid"
# solid fraction below which remelting is not looked up
LEAST_SOLID = 1e-3
# solid fraction below which there is no pile to have a composition
NO_PILE = 1e-9
# of the logit of the ocean in one Newton step
STEP = 2.0


@dataclass(frozen=True)
class Remelting:
    """What a pile returns [1/s], as functions of solid fraction and `share`.

    rate: melt, as a share of the pile; iron_rate: its iron.
    further: expressions of what else they are functions of.
    """

    rate: External
    iron_rate: External
    further: tuple[sympy.Expr, ...] = ()

    def of_mantle(
        self, f: sympy.Symbol, y: sympy.Symbol, X_bulk: sympy.Symbol
    ) -> tuple[sympy.Expr, sympy.Expr]:
        """Melt and its iron as shares of the mantle.

        f: solid fraction; y: logit of the ocean.
        """
        where = f, share(f, y, X_bulk), *self.further
        return f * self.rate(*where), f * self.iron_rate(*where)


def growing_pile(
    growth: str, remelting: Remelting | None = None, exchange_coefficient: sympy.Expr | None = None
) -> Model:
    """A pile that grows at a prescribed rate.

    growth: "net" or "gross", of what the parameter `growth` [1/s] is the rate.
    remelting: None where nothing is returned.
    exchange_coefficient: K_D of the crystals as an expression in the solid fraction; None: a parameter.
    It starts on the way of fractional crystallisation at `first_solid_fraction`, from `first_ocean_logit`
    where K_D changes on the way.
    """
    parameters = (
        Parameter("growth", 1e-13, "1/s", "rate of crystallisation"),
        Parameter("bulk_iron", 0.1, "1", "Fe/(Fe + Mg) of the whole mantle"),
        Parameter("exchange_coefficient", 0.3, "1", "(Fe/Mg of the crystals)/(Fe/Mg of the melt)"),
        Parameter("first_solid_fraction", 0.02, "1", "solid fraction at the start"),
        Parameter("first_ocean_logit", -2.0, "1", "logit of the ocean at the start, where K_D changes"),
    )
    u, X_bulk, one_KD, first, first_logit = (p.symbol for p in parameters)
    KD = one_KD if exchange_coefficient is None else exchange_coefficient
    unknowns = (
        Unknown(SOLID, guess=0.02, high=1 - 1e-9, long_name="fraction of the mantle that has crystallised"),
        Unknown(OCEAN, guess=-2.0, step=STEP, long_name="logit of Fe/(Fe + Mg) of the magma ocean"),
        Unknown(PILE, guess=0.03, long_name="mean Fe/(Fe + Mg) of the pile of cumulates"),
    )
    f, y, X_pile = (v.symbol for v in unknowns)
    X, X_crystals = composition(y), exchange(composition(y), KD)
    returned, iron = sympy.S.Zero, sympy.S.Zero
    if remelting is not None:
        returned, iron = remelting.of_mantle(f, y, X_bulk)
    crystals = u + returned if growth == "net" else u
    gain = crystals * X_crystals - iron
    on_the_way = y - first_logit
    if exchange_coefficient is None:
        on_the_way = ln_remaining_logit(y, sympy.log(X_bulk / (1 - X_bulk)), KD) - sympy.log(1 - f)
    return Model(
        name="pile of cumulates",
        unknowns=unknowns,
        parameters=parameters,
        balances=(
            Balance(GROWTH, f, crystals - returned),
            Balance(IRON, (1 - f) * X, -gain),
            Balance("iron of the pile", f * X_pile, gain),
        ),
        starts=(
            Start("solid fraction", f - first),
            Start("fractional crystallisation", on_the_way),
            Start("iron in all", f * X_pile + (1 - f) * X - X_bulk),
        ),
        outputs=(Output("ocean_iron", X, "1", "Fe/(Fe + Mg) of the magma ocean"),),
    )


@dataclass(frozen=True)
class Return:
    """What the pile returns, each as a share of the pile [1/s].

    melt; iron: of that melt.
    """

    melt: sympy.Expr
    iron: sympy.Expr


@dataclass(frozen=True)
class CoolingPile:
    """A pile below a magma ocean that cools.

    melt_fraction: of the mantle; thickness [m]: of the pile; both are expressions.
    bulk_iron: Fe/(Fe + Mg) of the mantle; exchange_coefficient: K_D.
    trapped_melt: share of the melt of the ocean in what settles.
    """

    melt_fraction: sympy.Expr
    thickness: sympy.Expr
    bulk_iron: float
    exchange_coefficient: float | sympy.Expr
    trapped_melt: float = 0.0

    @property
    def bulk_logit(self) -> sympy.Expr:
        """Logit of the composition of the whole mantle."""
        return sympy.log(self.bulk_iron / (1 - self.bulk_iron))

    @property
    def ocean(self) -> Unknown:
        """The logit of the composition of the ocean."""
        title = "logit of Fe/(Fe + Mg) of the magma ocean"
        return Unknown(OCEAN, guess=float(self.bulk_logit), step=STEP, long_name=title)

    @property
    def ocean_iron(self) -> sympy.Expr:
        """X: Fe/(Fe + Mg) of the melt."""
        return composition(self.ocean.symbol)

    @property
    def crystal_iron(self) -> sympy.Expr:
        """X_c: Fe/(Fe + Mg) of crystals in equilibrium with the melt."""
        return exchange(self.ocean_iron, self.exchange_coefficient)

    @property
    def settling_iron(self) -> sympy.Expr:
        """X_s: Fe/(Fe + Mg) of what settles, crystals and trapped melt."""
        return (1 - self.trapped_melt) * self.crystal_iron + self.trapped_melt * self.ocean_iron

    @property
    def pile_iron(self) -> sympy.Expr:
        """X_p: mean Fe/(Fe + Mg) of all that has crystallised; that of what settles where nothing has."""
        n = self.melt_fraction
        mean = (self.bulk_iron - n * self.ocean_iron) / (1 - n)
        return sympy.Piecewise((self.settling_iron, 1 - n < NO_PILE), (mean, True))

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The compositions of melt and crystals, which a result stores."""
        title = "Fe/(Fe + Mg) of crystals in equilibrium with the melt"
        return (
            Output("ocean_iron", self.ocean_iron, "1", "Fe/(Fe + Mg) of the melt"),
            Output("crystal_iron", self.crystal_iron, "1", title),
        )


def suspended_crystals(pile: CoolingPile) -> Model:
    """The iron of a magma ocean whose crystals stay in it and exchange with the melt (batch)."""
    n = pile.melt_fraction
    iron = n * pile.ocean_iron + (1 - n) * pile.crystal_iron - pile.bulk_iron
    constraint = Constraint("iron of melt and crystals", iron)
    return Model(
        "suspended crystals", unknowns=(pile.ocean,), constraints=(constraint,), outputs=pile.outputs
    )


def cooling_pile(pile: CoolingPile, back: Return | None = None) -> Model:
    """The iron of a magma ocean from which crystals settle, and whose melt fraction follows from its cooling.

    back: what the pile returns; None where nothing is returned.

    With n the melt fraction, X the composition of the ocean and X_c that of the crystals,
    n dX/dt = -dn/dt (X - X_s) + q (X_m - X_s), where X_s = (1 - t) X_c + t X is what settles, t the trapped
    melt and q, X_m the returned melt. Divided by n (X - X_c) both terms on the left are differentials
    (corrected eq. B6), so that the storage (1 - t) ln n - ln_remaining(X) changes by q (X_m - X_s)/(n (X -
    X_c)) alone. What does not melt again follows the law of Rayleigh to rounding.
    """
    unknown, n, X, X_s = pile.ocean, pile.melt_fraction, pile.ocean_iron, pile.settling_iron
    distilled = ln_remaining_logit(unknown.symbol, pile.bulk_logit, pile.exchange_coefficient)
    storage = (1 - pile.trapped_melt) * sympy.log(n) - distilled
    source = sympy.S.Zero
    returned: tuple[Output, ...] = ()
    if back is not None:
        source = (1 - n) * (back.iron - back.melt * X_s) / (n * (X - pile.crystal_iron))
        title = "melt that the pile gives back, as a share of the mantle"
        returned = (Output("remelting_rate", (1 - n) * back.melt, "1/s", title),)
    thickness_title = "thickness of the pile of what has crystallised"
    return Model(
        "cooling pile",
        unknowns=(unknown,),
        balances=(Balance(IRON, storage, source),),
        starts=(Start("iron at the start", storage),),
        outputs=(
            *pile.outputs,
            Output("pile_iron", pile.pile_iron, "1", "mean Fe/(Fe + Mg) of what has crystallised"),
            Output("pile_thickness", pile.thickness, "m", thickness_title),
            *returned,
        ),
    )
