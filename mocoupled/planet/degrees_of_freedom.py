"""Degrees of freedom of a planet's volatiles: which inventory a prescribed pressure or fugacity replaces."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import product

from ..errors import InputError

# ("pressure" or "fugacity", species)
Prescribed = tuple[str, str]
EACH = "allowed: one inventory, pressure or fugacity for each element"


def assign(
    prescribed: Sequence[Prescribed],
    compositions: Mapping[str, Mapping[str, int | Fraction]],
    fixed: Collection[str],
    replaceable: Collection[str],
    buffered: bool,
    where: Mapping[Prescribed, str],
) -> dict[str, Prescribed]:
    """Element -> the pressure or fugacity that replaces its inventory; each replaces that of one element.

    compositions: of the species with a prescribed pressure or fugacity.
    fixed: elements whose inventory stays; replaceable: those whose inventory may be replaced.
    Every other element of these species must get a pressure or fugacity.
    buffered: oxygen follows from a buffer and is no degree of freedom.
    where: the place of each in the user's input.
    InputError, before anything is solved, where an element has two constraints or none, or where it is not
    clear which inventory is replaced.
    """
    if not prescribed:
        return {}
    choices = [_free_elements(p, compositions[p[1]], fixed, buffered, where.get(p, "")) for p in prescribed]
    last = where.get(prescribed[-1], "")
    rows = (row for row in product(*choices) if len(set(row)) == len(row))
    assignments = [dict(zip(row, prescribed)) for row in rows]
    if not assignments:
        raise _too_many(prescribed, choices, buffered, last)
    needed = {e for row in choices for e in row if e not in replaceable}
    complete = [row for row in assignments if needed <= set(row)]
    if not complete:
        lacking = _list(sorted(needed - set(assignments[0])))
        species = _list(s for _, s in prescribed)
        raise InputError(
            last,
            f"there is no inventory, pressure or fugacity for {lacking}, which {species} needs.",
            "allowed: as many of these as there are elements",
            f"give {lacking} an inventory",
        )
    meant = {frozenset(row) for row in complete}
    if len(meant) > 1:
        options = " or ".join(_list(sorted(row)) for row in sorted(meant, key=sorted))
        raise InputError(
            last,
            f"it is not clear whether it replaces the inventory of {options}.",
            cure="give the inventory that is known as an argument too (hydrogen=, carbon=, ...)",
        )
    return complete[0]


def _free_elements(
    prescribed: Prescribed,
    composition: Mapping[str, int | Fraction],
    fixed: Collection[str],
    buffered: bool,
    where: str,
) -> list[str]:
    """The elements whose inventory a pressure or fugacity can replace; InputError where there is none."""
    kind, species = prescribed
    elements = [e for e in composition if not (buffered and e == "O")]
    free = [e for e in elements if e not in fixed]
    if not elements:
        raise InputError(
            where,
            f"the {kind} of {species} is prescribed twice: by this and by the buffer, "
            "which sets the oxygen fugacity.",
            "allowed: one of them",
            "give an absolute oxygen_fugacity ('log10 fO2 = -9.5') in [redox] or an offset; "
            "or a budget of oxygen, which this may replace",
        )
    if not free:
        problem = f"{_list(elements)} is given twice: by this {kind} and by an inventory."
        raise InputError(where, problem, EACH, "leave one of them out")
    return free


def _too_many(
    prescribed: Sequence[Prescribed], choices: Sequence[Sequence[str]], buffered: bool, where: str
) -> InputError:
    """The refusal of more pressures and fugacities than there are elements."""
    shared = _list(sorted({e for row in choices for e in row}))
    names = _list(f"{kind} of {species}" for kind, species in prescribed)
    problem = f"{shared} is given twice: {names} are too many for one another."
    cure = "leave one out"
    if buffered:
        problem += " With a buffer, equilibrium sets the ratio of such gases."
        cure += ", or give oxygen as a budget ([redox] oxygen), which a second one may stand for"
    return InputError(where, problem, EACH, cure)


def _list(names: Iterable[str]) -> str:
    return " and ".join(names)
