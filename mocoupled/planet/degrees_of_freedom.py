"""Degrees of freedom of a planet's volatiles: which element's inventory a given pressure or fugacity stands for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import product

from ..errors import InputError

Told = tuple[str, str]  # ("pressure" or "fugacity", species)


def assign(
    told: Sequence[Told],
    compositions: Mapping[str, Collection[str]],
    fixed: Collection[str],
    held: Collection[str],
    buffered: bool,
    where: Mapping[Told, str],
) -> dict[str, Told]:
    """Element -> the pressure or fugacity that stands for its inventory; each stands for one element.

    compositions: of the told species; fixed: elements whose inventory stays as given; held: those whose inventory may
    be replaced; every other element of a told species must get one. buffered: oxygen follows from a buffer and is no
    degree of freedom. where: the place of each in the user's input. InputError, before anything is solved, when two
    constraints are left for one element, none for another, or when it is not clear which inventory is meant.
    """
    choices = []
    for one in told:
        elements = [e for e in compositions[one[1]] if not (buffered and e == "O")]
        free = [e for e in elements if e not in fixed]
        if not elements:
            problem = f"the {one[0]} of {one[1]} is told twice: by this and by the buffer, which sets the oxygen fugacity."
            cure = "give an absolute oxygen_fugacity ('log10 fO2 = -9.5') in [redox] or an offset; or a budget of oxygen, which this may stand for"
            raise InputError(where[one], problem, "allowed: one of them", cure)
        if not free:
            problem = f"{_list(elements)} is given twice: by this {one[0]} and by an inventory."
            raise InputError(
                where[one],
                problem,
                "allowed: one inventory, pressure or fugacity for each element",
                "leave one of them out",
            )
        choices.append(free)
    matched = [dict(zip(row, told)) for row in product(*choices) if len(set(row)) == len(row)]
    if not matched:
        shared = _list(sorted({e for row in choices for e in row}))
        names = _list([f"{kind} of {species}" for kind, species in told])
        follows = " With a buffer, equilibrium sets the ratio of such gases." if buffered else ""
        problem = f"{shared} is given twice: {names} are too many for one another.{follows}"
        cure = "leave one out" + (
            ", or give oxygen as a budget ([redox] oxygen), which a second one may stand for"
            if buffered
            else ""
        )
        raise InputError(
            where[told[-1]], problem, "allowed: one inventory, pressure or fugacity for each element", cure
        )
    needed = {e for row in choices for e in row if e not in held}
    complete = [row for row in matched if needed <= set(row)]
    if not complete:
        lacking = _list(sorted(needed - set(matched[0])))
        problem = f"there is no inventory, pressure or fugacity for {lacking}, which {_list([s for _, s in told])} needs."
        raise InputError(
            where[told[-1]],
            problem,
            "allowed: as many of these as there are elements",
            f"give {lacking} an inventory",
        )
    meant = {frozenset(row) for row in complete}
    if len(meant) > 1:
        options = " or ".join(_list(sorted(row)) for row in sorted(meant, key=sorted))
        problem = f"it is not clear whether it stands for the inventory of {options}."
        raise InputError(
            where[told[-1]],
            problem,
            cure="give the inventory that is known as an argument too (hydrogen=, carbon=, ...)",
        )
    return complete[0]


def _list(names) -> str:
    return " and ".join(names)
