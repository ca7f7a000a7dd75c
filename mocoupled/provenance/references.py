"""Publications: the keys of a reference, and the bibliography of a run.

A law states the key of its publication beside its `reference`; here the keys of a reference are looked up.
The reference of a datum, or of a law that states no key, is all there is: its keys follow from its text.
Such a key is first author and year: "Dixon, Stolper & Holloway 1995, ..." is Dixon1995.
Where a preprint is cited by number, the key is that of the entry with its arXiv number.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..closures.registry import registered
from ..errors import InputError
from .publications import FILE, Entry, bibliography

if TYPE_CHECKING:
    import xarray

# used by every result, under the names that `versions` has
SOFTWARE = ("cantera", "scipy", "numpy", "sympy", "xarray")
# references of laws that nobody has published
NOT_PUBLISHED = (
    "ideal gas",
    "no escape",
    "this work",
    "Stefan-Boltzmann law",
    "a given power, as by a tidal model",
    "each increment of melt leaves, and its latent heat cools what stays",
    "lever rule: melt and residue stay in equilibrium",
    "not symmetric; to bound what the symmetry matters",
)

_NAME = r"(?:de )?[A-Z](?:['’][A-Z])?[a-zà-ž]+(?:[A-Z][a-zà-ž]+)?(?:-[A-Z][a-zà-ž]+)?"
_CITATION = re.compile(
    rf"(?P<first>{_NAME})(?:, {_NAME})*(?: & {_NAME}| et al\.)?,?\s?\(?(?P<year>(?:18|19|20)\d\d)(?!\d)"
)
_PREPRINT = re.compile(r"arXiv[ :](?P<number>\d{4}\.\d{4,5})")


# ---- from a reference to its keys


def keys(reference: str) -> tuple[str, ...]:
    """Keys of the publications that a reference names, in its order; they need not have an entry.

    They are those that the law with this reference states; else they are derived from the text.
    """
    return _stated().get(reference) or derived_keys(reference)


def _stated() -> dict[str, tuple[str, ...]]:
    """Reference -> keys, of all laws that state them."""
    return {law.reference: law.keys for law in registered() if law.key}


def derived_keys(reference: str) -> tuple[str, ...]:
    """Keys of the publications that the text of a reference names, in its order."""
    places = [(m.start(), _key(m["first"], m["year"])) for m in _CITATION.finditer(reference)]
    numbers = {
        entry.fields["eprint"]: entry.key for entry in bibliography().values() if "eprint" in entry.fields
    }
    for match in _PREPRINT.finditer(reference):
        places.append((match.start(), numbers.get(match["number"], f"arXiv:{match['number']}")))
    return tuple(dict.fromkeys(key for _, key in sorted(places)))


def _key(first: str, year: str) -> str:
    plain = unicodedata.normalize("NFKD", first).encode("ascii", "ignore").decode()
    return re.sub(r"\W", "", plain) + year


def unread_years(reference: str) -> list[str]:
    """Years in a reference that belong to no publication read in it.

    Such a year stands in a form of citation that `keys` does not know.
    """
    rest = _CITATION.sub(" ", reference)
    others = r"\(?corrigendum [^)]*\(\d{4}\)|SLB_\d{4}|SR1-86\(1992\)|[A-Z]\d{4,}|, \d+(?=[,;. )]|$)"
    return re.findall(r"(?<![\d.])(?:19|20)\d\d(?![\d.])", re.sub(others, " ", rest))


def missing(references: Iterable[str]) -> list[str]:
    """The references without an entry in the bibliography, each with the missing part."""
    known = bibliography()
    incomplete = []
    for reference in dict.fromkeys(references):
        named = keys(reference)
        lacks = [key for key in named if key not in known] + unread_years(reference)
        if lacks or (not named and reference not in NOT_PUBLISHED):
            incomplete.append(f"{reference!r}: {', '.join(lacks) or 'no publication read in it'}")
    return incomplete


# ---- what a run used


def used(result: xarray.Dataset) -> dict[str, list[str]]:
    """Key -> what the run took from that publication, by roles, in order.

    A role is, for instance, "solubility of H2O: peridotite-Sossi2022".
    Raises InputError for a result that names neither laws nor data.
    """
    roles: dict[str, list[str]] = {}
    for role, reference in used_references(result).items():
        for key in keys(reference):
            roles.setdefault(key, []).append(role)
    return roles


def used_references(result: xarray.Dataset) -> dict[str, str]:
    """Role -> reference, of the laws and data that a stored result names in its attributes.

    The role of a law has its name: "role: name". Raises InputError for a result that names neither laws nor
    data.
    """
    if not {"laws", "data"} & set(result.attrs):
        raise InputError(
            "result",
            "it names neither the laws nor the data that it uses.",
            "allowed: a run, as mocoupled.run returns it",
        )
    references = {}
    for role, law in _table(result, "laws").items():
        if not isinstance(law, Mapping) or not {"name", "reference"} <= set(law):
            raise _no_table("laws", "a law without name or reference")
        references[role if law["name"] == "none" else f"{role}: {law['name']}"] = law["reference"]
    return references | {role: str(reference) for role, reference in _table(result, "data").items()}


def _table(result: xarray.Dataset, name: str) -> dict[str, object]:
    """The table that an attribute has as JSON; InputError for text that is none."""
    try:
        table = json.loads(result.attrs.get(name, "{}"))
    except (ValueError, TypeError) as error:
        raise _no_table(name, str(error)) from None
    if not isinstance(table, dict):
        raise _no_table(name, f"a {type(table).__name__}")
    return table


def _no_table(name: str, reason: str) -> InputError:
    return InputError(f"attribute {name!r} of the result", f"not the table that a run stores ({reason}).")


# ---- the bibliography of a run


def cite(result: xarray.Dataset) -> str:
    """BibTeX of what a run rests on: mocoupled, the publications of its laws and data, and the software.

    result: a run, of `mocoupled.run` or `mocoupled.read`. Above each entry stands what was taken from it.
    A reference that the shipped bibliography does not know (of a user's mechanism) is a comment, word for
    word.
    Raises InputError for an object that is no result, and for a result that names neither laws nor data.
    """
    if not hasattr(result, "attrs"):
        raise InputError(
            "cite",
            f"a {type(result).__name__} is not a result.",
            "allowed: the Dataset of mocoupled.run or mocoupled.read",
            "for a folder: cite(read(folder))",
        )
    known = bibliography()
    parts = [
        f"% What the run {_line(result.attrs.get('case_name', ''))!r} rests on",
        "% the program",
        program(),
    ]
    for key, roles in sorted(used(result).items(), key=lambda item: item[0].casefold()):
        entry = known[key].text if key in known else f"% {key}: no entry in {FILE.name}"
        parts.append(f"% {_line('; '.join(roles))}\n{entry}")
    unknown = {
        reference: role
        for role, reference in used_references(result).items()
        if reference and not keys(reference) and reference not in NOT_PUBLISHED
    }
    for reference, role in unknown.items():
        parts.append(f"% {_line(role)}\n% not known to {FILE.name}: {_line(reference)}")
    versions = _table(result, "versions")
    parts.append("% the software")
    parts += [_with_version(known[name], versions.get(name)) for name in SOFTWARE]
    return "\n\n".join(parts) + "\n"


def _line(text: object) -> str:
    """Text of a case on one line, so that it cannot leave the comment it stands in."""
    return " ".join(str(text).split())


def _with_version(entry: Entry, version: object) -> str:
    if version is None:
        return entry.text
    return f"{entry.text[:-1].rstrip()}\n  version = {{{_line(version)}}},\n}}"


def program() -> str:
    """The entry of mocoupled itself, from its CITATION.cff."""
    about = citation_file()
    fields = {
        "author": " and ".join(_author(author) for author in about["authors"]),
        "title": about["title"],
        "version": about["version"],
        "license": about.get("license"),
        "doi": about.get("doi"),
        "url": about.get("repository-code") or about.get("url"),
    }
    body = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@software{{mocoupled,\n{body}}}"


def _author(author: Mapping[str, str]) -> str:
    return (
        f"{{{author['name']}}}" if "name" in author else f"{author['family-names']}, {author['given-names']}"
    )


@cache
def citation_file() -> Mapping[str, Any]:  # a document of YAML, whose form the tests check
    """CITATION.cff, inside an installed package, or next to the package in a checkout."""
    from ruamel.yaml import YAML

    inside = Path(__file__).parents[1] / "CITATION.cff"
    return YAML(typ="safe").load(inside if inside.is_file() else inside.parents[1] / "CITATION.cff")
