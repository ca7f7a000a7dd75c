"""Reads equilibria that another program computed: our CSV tables, a user's own, spreadsheets, Equilib
listings.

A reader and nothing else: no equilibrium is solved here. Every problem of a file is an InputError with file
and line. Start in reader.py, which recognises the format. rows.py reads tables, listing.py the text of an
Equilib run, and record.py defines what both return. Names of species are in species_names.py, titles of
columns in column_titles.py.
"""

from .reader import find_table, read_table, shipped_tables
from .record import Record, Table
from .species_names import charge, composition, elements_of, species_name

__all__ = [
    "Record",
    "Table",
    "charge",
    "composition",
    "elements_of",
    "find_table",
    "read_table",
    "shipped_tables",
    "species_name",
]
