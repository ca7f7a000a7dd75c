"""The type of a figure, for the annotations of folders that must not import matplotlib."""

from __future__ import annotations

from matplotlib import figure

Figure = figure.Figure
