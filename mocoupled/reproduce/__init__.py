"""Papers as commands: the cases behind a paper, its claims beside ours, its figures. One module per paper."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from ..errors import InputError, nearest

PAPERS = {
    "bower2022": "Bower, Hakim, Sossi & Sanan 2022, Planet. Sci. J. 3, 93 (arXiv 2110.08029)",
    "nabiei2021": "Nabiei et al. 2021: crystallisation of the lower mantle",
    "buffering": "Manjon-Cabeza Cordoba & Ballmer: buffered crystallisation of magma oceans (arXiv 2605.04840)",
    "stratification": "maps of the iron of a buffered magma ocean over the size, iron and volatiles of its planet",
}


def find(paper: str) -> ModuleType:
    """The module of a paper; InputError, with the known ones, for another name."""
    if paper not in PAPERS:
        known = "; ".join(f"{name} ({text})" for name, text in PAPERS.items())
        raise InputError(
            f"paper {paper!r}", "no paper has this name.", f"known: {known}", nearest(paper, PAPERS)
        )
    return import_module(f".{paper}.figures", __name__)
