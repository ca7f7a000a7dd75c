"""A result as a table of numbers: a row for each point, every column with its unit in parentheses."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Hashable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas
    import xarray


def point_table(
    result: xarray.Dataset,
    points: Sequence[Hashable],
    names: Collection[Hashable] | None = None,
    label: Callable[[str, Any], str] = lambda dimension, value: str(value),
) -> pandas.DataFrame:
    """One row for each point of these dimensions, the last one running fastest.

    Coordinates of the points come first, then the variables: pressure[H2O] (Pa), mole_fraction[metal,Fe] (1)
    where they have further dimensions. A dimension without coordinate is the number of the point.
    names: the variables; by default all that lie along one of these dimensions, or all without dimensions.
    label: a text for the value of a further dimension.
    """
    import pandas

    sizes = {d: result.sizes[d] for d in points}
    columns = {}

    def add(name: str, column: xarray.DataArray, unit: object) -> None:
        spread = column.expand_dims({d: n for d, n in sizes.items() if d not in column.dims})
        title = name if unit is None else f"{name} ({unit})"
        columns[title] = spread.transpose(*points).values.reshape(-1)

    along = {n: c for n, c in result.coords.items() if c.dims and set(c.dims) <= set(points)}
    for d in points:
        if d not in along:
            along = {d: result[d], **along}
    for name in (*points, *(n for n in along if n not in points)):
        add(str(name), along[name], along[name].attrs.get("units"))
    for name in result.data_vars if names is None else names:
        variable = result[name]
        if names is None and points and not set(variable.dims) & set(points):
            continue
        others = [d for d in variable.dims if d not in points]
        for labels in itertools.product(*(result[d].values for d in others)):
            texts = [label(str(d), value) for d, value in zip(others, labels)]
            where = f"[{','.join(texts)}]" if texts else ""
            column = variable.sel(dict(zip(others, labels))) if texts else variable
            add(f"{name}{where}", column, variable.attrs.get("units", "1"))
    return pandas.DataFrame(columns)
