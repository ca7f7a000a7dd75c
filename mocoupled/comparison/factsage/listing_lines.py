"""The kinds of lines of an Equilib listing, as regular expressions."""

from __future__ import annotations

import re

NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?|[+-]?(?:nan|inf\w*)"
CONDITION = re.compile(
    rf"(?<![A-Za-z_])(T|P|V|Temperature|Pressure|Volume)\s*[=:]\s*({NUMBER})\s*([A-Za-z°]*\d?)", re.I
)
STREAM = re.compile(r"\s*STREAM\s+CONSTITUENTS\s+AMOUNT\s*/\s*(\S+)", re.I)
HEAD = re.compile(r"\s*(?:EQUIL\.?\s+)?AMOUNT\s+(MOLE|MASS|WEIGHT)\s+FRACTION", re.I)
PHASE = re.compile(r"\s*PHASE:\s*(\S+)(.*)", re.I)
PURE = re.compile(r"\s*(\S+)\s+ACTIVITY\s*$", re.I)
AMOUNT = re.compile(rf"\s*\+?\s*({NUMBER})\s+([A-Za-z.%]+)\s+([A-Za-z(]\S*)(?:\s+([A-Z]))?\s*(\(.*)?$", re.I)
SHARE = re.compile(rf"\s*[(+]?\s*({NUMBER})\s+(?:(mol|wt\.?%|mass%)\s+)?([A-Za-z(]\S*?)\s*\)?\s*$", re.I)
INSIDE = re.compile(rf"({NUMBER})\s*([A-Za-z°]+)")
ROW = re.compile(rf"\s*([A-Za-z(]\S*)\s+(?:([A-Z])\s+)?({NUMBER})((?:\s+{NUMBER})*)(?:\s+([A-Z]))?\s*$", re.I)
REACTANTS = re.compile(
    rf"\s*(?:\((?:gram|mol)\)\s*)?{NUMBER}\s+[A-Za-z(]\S*(?:\s*\+\s*(?:{NUMBER})\s+[A-Za-z(]\S*)*\s*[=+]\s*$",
    re.I,
)
# "FactPS 8.2", which does not show the decimal mark.
VERSION = re.compile(r"\b(?:[A-Za-z]*[a-z][A-Za-z]*)\s+\d+[.,]\d+\b")
CUTOFF = re.compile(r"cutoff\s+limit.*?(\d\S*)\s*$", re.I)
UNITS = {"mol": ("mol", "mole", "moles"), "g": ("gram", "grams", "g"), "kg": ("kg",)}
