"""What scipy's BDF and a march carry from step to step, as plain arrays, and put back so that the next step is the same.

The one place that knows private attributes of scipy's BDF. With all of them put back, the continuation is that of the
uninterrupted march to the last bit; where this scipy has others, or the arrays are of another scipy, the solver starts
anew (order 1) from the state with the last step's size, and the continuation agrees to the tolerance of the integration.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.sparse import csc_matrix, issparse

SCALARS = (
    "t_old",
    "h_abs",
    "order",
    "n_equal_steps",
    "nfev",
    "njev",
    "nlu",
)  # order and counters are integers
INTEGERS = SCALARS[2:]
ARRAYS = ("t", "y", "D")
PREFIX = "solver_"


def watched(solver):
    """The solver, made to remember the matrix of its last sparse factorization, which itself is no array."""
    if issparse(getattr(solver, "J", None)) and hasattr(solver, "lu"):
        factorize = solver.lu

        def remembered(matrix):
            solver.factorized = matrix
            return factorize(matrix)

        solver.lu = remembered
    return solver


def solver_arrays(solver) -> dict[str, np.ndarray]:
    """The solver between two steps, as arrays that later steps leave alone; t, y and the step's size at least."""
    found = {"t": np.array(solver.t), "y": np.array(solver.y), "step": np.array(solver.step_size or 0.0)}
    names = (*SCALARS, *ARRAYS, "J", "LU")
    if all(hasattr(solver, name) for name in names) and solver.t_old is not None:
        found |= {name: np.array(getattr(solver, name)) for name in (*SCALARS, *ARRAYS)}
        found |= _matrix("J", solver.J)
        if solver.LU is not None:
            if issparse(solver.J):
                found |= _matrix("factorized", solver.factorized)
            else:
                found["LU_matrix"], found["LU_pivots"] = solver.LU
    return {PREFIX + name: value for name, value in found.items()}


def first_step(arrays: Mapping[str, np.ndarray], end: float) -> float | None:
    """The step to begin with where the solver is to start anew: the last one, not beyond the end."""
    step = float(arrays[PREFIX + "step"])
    return min(step, end - float(arrays[PREFIX + "t"])) if step > 0 else None


def put_back(solver, arrays: Mapping[str, np.ndarray]) -> bool:
    """Give a solver made at the stored t and y everything else that was stored; False, and left as it is, where that
    does not fit this scipy."""
    held = {name.removeprefix(PREFIX): value for name, value in arrays.items() if name.startswith(PREFIX)}
    if not all(hasattr(solver, name) for name in (*SCALARS, *ARRAYS, "J", "LU", "lu")) or not all(
        name in held for name in (*SCALARS, *ARRAYS)
    ):
        return False
    J = _held_matrix("J", held)
    if (
        J is None
        or issparse(J) != issparse(solver.J)
        or J.shape != solver.J.shape
        or held["D"].shape != solver.D.shape
    ):
        return False
    LU, matrix = None, _held_matrix("factorized", held)
    if matrix is not None:
        LU = solver.lu(matrix)
    elif "LU_matrix" in held:
        LU = held["LU_matrix"], held["LU_pivots"]
    for name in ARRAYS[1:]:
        setattr(solver, name, np.array(held[name]))
    for name in SCALARS:
        setattr(solver, name, (int if name in INTEGERS else float)(held[name]))
    solver.J, solver.LU = J, LU
    return True


def _matrix(name, matrix) -> dict[str, np.ndarray]:
    if not issparse(matrix):
        return {name: np.array(matrix)}
    parts = {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr, "shape": matrix.shape}
    return {f"{name}_{part}": np.array(value) for part, value in parts.items()}


def _held_matrix(name, held):
    if name in held:
        return held[name]
    if f"{name}_data" not in held:
        return None
    data, indices, indptr, shape = (held[f"{name}_{part}"] for part in ("data", "indices", "indptr", "shape"))
    return csc_matrix((data, indices, indptr), shape=tuple(int(n) for n in shape))
