"""Publications: from the reference of a law to its key and BibTeX entry, and the bibliography of a run.

A law names its paper once, in its `reference`; the key of the entry in references.bib follows from it (first author and
year: "Dixon, Stolper & Holloway 1995, ..." is Dixon1995), or, where a preprint is cited by number, from its arXiv number.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError

if TYPE_CHECKING:
    import xarray

FILE = Path(__file__).with_name("references.bib")
SOFTWARE = (
    "cantera",
    "scipy",
    "numpy",
    "sympy",
    "xarray",
)  # used by every result, under the names that `versions` has
NOT_PUBLISHED = (  # references of laws that are nobody's to cite
    "ideal gas", "no escape", "this work", "Stefan-Boltzmann law", "a given power, as by a tidal model",
    "each increment of melt leaves, and its latent heat cools what stays", "lever rule: melt and residue stay in equilibrium",
    "not symmetric; to bound what the symmetry matters",
)  # fmt: skip

_NAME = r"(?:de )?[A-Z](?:['’][A-Z])?[a-zà-ž]+(?:[A-Z][a-zà-ž]+)?(?:-[A-Z][a-zà-ž]+)?"
_CITATION = re.compile(
    rf"(?P<first>{_NAME})(?:, {_NAME})*(?: & {_NAME}| et al\.)?,?\s?\(?(?P<year>(?:18|19|20)\d\d)(?!\d)"
)
_PREPRINT = re.compile(r"arXiv[ :](?P<number>\d{4}\.\d{4,5})")


@dataclass(frozen=True)
class Entry:
    """One entry of a bibliography: kind ("article"), key, fields by name, and its text as it stands in the file."""

    kind: str
    key: str
    fields: Mapping[str, str]
    text: str


# ---- reading


def parse(text: str, source: str = "bibliography") -> dict[str, Entry]:
    """Key -> entry of BibTeX text whose fields are all in braces; lines that begin with % between entries are comments.

    InputError, with the line, for anything else: an unknown form, braces that do not close, a key or field given twice.
    """
    found: dict[str, Entry] = {}
    at = 0
    while head := re.compile(r"(?:\s|%[^\n]*\n)*").match(text, at):
        at = head.end()
        if at >= len(text):
            return found
        opening = re.compile(r"@([a-z]+)\{([A-Za-z][\w-]*),").match(text, at)
        if not opening:
            raise _refused(text, at, source, "no entry begins here.", "allowed: @article{Key2000, ...}")
        end = _closing(text, text.index("{", at), source)
        key = opening[2]
        if key in found:
            raise _refused(text, at, source, f"{key} is entered twice.")
        found[key] = Entry(opening[1], key, _fields(text, opening.end(), end, source), text[at : end + 1])
        at = end + 1
    return found


def _fields(text, at, end, source) -> dict[str, str]:
    found: dict[str, str] = {}
    while True:
        at = re.compile(r"[\s,]*").match(text, at).end()
        if at >= end:
            return found
        name = re.compile(r"([a-z]+)\s*=\s*(?=\{)").match(text, at)
        if not name or name[1] in found:
            raise _refused(
                text, at, source, "no field stands here, or one is given twice.", "allowed: name = {value},"
            )
        close = _closing(text, name.end(), source)
        found[name[1]] = " ".join(text[name.end() + 1 : close].split())
        at = close + 1


def _closing(text, opening, source) -> int:
    depth = 0
    for at in range(opening, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return at
    raise _refused(text, opening, source, "a brace opens here that never closes.")


def _refused(text, at, source, problem, allowed=""):
    return InputError(f"{source} line {text.count(chr(10), 0, at) + 1}", problem, allowed)


@cache
def bibliography() -> dict[str, Entry]:
    """The shipped entries by key."""
    return parse(FILE.read_text(encoding="utf-8"), FILE.name)


# ---- from a reference to its keys


def keys(reference: str) -> tuple[str, ...]:
    """Keys of the publications that a reference names, in its order; they need not have an entry."""
    places = [(m.start(), _key(m["first"], m["year"])) for m in _CITATION.finditer(reference)]
    numbers = {
        entry.fields["eprint"]: entry.key for entry in bibliography().values() if "eprint" in entry.fields
    }
    places += [
        (m.start(), numbers.get(m["number"], f"arXiv:{m['number']}")) for m in _PREPRINT.finditer(reference)
    ]
    return tuple(dict.fromkeys(key for _, key in sorted(places)))


def _key(first: str, year: str) -> str:
    plain = unicodedata.normalize("NFKD", first).encode("ascii", "ignore").decode()
    return re.sub(r"\W", "", plain) + year


def unread_years(reference: str) -> list[str]:
    """Years in a reference that belong to no publication found in it: a form of citation that `keys` does not know."""
    rest = _CITATION.sub(" ", reference)
    rest = re.sub(
        r"\(?corrigendum [^)]*\(\d{4}\)|SLB_\d{4}|SR1-86\(1992\)|[A-Z]\d{4,}|, \d+(?=[,;. )]|$)", " ", rest
    )
    return re.findall(r"(?<![\d.])(?:19|20)\d\d(?![\d.])", rest)


# ---- the bibliography of a run


def used(result: xarray.Dataset) -> dict[str, list[str]]:
    """Key -> what the run took from that publication, by roles ("solubility of H2O: peridotite-Sossi2022"), in order."""
    found: dict[str, list[str]] = {}
    for role, reference in used_references(result).items():
        for key in keys(reference):
            found.setdefault(key, []).append(role)
    return found


def used_references(result: xarray.Dataset) -> dict[str, str]:
    """ "role: name" or role -> reference, of the laws and data that a stored result names in its attributes."""
    if not {"laws", "data"} & set(result.attrs):
        raise InputError(
            "result",
            "it names neither laws nor data that it rests on.",
            "allowed: a run as 'mocoupled run' or mo.run gives it",
        )
    laws = _table(result, "laws")
    found = {
        role if one["name"] == "none" else f"{role}: {one['name']}": one["reference"]
        for role, one in laws.items()
    }
    return found | _table(result, "data")


def _table(result, name) -> dict[str, Any]:
    """The table that an attribute holds as JSON; InputError for one that is none."""
    try:
        found = json.loads(result.attrs.get(name, "{}"))
        if name == "laws" and not all({"name", "reference"} <= set(one) for one in found.values()):
            raise ValueError("a law without name or reference")
        return dict(found)
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError(
            f"attribute {name!r} of the result", f"not the table that a run stores ({error})."
        ) from None


def cite(result: xarray.Dataset) -> str:
    """BibTeX of what a run rests on: mocoupled itself, the publication of every law and datum it used, and the software.

    result: a run, of `mocoupled.run` or `mocoupled.read`. Above each entry stands what was taken from it. A reference that
    the shipped bibliography does not know (of a mechanism of one's own) is given as a comment, word for word.
    """
    if not hasattr(result, "attrs"):
        raise InputError(
            "cite",
            f"a {type(result).__name__} is no result.",
            "allowed: the Dataset of mocoupled.run or mocoupled.read",
            "for a folder: cite(read(folder))",
        )
    entries = bibliography()
    parts = [
        f"% What the run {_line(result.attrs.get('case_name', ''))!r} rests on",
        "% the program",
        program(),
    ]
    for key, roles in sorted(used(result).items(), key=lambda item: item[0].casefold()):
        title = f"% {_line('; '.join(roles))}"
        parts.append(
            f"{title}\n{entries[key].text}"
            if key in entries
            else f"{title}\n% {key}: no entry in {FILE.name}"
        )
    unknown = {
        r: role for role, r in used_references(result).items() if r and not keys(r) and r not in NOT_PUBLISHED
    }
    parts += [
        f"% {_line(role)}\n% not known to {FILE.name}: {_line(reference)}"
        for reference, role in unknown.items()
    ]
    versions = _table(result, "versions")
    parts += ["% the software", *(_with_version(entries[name], versions.get(name)) for name in SOFTWARE)]
    return "\n\n".join(parts) + "\n"


def _line(text) -> str:
    """Text of a case on one line, so that it cannot leave the comment it stands in."""
    return " ".join(str(text).split())


def _with_version(entry: Entry, version) -> str:
    return (
        entry.text
        if version is None
        else f"{entry.text[:-1].rstrip()}\n  version = {{{_line(version)}}},\n}}"
    )


def program() -> str:
    """The entry of mocoupled itself, from its CITATION.cff."""
    about = _citation_file()
    authors = " and ".join(_author(one) for one in about["authors"])
    rows = {
        "author": authors,
        "title": about["title"],
        "version": about["version"],
        "license": about.get("license"),
        "doi": about.get("doi"),
        "url": about.get("repository-code") or about.get("url"),
    }
    body = "".join(f"  {name} = {{{value}}},\n" for name, value in rows.items() if value)
    return f"@software{{mocoupled,\n{body}}}"


def _author(one) -> str:
    return f"{{{one['name']}}}" if "name" in one else f"{one['family-names']}, {one['given-names']}"


@cache
def _citation_file() -> dict[str, Any]:
    """CITATION.cff, inside an installed package or beside it in a checkout."""
    from ruamel.yaml import YAML

    inside = Path(__file__).parents[1] / "CITATION.cff"
    return YAML(typ="safe").load(inside if inside.is_file() else inside.parents[1] / "CITATION.cff")


def missing(references: Iterable[str]) -> list[str]:
    """Of some references, those without an entry: each with what it lacks."""
    entries, found = bibliography(), []
    for reference in dict.fromkeys(references):
        named = keys(reference)
        lacks = [key for key in named if key not in entries] + unread_years(reference)
        if lacks or (not named and reference not in NOT_PUBLISHED):
            found.append(f"{reference!r}: {', '.join(lacks) or 'no publication read in it'}")
    return found
