"""The composition of a melt as an argument: a name, oxides, a case, or many of them; read and checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..broadcasting import Conditions
from ..case import Case
from ..closures.ferric_iron import OXIDES
from ..conditions import number, table
from ..errors import InputError
from ..melt import activities as melt
from ..melt.composition import EXAMPLE, MeltComposition, check_oxides, named, normalised
from ..provenance.melt_vapour import OXIDES_LEFT_OUT, left_out_sentence
from ..schema.melt_overrides import oxides_of

# moles of an oxide that is absent at some points, over those of all
TRACE = 1e-60
_COLUMN = "composition "  # as messages name it


@dataclass(frozen=True)
class StatedMelt:
    """A melt as a user states it.

    weight_percent: oxide -> number, or anything that `broadcast` reads, in wt%.
    left_out: oxides of named compositions that the law of the activities does not have -> their largest wt%.
    name: of a composition, "" for oxides and for a list.
    """

    weight_percent: Mapping[str, object]
    left_out: Mapping[str, float]
    name: str = ""

    @property
    def arguments(self) -> dict[str, object]:
        """Name of a column -> its values, to be broadcast with the other arguments."""
        return {_COLUMN + oxide: value for oxide, value in self.weight_percent.items()}

    def taken_from(self, conditions: Conditions) -> tuple[Conditions, MeltComposition]:
        """The conditions without the columns of the melt, and the melt of these columns.

        Oxides that are absent everywhere are left out. InputError and CompositionWarning as for `normalised`.
        """
        columns = {oxide: conditions.columns[_COLUMN + oxide] for oxide in self.weight_percent}
        if conditions.masked is not None:
            # any sum will do where nothing is solved
            even = 100.0 / len(columns)
            columns = {oxide: np.where(conditions.masked, even, v) for oxide, v in columns.items()}
        there = {oxide: values for oxide, values in columns.items() if np.any(np.asarray(values) != 0)}
        if conditions.size and not there:
            raise InputError("composition", "every oxide is zero.", f"for example {EXAMPLE}")
        whole = normalised((there or columns) | dict(self.left_out), "composition", self.name)
        kept = {oxide: share for oxide, share in whole.mass_fractions.items() if oxide not in self.left_out}
        total = sum(kept.values())
        shares = {oxide: share / total for oxide, share in kept.items()}
        others = {key: v for key, v in conditions.columns.items() if not key.startswith(_COLUMN)}
        composition = MeltComposition(shares, whole.total, whole.name, whole.reference)
        return replace(conditions, columns=others), composition


def stated_melt(composition: object, activities: str = "", where: str = "") -> StatedMelt:
    """The melt of an argument: a name, oxides in wt% (numbers or arrays), a Case, or a list of these.

    A list is one array an oxide: an entry without it has 0.
    activities: the law that must have an activity for each oxide; "" for none. where: of the law, for errors.
    InputError for an oxide that the user states and the law does not have.
    """
    known = melt.oxides_in_law(activities, where) if activities else tuple(OXIDES)
    if isinstance(composition, (list, tuple)):
        return _listed([stated_melt(entry, activities, where) for entry in composition])
    name = ""
    if isinstance(composition, Case):
        composition = _of_case(composition, known)
    if isinstance(composition, MeltComposition):
        stated: dict[str, object] = {o: 100 * share for o, share in composition.mass_fractions.items()}
        name = composition.name
    elif isinstance(composition, str):
        stated, name = dict(named(composition).weight_percent), composition
    else:
        stated = table(composition, "composition", EXAMPLE)
    check_oxides(stated, "composition")
    others = [oxide for oxide in stated if oxide not in known and oxide != "Fe2O3"]
    if others and not name:
        raise InputError(
            f"composition {', '.join(others)}",
            f"{activities} has no activity for it.",
            f"its oxides: {', '.join(known)}; Fe2O3 counts as FeO",
            "leave it out: the others are normalised to 100 wt%",
        )
    kept = {oxide: value for oxide, value in stated.items() if oxide not in others}
    left_out = {oxide: float(np.max(np.asarray(stated[oxide], dtype=float))) for oxide in others}
    return StatedMelt(kept, left_out, name)


def _listed(melts: list[StatedMelt]) -> StatedMelt:
    """Many melts as one, with an array for each oxide. InputError for arrays among them, and for none."""
    if not melts:
        raise InputError("composition", "the list is empty.", f"for example ['BSE', {EXAMPLE}]")
    shares = []
    left_out: dict[str, float] = {}
    for k, stated in enumerate(melts):
        where = f"composition {k}"
        percent = {o: number(v, "%", f"{where} {o}") for o, v in stated.weight_percent.items()}
        shares.append(normalised(percent | dict(stated.left_out), where, stated.name).mass_fractions)
        for oxide, wt in stated.left_out.items():
            left_out[oxide] = max(wt, left_out.get(oxide, 0.0))
    oxides = [oxide for oxide in OXIDES if any(oxide in share for share in shares) and oxide not in left_out]
    return StatedMelt({o: np.array([100 * s.get(o, 0.0) for s in shares]) for o in oxides}, left_out)


def _of_case(case: Case, known: Collection[str]) -> object:
    """The composition of a case; where keys override parts of it, the oxides of the law in wt%."""
    if case.redox.total_iron is None and not case.redox.melt_oxides:
        return case.melt.composition
    melt_of_case = oxides_of(case.melt, case.redox)
    return {oxide: 100 * share for oxide, share in melt_of_case.items() if oxide in known}


_SCALE = 1.0 / max(mass for mass, _ in OXIDES.values())
_LN_MOLES = "ln_moles_"


def ln_moles(composition: MeltComposition) -> dict[str, float | np.ndarray]:
    """Oxide -> ln of its moles; a trace where it is absent."""
    return {o: np.log(np.maximum(moles, TRACE * _SCALE)) for o, moles in composition.moles.items()}


def as_parameters(composition: MeltComposition) -> dict[str, float | np.ndarray]:
    """The amounts of the oxides by the names of the parameters of the equations."""
    return {_LN_MOLES + oxide: values for oxide, values in ln_moles(composition).items()}


def varied_oxides(columns: Mapping[str, object]) -> tuple[str, ...]:
    """The oxides whose amounts are among these columns."""
    return tuple(name.removeprefix(_LN_MOLES) for name in columns if name.startswith(_LN_MOLES))


def absent_oxides(columns: Mapping[str, float | np.ndarray]) -> dict[str, np.ndarray]:
    """Oxide -> mask of the points without it, for those that are absent anywhere."""
    masks = {}
    for oxide in varied_oxides(columns):
        empty = np.asarray(columns[_LN_MOLES + oxide]) <= np.log(TRACE * _SCALE)
        if empty.any():
            masks[oxide] = empty
    return masks


@dataclass(frozen=True)
class MeltOfPoints:
    """The melt at the points of an equilibrium. left_out: what the result says of oxides without activity."""

    composition: MeltComposition
    left_out: Mapping[str, str]

    @property
    def oxides(self) -> tuple[str, ...]:
        """The oxides of any point, in the order in which all are listed."""
        return tuple(oxide for oxide in OXIDES if oxide in self.composition.mass_fractions)

    @property
    def attributes(self) -> dict[str, str]:
        """What the result says of the melt."""
        return {"melt_composition": self.composition.label, **self.left_out}

    def at(self, places: np.ndarray | None) -> MeltOfPoints:
        """The melts at some points, by their indices; None: all."""
        return replace(self, composition=self.composition.at(places))

    def beside(self, conditions: Conditions) -> Conditions:
        """The conditions of these points with the amounts of the oxides."""
        return replace(conditions, columns={**conditions.columns, **as_parameters(self.composition)})


@dataclass(frozen=True)
class MeltOfPlanet:
    """The melt of an equilibrium of a planet, as an argument.

    stated: with all its oxides. left_out: of named compositions, oxides without activity -> wt%.
    """

    stated: StatedMelt
    left_out: Mapping[str, float]

    def taken_from(self, conditions: Conditions, case: Case) -> tuple[Conditions, MeltOfPoints]:
        """The conditions without its columns, and the melt, of which MELTS must have an activity."""
        rest, composition = self.stated.taken_from(conditions)
        if case.redox.ferric_iron is not None and np.any(
            np.asarray(composition.mass_fractions.get("FeO", 0.0)) == 0
        ):
            raise InputError(
                "composition",
                "a melt has no iron, whose redox is to evolve.",
                "allowed: with redox.ferric_iron, FeO above 0",
            )
        if case.melt.vapour:
            evaporating = {o: n for o, n in composition.moles.items() if o not in self.left_out}
            melt.check_melt(case.melt.activities, evaporating, "composition")
        about = {}
        if self.left_out:
            about[OXIDES_LEFT_OUT] = left_out_sentence(dict(self.left_out), case.melt.activities)
        return rest, MeltOfPoints(composition, about)


def melt_of_planet(case: Case, composition: object) -> MeltOfPlanet:
    """The melt of the argument `composition` in place of that of the case.

    InputError where the case states parts of its melt by other keys, and for an oxide that the user states
    and the law of the activities does not have, where the melt evaporates.
    """
    stated = {"redox.total_iron": case.redox.total_iron, "redox.melt_oxides": case.redox.melt_oxides}
    stated["cumulates.bulk_iron"] = case.cumulates.bulk_iron
    for key, value in stated.items():
        if value:
            raise InputError(
                "composition=",
                f"the melt is stated twice: {key} of the case is a part of it too.",
                cure=f"state all of it in composition=, and set {key} = 'none'",
            )
    left_out: Mapping[str, float] = {}
    if case.melt.vapour:
        law = case.melt.activities
        left_out = stated_melt(composition, law, f"{case.name} [melt] activities = {law!r}").left_out
    return MeltOfPlanet(stated_melt(composition), left_out)
