"""Which entries of a field model's vectors belong together: cells, scalars, links, inflows.

Leaders are the scalars that the integrator advances.
Followers are scalars that are determined by their rows of H at every call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sympy

from ...errors import ModelError
from ..declare.field import Field
from ..declare.model import Model

EDGE_CELLS = 3  # the cells that an edge link sees: first, second, last

Pairs = list[tuple[int, int]]


@dataclass(frozen=True)
class Scalars:
    """Positions among the scalar unknowns and among the rows of H.

    leaders, followers: of unknowns; leader_rows, follower_rows: of the rows that determine them.
    levels: of unknowns that the field sees; level_columns: the same among the leaders.
    leading_sources, following_sources: (number among those rows, entry of q), for the rows with a source.
    """

    count: int
    leaders: np.ndarray
    followers: np.ndarray
    leader_rows: np.ndarray
    follower_rows: np.ndarray
    levels: np.ndarray
    level_columns: np.ndarray
    leading_sources: Pairs
    following_sources: Pairs


@dataclass(frozen=True)
class Links:
    """Positions of the links by kind.

    faces: number of the face of each face link.
    edges: unknowns of the three cells that an edge link sees.
    width: entries of the gradient of an edge link, which are those of three cells and of the levels.
    """

    count: int
    edge: list[int]
    total: list[int]
    face: list[int]
    faces: list[int]
    edges: int
    width: int


@dataclass(frozen=True)
class Inflows:
    """The inflows: what each enters (component, cells), its share in each, and those at the ends."""

    entered: list[tuple[int, int | slice]]
    shares: list[float | np.ndarray]
    at_ends: list[tuple[int, int, int]]  # inflow, component, cell


@dataclass(frozen=True)
class Layout:
    """Positions in the vectors of a model with a field.

    cells, components: their numbers; of each cell the components stand side by side in the state.
    sourced: rows whose sources are accumulated apart from what is carried.
    """

    cells: int
    components: int
    scalars: Scalars
    links: Links
    inflows: Inflows
    sourced: list[int]

    @property
    def size(self) -> int:
        """Unknowns of the cells."""
        return self.cells * self.components

    def rows(self, S: np.ndarray) -> np.ndarray:
        """The unknowns of the cells (cells * components,) by component (components, cells)."""
        return np.ascontiguousarray(S.reshape(self.cells, self.components).T)


def layout(model: Model, field: Field, sourced: Sequence[int], carrying: Sequence[int]) -> Layout:
    """The layout of a model with a field; ModelError where its equations cannot be divided.

    sourced: rows of the entries of q, those of what is carried last. carrying: rows with something carried.
    """
    scalars = _divided(model, field, sourced, carrying)
    _check_links(model, field, scalars)
    _check_inflows(model, field)
    kinds = {
        kind: [k for k, link in enumerate(model.links) if link.kind == kind]
        for kind in ("edge", "total", "face")
    }
    faces = [link.face % (field.cells - 1) for link in model.links if link.kind == "face"]
    edges = EDGE_CELLS * len(field.components)
    links = Links(len(model.links), **kinds, faces=faces, edges=edges, width=edges + len(field.levels))
    apart = list(sourced[: len(sourced) - len(carrying)])
    return Layout(field.cells, len(field.components), scalars, links, _inflows(model, field), apart)


def _divided(model: Model, field: Field, sourced: Sequence[int], carrying: Sequence[int]) -> Scalars:
    """Which scalars follow, the rows that determine them, and the others; ModelError where it is unclear."""
    names = [u.name for u in model.unknowns]
    flags = [u.follows for u in model.unknowns]
    followers, leaders = np.flatnonzero(flags), np.flatnonzero(np.logical_not(flags))
    levels = np.array([names.index(level.name) for level in field.levels], dtype=int)
    following = {u.symbol for u in model.unknowns if u.follows}
    rows = [b.storage for b in model.balances] + [c.residual for c in model.constraints]
    with_followers = [bool(sympy.sympify(e).free_symbols & following) for e in rows]
    follower_rows = np.flatnonzero(with_followers)
    leader_rows = np.flatnonzero(np.logical_not(with_followers))
    if len(follower_rows) != len(followers):
        raise ModelError(
            f"model {model.name}: {len(follower_rows)} rows for {len(followers)} unknowns that follow"
        )
    if not set(carrying) <= set(follower_rows.tolist()):
        raise ModelError(
            f"model {model.name}: something is carried into the balance of an unknown that does not "
            "follow from the field"
        )
    return Scalars(
        count=len(names),
        leaders=leaders,
        followers=followers,
        leader_rows=leader_rows,
        follower_rows=follower_rows,
        levels=levels,
        level_columns=np.searchsorted(leaders, levels),
        leading_sources=_sources(leader_rows, sourced),
        following_sources=_sources(follower_rows, sourced),
    )


def _sources(rows: np.ndarray, sourced: Sequence[int]) -> Pairs:
    """(number among the rows, entry of q), for those of the rows that have a source."""
    places = {row: k for k, row in enumerate(rows.tolist())}
    return [(places[row], entry) for entry, row in enumerate(sourced) if row in places]


def _check_links(model: Model, field: Field, scalars: Scalars) -> None:
    """A level must be a leader; a face link may be in a source, not in a storage or residual.

    The rate of a quantity at a face is not generated.
    """
    storages = [sympy.sympify(b.storage) for b in model.balances]
    residuals = [sympy.sympify(c.residual) for c in model.constraints]
    stored = {symbol for e in storages + residuals for symbol in e.free_symbols}
    if not set(scalars.levels.tolist()) <= set(scalars.leaders.tolist()):
        raise ModelError(f"model {model.name}: a level of the field follows from it")
    odd = [link.name for link in model.links if link.kind == "face" and link.symbol in stored]
    if odd:
        raise ModelError(
            f"model {model.name}: the face quantity {', '.join(odd)} is stored; only sources may use one"
        )


def _check_inflows(model: Model, field: Field) -> None:
    """What enters all the cells must not depend on the state: its Jacobian is not generated."""
    state = {u.symbol for u in model.unknowns} | {link.symbol for link in model.links}
    for inflow in model.inflows:
        if inflow.at != "all":
            continue
        shared = inflow.share is not None and np.shape(inflow.share) == (field.cells,)
        if not shared or inflow.expression.free_symbols & state:
            raise ModelError(
                f"model {model.name}: what enters all the cells needs a share for each, "
                "and may depend on time alone"
            )


def _inflows(model: Model, field: Field) -> Inflows:
    ends = {"first": 0, "last": field.cells - 1}
    components = [field.component(inflow.component) for inflow in model.inflows]
    return Inflows(
        entered=[(c, ends.get(i.at, slice(None))) for c, i in zip(components, model.inflows)],
        shares=[1.0 if inflow.share is None else np.asarray(inflow.share) for inflow in model.inflows],
        at_ends=[
            (k, components[k], ends[inflow.at]) for k, inflow in enumerate(model.inflows) if inflow.at in ends
        ],
    )
