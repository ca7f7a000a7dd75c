"""The version of the package, for results, reports and the command."""

__version__ = "0.2.0"
