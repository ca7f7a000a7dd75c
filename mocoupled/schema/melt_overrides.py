"""The one melt of a case by oxides: its composition, with the keys that override parts of it."""

from __future__ import annotations

from collections.abc import Mapping

from .melt_keys import EARTH, Melt
from .quantities import refusal
from .volatiles import Redox

# of Fe/(Fe + Mg): how far two statements of the iron of one mantle may differ
SAME_IRON = 0.005
# relative: how far two statements of one oxide may differ, by rounding
SAME_OXIDE = 0.01
# relative: the same of an oxide as the analysis prints it, which does not add up to 100 %
SAME_PRINTED = 0.001
COMPOSITION = "melt.composition"
OVERRIDES = ("redox.total_iron", "redox.melt_oxides", "cumulates.bulk_iron")


def oxides_of(melt: Melt, redox: Redox) -> dict[str, float]:
    """The melt of a case by mass, all iron as FeO: its composition, with what [redox] overrides.

    The oxides of the default are as printed, without their scaling to 100 %: its FeO is 8.05 %.
    """
    from ..closures.ferric_iron import BULK_SILICATE_EARTH, with_iron  # on use: it imports sympy

    printed = BULK_SILICATE_EARTH if melt.composition == EARTH else shares_of(melt)
    total_iron = printed.get("FeO", 0.0) if redox.total_iron is None else redox.total_iron
    return with_iron(total_iron, redox.melt_oxides, printed)


def shares_of(melt: Melt) -> dict[str, float]:
    """The composition alone, by mass, scaled to 100 %."""
    return {oxide: float(share) for oxide, share in melt.oxides.mass_fractions.items()}


def iron_of(oxides: Mapping[str, float]) -> float:
    """Fe/(Fe + Mg), molar, of a melt by mass; 0 for a melt without both."""
    from ..closures.ferric_iron import OXIDES  # on use: it imports sympy

    iron, magnesium = (oxides.get(oxide, 0.0) / OXIDES[oxide][0] for oxide in ("FeO", "MgO"))
    return iron / (iron + magnesium) if iron + magnesium else 0.0


def bulk_iron_of(melt: Melt, redox: Redox) -> float | None:
    """Fe/(Fe + Mg) of the mantle by the composition of its melt.

    None for the default composition: the iron of the mantle is then that of cumulates.parameters.
    """
    return None if melt.composition == EARTH else iron_of(oxides_of(melt, redox))


def check_overrides(melt: Melt, redox: Redox, bulk_iron: float | None) -> None:
    """A refusal of two keys that state the same part of the melt and disagree. bulk_iron: of [cumulates].

    The default composition states nothing: what overrides it cannot disagree with it.
    """
    if melt.composition != EARTH:
        shares, scale = shares_of(melt), float(melt.oxides.ferrous_total) / 100
        if redox.total_iron is not None:
            _same_oxide("FeO", shares, scale, redox.total_iron, "redox.total_iron")
        for oxide, share in redox.melt_oxides.items():
            _same_oxide(oxide, shares, scale, share, f"redox.melt_oxides.{oxide}")
        if bulk_iron is not None:
            _same_iron(COMPOSITION, iron_of(oxides_of(melt, redox)), bulk_iron)
    elif redox.total_iron is not None and bulk_iron is not None:
        _same_iron("redox.total_iron", iron_of(oxides_of(melt, redox)), bulk_iron)


def _same_oxide(oxide: str, shares: Mapping[str, float], scale: float, share: float, key: str) -> None:
    """A refusal where a key states another share of an oxide than the composition does.

    The key may repeat the analysis as it is printed, or scaled to 100 %. scale: of the former to the latter.
    """
    stated = shares.get(oxide, 0.0)
    pairs = (stated, SAME_OXIDE), (scale * stated, SAME_PRINTED)
    if any(abs(x - share) <= close * max(x, share) for x, close in pairs):
        return
    raise refusal(
        f"{key} is {100 * share:.4g} % {oxide}, but {COMPOSITION} has {100 * stated:.4g} %.",
        f"allowed: within {100 * SAME_OXIDE:g} % of each other, or one of them alone.",
        f"leave {key} out, or write the melt that you mean as a table of oxides in {COMPOSITION}, with "
        f"{oxide} = {100 * share:.4g}",
        key=".".join(key.split(".")[:2]),
    )


def _same_iron(key: str, stated: float, bulk: float) -> None:
    """A refusal where a key states another Fe/(Fe + Mg) than cumulates.bulk_iron does."""
    if abs(stated - bulk) <= SAME_IRON:
        return
    raise refusal(
        f"cumulates.bulk_iron is Fe/(Fe + Mg) = {bulk:.4g}, but by {key} the melt has {stated:.4f}.",
        f"allowed: within {SAME_IRON:g} of each other, or one of them alone.",
        f"leave one of them out, or set cumulates.bulk_iron = {stated:.4f}",
        key="cumulates.bulk_iron",
    )
