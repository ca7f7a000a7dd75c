"""The state of scipy's BDF between two steps as plain arrays, and its restoration.

Which private attributes of scipy's BDF this needs is listed in bdf.py.
With all of them restored, the continuation equals the uninterrupted march to the last bit.
Where this scipy has others, or the arrays are of another scipy, the solver starts anew (order 1).
It then starts from the stored state with the last step's size.
The continuation agrees to the tolerance of the integration.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.sparse import csc_matrix, issparse
from scipy.sparse.linalg import SuperLU

from .bdf import PRIVATE, Factors, FreshBDF, internals_changed

STORED = {private.name: private.kind for private in PRIVATE if private.stored}
INTEGERS = tuple(name for name, kind in STORED.items() if kind == "integer")
SCALARS = tuple(name for name, kind in STORED.items() if kind in ("number", "integer") and name != "t")
ARRAYS = ("t", "y", "D")
PREFIX = "solver_"

Arrays = Mapping[str, np.ndarray]


def with_matrix(solver: FreshBDF) -> FreshBDF:
    """The solver, changed so that it stores the matrix of its last sparse factorization.

    The factorization itself cannot be stored as arrays.
    """
    if issparse(getattr(solver, "J", None)) and hasattr(solver, "lu"):
        factorize = solver.lu

        def remembered(matrix: csc_matrix) -> Factors | SuperLU:
            """The factorization; the matrix is kept."""
            solver.factorized = matrix
            return factorize(matrix)

        solver.lu = remembered
    return solver


def solver_arrays(solver: FreshBDF) -> dict[str, np.ndarray]:
    """The solver between two steps, as arrays that later steps do not change.

    They are t, y and the step's size at least.
    """
    arrays = {"t": np.array(solver.t), "y": np.array(solver.y), "step": np.array(solver.step_size or 0.0)}
    if all(hasattr(solver, name) for name in STORED) and solver.t_old is not None:
        arrays |= {name: np.array(getattr(solver, name)) for name in (*SCALARS, *ARRAYS)}
        arrays |= _matrix("J", solver.J)
        if solver.LU is not None:
            if issparse(solver.J):
                arrays |= _matrix("factorized", solver.factorized)
            else:
                arrays["LU_matrix"], arrays["LU_pivots"] = solver.LU
    return {PREFIX + name: value for name, value in arrays.items()}


def first_step(arrays: Arrays, end: float) -> float | None:
    """The step with which a solver that starts anew begins: the last one, not beyond the end."""
    step = float(arrays[PREFIX + "step"])
    return min(step, end - float(arrays[PREFIX + "t"])) if step > 0 else None


def restore(solver: FreshBDF, arrays: Arrays) -> bool:
    """Restore everything that was stored in a solver made at the stored t and y.

    False where that does not fit this scipy; the solver is then left unchanged.
    """
    stored = {name.removeprefix(PREFIX): value for name, value in arrays.items() if name.startswith(PREFIX)}
    if internals_changed(solver) or not all(name in stored for name in (*SCALARS, *ARRAYS)):
        return False
    J = _stored_matrix("J", stored)
    if J is None or issparse(J) != issparse(solver.J):
        return False
    if J.shape != solver.J.shape or stored["D"].shape != solver.D.shape:
        return False
    matrix = _stored_matrix("factorized", stored)
    if matrix is not None:
        solver.LU = solver.lu(matrix)
    elif "LU_matrix" in stored:
        solver.LU = stored["LU_matrix"], stored["LU_pivots"]
    else:
        solver.LU = None
    for name in ARRAYS[1:]:
        setattr(solver, name, np.array(stored[name]))
    for name in SCALARS:  # after the factorization, which counts
        setattr(solver, name, (int if name in INTEGERS else float)(stored[name]))
    solver.J = J
    return True


def _matrix(name: str, matrix: np.ndarray | csc_matrix) -> dict[str, np.ndarray]:
    """A dense or sparse matrix as arrays."""
    if isinstance(matrix, np.ndarray):
        return {name: np.array(matrix)}
    parts = {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr, "shape": matrix.shape}
    return {f"{name}_{part}": np.array(value) for part, value in parts.items()}


def _stored_matrix(name: str, stored: Arrays) -> np.ndarray | csc_matrix | None:
    """The matrix of these arrays, None where they are missing."""
    if name in stored:
        return stored[name]
    if f"{name}_data" not in stored:
        return None
    data, indices, indptr, shape = (
        stored[f"{name}_{part}"] for part in ("data", "indices", "indptr", "shape")
    )
    return csc_matrix((data, indices, indptr), shape=tuple(int(n) for n in shape))
