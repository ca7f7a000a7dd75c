"""Where a case stands and what its file says: shipped names, paths, members, and TOML text as a document."""

from __future__ import annotations

import copy
import os
import re
import textwrap
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import InputError, nearest
from ..files import content, toml
from ..units import shown
from .replaced_keys import make_room

FOLDER = Path(__file__).parents[1] / "cases"
WIDTH = 100  # columns of an error message
# in this order before all other cases
PLANETS = (
    "mercury", "venus", "earth", "moon", "mars", "trappist-1b", "trappist-1c", "trappist-1d", "trappist-1e",
    "trappist-1f", "trappist-1g", "trappist-1h", "l-98-59d", "toi-561b", "55-cancri-e", "k2-141b",
)  # fmt: skip


class Place(NamedTuple):
    """Where a case is: its file, the member of it, what errors call it, and the title of its file."""

    path: Path
    member: str | None
    label: str
    title: str = ""
    group: str = ""


@cache
def shipped() -> dict[str, Place]:
    """Name of a shipped case -> its place."""
    places = {}
    paths = sorted(FOLDER.glob("*.toml"))
    documents = {path: tomllib.loads(path.read_text(encoding="utf-8")) for path in paths}
    rank = {name: place for place, name in enumerate(PLANETS)}
    for path, document in sorted(
        documents.items(), key=lambda item: ("members" in item[1], rank.get(item[0].stem, len(rank)))
    ):
        members = document.get("members", {path.stem: {}})
        for name, changes in members.items():
            member = name if "members" in document else None
            label = f"{path.name}:{name}" if member else path.name
            title = changes.get("title") or member_title(document, member)
            group = document.get("title", path.stem) if member else "Planets"
            places[name] = Place(path, member, label, title, group)
    return places


def shipped_groups() -> dict[str, dict[str, str]]:
    """Title of a group -> name and title of its cases: planets, then the members of each file."""
    groups: dict[str, dict[str, str]] = {}
    for name, place in shipped().items():
        groups.setdefault(place.group, {})[name] = place.title
    return groups


def member_title(document: Mapping[str, Any], member: str | None) -> str:
    """The title of a file, or of one of its members that has none."""
    title = document.get("title", "")
    return f"{title}: {member}" if member else title


def locate(request: object) -> Place:
    """The place that a shipped name, a path, or "path.toml:member" stands for; it need not exist."""
    try:
        text = os.fspath(request) if isinstance(request, str | os.PathLike) else None
    except TypeError:
        text = None
    if not isinstance(text, str) or not text.strip():
        raise InputError(
            "case",
            f"{shown(request)} is not a case.",
            "allowed: a shipped case's name, or a path to a TOML file.",
        )
    if text in shipped():
        return shipped()[text]
    stem, _, member = text.rpartition(":")
    files = {place.path.stem: place.path for place in shipped().values()}
    if path := files.get(text):
        return Place(path, None, path.name)
    if path := files.get(stem):
        return Place(path, member, f"{path.name}:{member}")
    if match := re.fullmatch(r"(.+\.toml):([^/\\]+)", text):
        return Place(Path(match[1]), match[2], text)
    return Place(Path(text), None, text)


def document_of(request: object) -> tuple[Place, dict[str, Any]]:
    """The place of a case, and what its file says of it; not checked by the schema yet."""
    place = locate(request)
    document = choose(parse(text_of(place, request), place.label), place)
    beside(document, place.path)
    return place, document


def text_of(place: Place, request: object) -> str:
    """The text of the file, or an InputError that says why there is none."""
    path, label = place.path, place.label
    try:
        return content(path, label).decode("utf-8-sig")
    except FileNotFoundError:
        known = list(shipped())
        if path.parent.is_dir():
            known += [str(near) for near in path.parent.glob("*.toml")]
        few = [name for name, other in shipped().items() if other.member is None]
        cure = nearest(place.member or str(path), known) or nearest(path.stem, known)
        more = f"{len(shipped()) - len(few)} more, listed by 'mocoupled cases'."
        allowed = f"shipped cases: {', '.join(few)} and {more}"
        raise InputError(
            label, "there is no such file, and no shipped case has this name.", allowed, cure
        ) from None
    except IsADirectoryError:
        inside = sorted(near.name for near in path.glob("*.toml"))[:8]
        cure = f"cases in it: {', '.join(inside)}" if inside else ""
        raise InputError(
            label, "this is a directory, not a file.", "allowed: a path to a TOML file.", cure
        ) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InputError(
            label, f"the file is not UTF-8 text (line {line}).", "", "save it as UTF-8"
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(shown(request), f"the file cannot be read: {reason}.") from None


def beside(document: dict[str, Any], path: Path) -> None:
    """Make the path of a mechanism, or of parameters of cumulates, absolute.

    Only for a file beside that of the case: the case can then be stored anywhere.
    """
    for section, key in (("chemistry", "mechanism"), ("cumulates", "parameters")):
        table = document.get(section)
        if not isinstance(table, dict):
            continue
        named = table.get(key)
        if not isinstance(named, str) or not named.strip() or "\0" in named or os.path.isabs(named):
            continue
        candidates = [(named, "")]
        if key == "mechanism":  # as in "mine.yaml:air"
            file, _, phase = named.rpartition(":")
            if file:
                candidates.append((file, f":{phase}"))
        for name, gas in candidates:
            if os.path.isfile(path.parent / name):
                table[key] = f"{(path.parent / name).resolve()}{gas}"
                break


def parse(text: str, label: str) -> dict[str, Any]:
    """The TOML document, or an InputError with line, column and a caret."""
    try:
        document = toml(text)
    except (ValueError, RecursionError) as error:
        reason = str(error).partition(":")[0] if isinstance(error, ValueError) else "too deeply nested"
        place = re.search(r"line (\d+), column (\d+)", reason)
        caret = ""
        if place:
            line, column = text.splitlines()[int(place[1]) - 1 : int(place[1])], int(place[2])
            if line and len(line[0]) < WIDTH:
                caret = f"{line[0]}\n  {' ' * (column - 1)}^"
        cure = (
            'a number with a unit stands in quotes: radius = "6371 km"'
            if "Expected newline" in reason
            else ""
        )
        raise InputError(label, f"this is not TOML: {reason}.", caret, cure) from None
    if not document:
        raise InputError(label, "the file has no key.", "", "start from a shipped case, such as earth")
    return document


def choose(document: dict[str, Any], place: Place) -> dict[str, Any]:
    """The document with the changes of the chosen member applied, without the table of members."""
    members = document.pop("members", None)
    if members is None:
        if place.member is None:
            return document
        raise InputError(place.label, "the file has no [members].", "", f"leave out ':{place.member}'")
    if not isinstance(members, dict) or not members or not all(isinstance(m, dict) for m in members.values()):
        raise InputError(
            place.label,
            "[members] is not a table of cases.",
            'allowed: E1 = {title = "...", volatiles.hydrogen = "1 ocean"}.',
        )
    if place.member not in members:
        problem = (
            f"no member is called {place.member!r}."
            if place.member
            else "the file contains several cases; choose one."
        )
        first = next(iter(members)) if place.path.parent == FOLDER else f"{place.path}:{next(iter(members))}"
        cure = nearest(place.member, members) if place.member else f"for instance {first!r}"
        raise InputError(place.label, problem, wrapped(f"members: {', '.join(members)}", "  "), cure)
    changes = dict(members[place.member])
    document["name"] = place.member
    document["title"] = member_title(document, place.member)
    flat = list(_flat(changes))
    make_room(document, {".".join(path): value for path, value in flat}, f"{place.label} [members]")
    for path, value in flat:
        put(document, path, value, f"{place.label} [members.{place.member}]")
    return document


def _flat(table: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterable[tuple[tuple[str, ...], Any]]:
    """Path and value of every leaf; a dotted key in quotes counts as a path."""
    for key, value in table.items():
        here = (*path, *key.split("."))
        if isinstance(value, dict):
            yield from _flat(value, here)
        else:
            yield here, value


def put(document: dict[str, Any], path: tuple[str, ...], value: object, where: str) -> None:
    """Set the value at the path, making tables on the way."""
    table = document
    for depth, part in enumerate(path[:-1], 1):
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            raise InputError(
                f"{where} {'.'.join(path)}", f"{'.'.join(path[:depth])} is a value, not a section."
            )
    table[path[-1]] = copy.deepcopy(value) if isinstance(value, (dict, list)) else value


def wrapped(text: str, indent: str) -> str:
    """Text wrapped to the width of a message, further lines indented; lines already broken stay."""
    lines = text.split("\n")
    return "\n".join(
        textwrap.fill(line, WIDTH, subsequent_indent=indent + "  ", break_long_words=False)
        if len(line) > WIDTH
        else line
        for line in lines
    )
