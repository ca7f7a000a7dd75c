"""The public face of the laws, for scripts that add a law of their user: see docs/add-a-law.md.

`law` declares one, `find`, `names` and `registered` look them up.
The files of the program import registry.py.
"""

from __future__ import annotations

from .law_types import Law, NumericLaw, SymbolicLaw
from .registry import Attributes, find, law, names, registered

__all__ = ["Attributes", "Law", "NumericLaw", "SymbolicLaw", "find", "law", "names", "registered"]
