"""The list of the runs of a paper, as CSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ..results.summaries import summary
from .runs import Outcome

if TYPE_CHECKING:
    import xarray

COLUMNS = (
    "case",
    "status",
    "end",
    "time [yr]",
    "surface temperature [K]",
    "melt fraction",
    "surface pressure [bar]",
    "steps",
    "wall [s]",
    "largest drift",
)


def runs_csv(outcomes: Mapping[str, Outcome], read: Callable[[str], xarray.Dataset]) -> str:
    """One line for each run. read: name of a case -> its stored Dataset, called for those with a complete
    run."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for name, outcome in outcomes.items():
        if outcome.usable:
            rows.writerow([name, *_end_of(read(name))])
        else:
            rows.writerow([name, outcome.status, outcome.reason, *[""] * (len(COLUMNS) - 3)])
    return text.getvalue()


def _end_of(run: xarray.Dataset) -> list[str]:
    """The cells of a complete run, without its name."""
    whole = summary(run)
    end, statistics = whole["final"], whole["statistics"]
    values = (
        end["time_yr"],
        end["surface_temperature_K"],
        end["melt_fraction"],
        end.get("surface_pressure_bar", math.nan),
    )
    drifts = [value for name, value in whole["largest_drift"].items() if not name.startswith("integrator")]
    drift = max(drifts, default=math.nan)
    return [
        whole["status"],
        whole["end"],
        *(f"{value:.6g}" for value in values),
        str(statistics["steps"]),
        f"{statistics['wall']:.3g}",
        f"{drift:.2g}",
    ]
