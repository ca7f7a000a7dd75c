"""Papers as commands: the cases behind a paper, its claims beside our values, its figures drawn again.

Each paper has a folder; start in its `job.py`, which `mocoupled reproduce PAPER` calls. Beside it, where a
paper needs them: `cases.py` (what is run), `values.py` (our value of each claim), `verdicts.py` and
`figures.py`. To add a paper, add its folder and a line to PAPERS. What papers share is in the files of this
folder; start in paper.py.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from ..errors import InputError, nearest

if TYPE_CHECKING:
    from .paper import Paper

PAPERS = {
    "bower2022": "Bower, Hakim, Sossi & Sanan 2022, Planet. Sci. J. 3, 93 (arXiv 2110.08029)",
    "nabiei2021": "Nabiei et al. 2021: crystallisation of the lower mantle",
    "buffering": (
        "Manjon-Cabeza Cordoba & Ballmer: buffered crystallisation of magma oceans (arXiv 2605.04840)"
    ),
    "stratification": (
        "maps of the iron of a buffered magma ocean over the size, iron and volatiles of its planet"
    ),
    "radiation": "outgoing radiation of steam and mixtures beside published values of many",
}


def find(paper: str) -> Paper:
    """The job of a paper: its functions `chosen` and `reproduce`. Raises InputError for an unknown name."""
    if paper not in PAPERS:
        known = "; ".join(f"{name} ({text})" for name, text in PAPERS.items())
        raise InputError(
            f"paper {paper!r}", "no paper has this name.", f"known: {known}", nearest(paper, PAPERS)
        )
    job = import_module(f".{paper}.job", __name__)
    return cast("Paper", job)  # import_module returns a module without types; each job is checked in its file
