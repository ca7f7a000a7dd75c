"""Ferric iron beside iron that is followed: the melt of both, and where the cells of a column start."""

from __future__ import annotations

from collections.abc import Mapping

from ..case import Case
from ..chemistry.volatile_chemistry import Chemistry
from ..closures.ferric_iron import FEO, FEO_REFERENCE, OXIDES, iron_number
from ..cumulates.of_case import in_column, pile
from ..dae.declare.model import Watch
from ..errors import InputError
from ..reservoirs.ferric_exchange import Ferric
from ..reservoirs.mantle import Mantle
from ..schema.melt_overrides import SAME_IRON, iron_of
from .ferric_start import follows_from_gas
from .oxygen import ROUGH_SHARE, ferric_share_at

# below, a cell that freezes would have no place for its ferric iron
LEAST_PARTITION = 1e-3


def oxides_of_pile(case: Case, oxides: Mapping[str, float]) -> dict[str, float]:
    """The oxides by mass with the Fe/(Fe + Mg) of the pile's parameters, and the same mass in all.

    InputError where redox.total_iron states another iron, and for a melt without MgO.
    """
    bulk = pile(case).values["bulk_iron"]
    moles = {oxide: oxides.get(oxide, 0.0) / OXIDES[oxide][0] for oxide in ("FeO", "MgO")}
    if not moles["MgO"]:
        raise InputError(
            f"{case.name} [melt] composition",
            "the melt has no MgO, but its iron is that of Fe/(Fe + Mg) of the pile and its ocean.",
            "allowed: with cumulates.coupled = true and redox.ferric_iron, MgO above 0",
        )
    stated = iron_of(oxides)
    if case.redox.total_iron is not None and abs(stated - bulk) > SAME_IRON:
        raise InputError(
            f"{case.name} [redox] total_iron = {case.redox.total_iron:g}",
            f"with the MgO of the melt this is Fe/(Fe + Mg) = {stated:.4f}, but ocean and pile "
            f"start with {bulk:.4f} (cumulates.bulk_iron).",
            f"allowed: within {SAME_IRON:g} of each other",
            f"leave total_iron out, or set cumulates.bulk_iron = {stated:.4f}",
        )
    metals = sum(moles.values())
    changed = {
        **oxides,
        "FeO": bulk * metals * OXIDES["FeO"][0],
        "MgO": (1 - bulk) * metals * OXIDES["MgO"][0],
    }
    scale = sum(oxides.values()) / sum(changed.values())
    return {oxide: share * scale for oxide, share in changed.items()}


def iron_watches(chemistry: Chemistry, mantle: Mantle) -> tuple[Watch, ...]:
    """The iron of a melt whose iron is followed, outside the melts that laws of ferric iron are made from."""
    iron, melt = chemistry.iron, [o.expression for o in mantle.model.outputs if o.name == "ocean_iron"]
    if mantle.ocean is not None:
        melt = [mantle.ocean.phases.melt]
    if iron is None or not melt:
        return ()
    low, high = (iron_number(iron.oxides, feo) for feo in FEO)
    label = f"ferric iron: {iron.law.name}"
    return (Watch(label, "melt_iron", melt[0], low, high, "1", FEO_REFERENCE),)


def ferric_at_start(case: Case, chemistry: Chemistry, T: float, share: float | None = None) -> Ferric | None:
    """Ferric iron of the cells of a column; None where they have none. T [K]: of the surface at the start.

    share: Fe3+/Fe at the start, where it follows from the gas (ferric_start); without it a rough one.
    InputError for a pressure that stands for the oxygen, and for crystals without ferric iron.
    """
    iron = chemistry.iron
    if iron is None or not in_column(case):
        return None
    where = f"{case.name} [redox]"
    if "O" in chemistry.pressures:
        raise InputError(
            f"{where} oxygen",
            "in a column with coupled iron a pressure cannot stand for the oxygen: the cells start with "
            "their ferric iron, from which the oxygen of the gas follows.",
            "allowed with cumulates.coupled = true: oxygen_fugacity, ferric_share or a budget of oxygen",
        )
    if iron.partition < LEAST_PARTITION:
        raise InputError(
            f"{where} ferric_partition = {iron.partition:g}",
            "the cells of a column freeze with the melt that is trapped in them, and crystals that took no "
            "ferric iron would have no place for that of the melt.",
            f"allowed with cumulates.coupled = true: from {LEAST_PARTITION:g}",
            f"set redox.ferric_partition = {LEAST_PARTITION:g}",
        )
    if share is None:
        share = ROUGH_SHARE if follows_from_gas(case, chemistry) else ferric_share_at(iron, T)
    return Ferric(iron.partition, share)
