"""Reactions among species from the integer null space of their formula matrix: exact, in fractions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from .records import Mechanism, Reaction, known_species

BASIS_PRIORITY = ("O2", "H2O", "CO2", "N2", "S2", "He", "Ne", "Ar", "Kr", "Xe", "Cl2", "F2", "H2", "CO")


def reactions(
    mechanism: Mechanism,
    species: Sequence[str],
    buffered: str | None = "O2",
    basis: Sequence[str] = BASIS_PRIORITY,
) -> tuple[Reaction, ...]:
    """The independent reactions among the species: the null space of their formula matrix.

    Each reaction forms one mole of a species that is not in the basis.
    buffered: a species that is included even if it is not among `species`.
    basis: species from which the others are formed, by priority.
    After them come gases, then condensates, each in the order of `species`.
    """
    extra = [buffered] if buffered and buffered not in species else []
    names = known_species(mechanism, [*species, *extra])
    first = [buffered] if buffered else []
    rank = {name: k for k, name in enumerate(first + [s for s in basis if s != buffered])}
    order = {
        name: (rank.get(name, len(rank)), mechanism.species[name].phase != "gas", k)
        for k, name in enumerate(names)
    }
    columns = sorted(names, key=order.__getitem__)
    compositions = [mechanism.species[name].composition for name in columns]
    elements = [e for e in mechanism.atomic_weights if any(e in c for c in compositions)]
    atoms = [[Fraction(c.get(e, 0)) for c in compositions] for e in elements]
    rows, pivots = reduced(atoms)
    independent = []
    for name in names:
        column = columns.index(name)
        if column in pivots:
            continue
        consumed = [(columns[k], -row[column]) for k, row in zip(pivots, rows) if row[column]]
        independent.append(Reaction((*consumed, (name, Fraction(1)))))
    return tuple(independent)


def formula_matrix(mechanism: Mechanism, species: Sequence[str]) -> tuple[tuple[str, ...], np.ndarray]:
    """Elements of the species, in the order of the mechanism, and the matrix of atoms (element, species).

    The atoms are integers, or floats where a species has a fractional count.
    """
    compositions = [mechanism.species[s].composition for s in known_species(mechanism, species)]
    elements = tuple(e for e in mechanism.atomic_weights if any(e in c for c in compositions))
    integral = all(isinstance(count, int) for c in compositions for count in c.values())
    atoms = np.array(
        [[c.get(e, 0) for c in compositions] for e in elements],
        dtype=int if integral else float,
    )
    return elements, atoms.reshape(len(elements), len(compositions))


def reduced(matrix: Sequence[Sequence[Fraction]]) -> tuple[list[list[Fraction]], list[int]]:
    """Reduced row echelon form of a matrix, exact and without zero rows, and its pivot columns."""
    rows = [list(row) for row in matrix]
    pivots: list[int] = []
    for column in range(len(rows[0]) if rows else 0):
        k = len(pivots)
        pivot = next((i for i in range(k, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [x / rows[k][column] for x in rows[k]]
        for i, row in enumerate(rows):
            if i != k and row[column]:
                rows[i] = [x - row[column] * y for x, y in zip(row, rows[k])]
        pivots.append(column)
    return rows[: len(pivots)], pivots
