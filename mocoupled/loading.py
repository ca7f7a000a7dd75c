"""Which libraries a process loads, and when, where the process is for one command alone."""

from __future__ import annotations

import gc
import os
import sys
import warnings
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import MappingProxyType, ModuleType
from typing import Any

# xarray and pandas load these wherever they are installed, half a second for arrays that need none of them;
# matplotlib loads its axes in three dimensions
UNNEEDED = ("dask", "pyarrow", "pint", "mpl_toolkits.mplot3d")
# packages that scipy and numpy load and seldom use: the module of each name that is taken from them,
# "" for optional parts of theirs that no release has
SELDOM: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "numpy.f2py": {},
    "numpy.testing": {},
    "scipy.integrate": {
        "BDF": "scipy.integrate._ivp.bdf",
        "ode": "scipy.integrate._ode",
        "solve_ivp": "scipy.integrate._ivp.ivp",
    },
    "scipy.linalg": {
        "_cblas": "",
        "_clapack": "",
        "LinAlgError": "scipy.linalg._misc",
        "cho_solve": "scipy.linalg._decomp_cholesky",
        "cho_solve_banded": "scipy.linalg._decomp_cholesky",
        "cholesky": "scipy.linalg._decomp_cholesky",
        "cholesky_banded": "scipy.linalg._decomp_cholesky",
        "get_blas_funcs": "scipy.linalg.blas",
        "get_lapack_funcs": "scipy.linalg.lapack",
        "issymmetric": "scipy.linalg._cythonized_array_utils",
        "lu_factor": "scipy.linalg._decomp_lu",
        "lu_solve": "scipy.linalg._decomp_lu",
        "norm": "scipy.linalg._misc",
        "solve": "scipy.linalg._basic",
        "solve_banded": "scipy.linalg._basic",
        "solve_triangular": "scipy.linalg._basic",
    },
    "scipy.optimize": {
        "OptimizeResult": "scipy.optimize._optimize",
        "brentq": "scipy.optimize._zeros_py",
        "minimize_scalar": "scipy.optimize._minimize",
    },
    "scipy.sparse.linalg": {
        "LinearOperator": "scipy.sparse.linalg._interface",
        "SuperLU": "scipy.sparse.linalg._dsolve._superlu",
        "splu": "scipy.sparse.linalg._dsolve.linsolve",
    },
    "scipy.spatial": {},
    "scipy.special": {
        "comb": "scipy.special._basic",
        "factorial": "scipy.special._basic",
        "poch": "scipy.special._ufuncs",
        "wrightomega": "scipy.special._ufuncs",
    },
    "scipy.interpolate": {
        "CubicHermiteSpline": "scipy.interpolate._cubic",
        "CubicSpline": "scipy.interpolate._cubic",
        "PchipInterpolator": "scipy.interpolate._cubic",
        "PPoly": "scipy.interpolate._interpolate",
    },
})  # fmt: skip
# new objects between two searches for garbage: sympy's tables make a search long, and find nothing
NEW_OBJECTS = 100_000
_little: set[int] = set()  # this process, where it loads little


def load_little(seldom: Mapping[str, Mapping[str, str]] = SELDOM) -> None:
    """For a process that runs, continues or draws one case: load what that needs, and search garbage seldom.

    seldom: packages to defer; their parents are loaded. Call it before any library is loaded.
    """
    keep_out(*UNNEEDED)
    warnings.filterwarnings("ignore", message="Unable to import Axes3D")
    for package, places in seldom.items():
        defer(package, places)
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
    _little.add(os.getpid())


def loads_little() -> bool:
    """Whether this process is for one command alone (see `load_little`)."""
    return bool(_little)


def keep_out(*libraries: str) -> None:
    """Libraries that this process has not loaded yet are as if they were not installed."""
    for library in libraries:
        sys.modules.setdefault(library, None)  # type: ignore[arg-type]  # None: Python's mark for such a module


def let_in(library: str) -> None:
    """Let a library be loaded that `keep_out` has kept out."""
    if library in sys.modules and sys.modules[library] is None:
        del sys.modules[library]


def defer(package: str, places: Mapping[str, str]) -> None:
    """Load a package when a name of it is used, and its modules when they are imported.

    places: module of names for which the package itself is not loaded.
    Nothing is done where the package is loaded already, or is not installed.
    """
    if package in sys.modules:
        return
    parent, _, name = package.rpartition(".")
    try:
        spec = find_spec(package)  # loads the parent
    except ImportError:
        return
    if spec is None or spec.loader is None or package in sys.modules:
        return
    module = module_from_spec(spec)
    vars(module)["_places"] = dict(places)
    module.__class__ = _Deferred
    sys.modules[package] = module
    setattr(sys.modules[parent], name, module)


class _Deferred(ModuleType):
    """A package that runs its code at the first use of a name."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # questions of Python itself
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        places = vars(self)["_places"]
        if name in places and not places[name]:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if name in places:
            try:
                return getattr(import_module(places[name]), name)
            except (ImportError, AttributeError):  # another release has it elsewhere: the package knows where
                _load(self)
                return getattr(self, name)
        if find_spec(inner := f"{self.__name__}.{name}"):
            return import_module(inner)
        _load(self)
        return getattr(self, name)


def _load(module: Any) -> None:
    """Run the code of a deferred package now: from here on it is a module as any other."""
    del vars(module)["_places"]
    module.__class__ = ModuleType
    module.__spec__.loader.exec_module(module)
