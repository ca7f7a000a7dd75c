"""What a sweep is asked for: a base case and axes of its keys, read from a grid file or from Python, and refused in words."""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np

from ..case import Case, shipped_cases
from ..errors import InputError, nearest
from ..files import content, toml
from ..plain_values import plain
from ..schema.quantities import Inventory
from .ranges import RANGE, check_size, ends, shown, spread, steps

MOST = 1_000_000  # cases of one sweep
AXES = 100  # of one sweep; with two values each, twenty make the most cases that there may be
SECTIONS = ("title", "case", "kind", "set", "axes", "zip", "sample", "equilibrium")
KINDS = ("evolution", "equilibrium")
METHODS = ("latin-hypercube", "sobol")
EXAMPLE = '"volatiles.hydrogen" = ["1 ocean", "3 ocean"], or {from = "1 ocean", to = "10 ocean", number = 5, scale = "log"}'
CASES = "case"  # dimension of a sample


@dataclass(frozen=True)
class Axis:
    """Keys of a case that change together. values: one tuple per step, in the order of `keys`, as a case takes them."""

    name: str
    keys: tuple[str, ...]
    values: tuple[tuple, ...]


@dataclass(frozen=True)
class Grid:
    """The cases of a sweep: the base with every combination of the axes' steps, the last axis running fastest.

    document: the axes as TOML has them. conditions: of an equilibrium map, name -> what the section gives. label: what
    errors call the place it came from.
    """

    base: Case
    axes: tuple[Axis, ...]
    document: Mapping[str, Any]
    label: str
    title: str = ""
    kind: str = "evolution"
    conditions: Mapping[str, Any] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(axis.values) for axis in self.axes)

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    def changes(self, k: int) -> dict[str, Any]:
        """Key -> value of case k."""
        found = {}
        for axis, step in zip(self.axes, np.unravel_index(k, self.shape)):
            found |= dict(zip(axis.keys, axis.values[step]))
        return found

    def to_toml(self, case: str) -> str:
        """The grid as a file that reads back to an equal one, with `case` as its base."""
        import tomli_w

        head = {"title": self.title} if self.title else {}
        return tomli_w.dumps(head | {"case": case, "kind": self.kind} | dict(self.document))


def read(path: str | os.PathLike) -> Grid:
    """The grid of a TOML file. InputError for anything that is not one; the cases are not yet checked: see `check`."""
    file = Path(path)
    document = _parsed(file)
    label = file.name
    for key in document:
        if key not in SECTIONS:
            raise InputError(
                f"{label} {key}",
                "a grid has no such key or section.",
                f"allowed: {', '.join(SECTIONS)}",
                nearest(key, SECTIONS),
            )
    for key in ("title", "case", "kind"):
        if key in document and not isinstance(document[key], str):
            raise InputError(f"{label} {key} = {document[key]!r}", "text in quotes is expected.")
    for key in ("set", "axes", "sample", "equilibrium"):
        if key in document and not isinstance(document[key], dict):
            raise InputError(
                f"{label} {key} = {document[key]!r}", "a section is expected.", f"write it as [{key}]"
            )
    if not document.get("case"):
        raise InputError(label, "the grid names no base case.", 'for example: case = "earth"')
    kind = document.get("kind", "equilibrium" if "equilibrium" in document else "evolution")
    if kind not in KINDS:
        raise InputError(
            f"{label} kind = {kind!r}",
            "there is no such kind of sweep.",
            f"allowed: {', '.join(KINDS)}",
            nearest(kind, KINDS),
        )
    zips = document.get("zip", [])
    if not isinstance(zips, list) or not all(isinstance(one, dict) for one in zips):
        raise InputError(
            f"{label} zip", "tables are expected.", "write each group of keys that change together as [[zip]]"
        )
    base = _base(document, file, label)
    if kind == "equilibrium":
        return _map(document, base, label)
    if "equilibrium" in document:
        raise InputError(
            f"{label} [equilibrium]",
            "a sweep of evolutions has no such section.",
            cure='leave it out, or write kind = "equilibrium"',
        )
    singles = dict(_flat(document.get("axes", {}), f"{label} [axes]"))
    groups = [dict(_flat(one, f"{label} [[zip]]")) for one in zips]
    fixed = {key for key, _ in _flat(document.get("set", {}), f"{label} [set]")}
    for empty in ("axes", "zip"):
        if empty in document and not document[empty]:
            raise InputError(f"{label} [{empty}]", "there is no axis in it.", f"for example: {EXAMPLE}")
    return build(base, singles, groups, document.get("sample"), label, fixed, document.get("title", ""))


def build(
    base: Case,
    singles: Mapping[str, Any],
    groups: Sequence[Mapping[str, Any]] = (),
    sample: Mapping[str, Any] | None = None,
    label: str = "sweep",
    fixed: set[str] = frozenset(),
    title: str = "",
) -> Grid:
    """The grid of a base case. singles: key -> values or range; groups: of keys that change together; sample: in place
    of both, {"method", "number", "seed", "ranges"}; fixed: keys that are set already."""
    if sample is not None:
        if singles or groups:
            raise InputError(f"{label} [sample]", "a sample and axes are both given.", "allowed: one of them")
        axis, document = _sampled(sample, base, f"{label} [sample]")
        grid = Grid(base, (axis,), {"sample": document}, label, title)
    else:
        if not singles and not groups:
            raise InputError(label, "the grid has no axis.", f"for example under [axes]: {EXAMPLE}")
        check_size(
            singles | {", ".join(group): next(iter(group.values()), ()) for group in groups},
            MOST,
            label,
            "cases",
        )
        for group in groups:
            for key, values in group.items():
                check_size({key: values}, MOST, label, "cases")
        axes = [
            Axis(key, (key,), tuple((v,) for v in _listed(key, given, f"{label} [axes]")))
            for key, given in singles.items()
        ]
        axes += [_together(group, f"{label} [[zip]]") for group in groups]
        document = {"axes": {key: plain(given, "sweep") for key, given in singles.items()}} if singles else {}
        document |= (
            {"zip": [{key: plain(given, "sweep") for key, given in group.items()} for group in groups]}
            if groups
            else {}
        )
        grid = Grid(base, tuple(axes), document, label, title)
    if len(grid.axes) > AXES:
        raise InputError(label, f"{len(grid.axes)} axes are too many.", f"allowed: up to {AXES}")
    _once(grid, fixed)
    return grid


def check(
    grid: Grid, progress: Callable[[float, str], None] = lambda fraction, text: None
) -> dict[str, tuple[str, list]]:
    """Make every case, and put those together that differ by name; nothing is computed. InputError for the first that
    fails, with its values and how many others fail. Returns key -> (dimension, the value that a case holds at each step).
    """
    for axis in grid.axes:
        for key in axis.keys:
            _known(grid, key)
    found = {key: (axis.name, []) for axis in grid.axes for key in axis.keys}
    first, failed = None, 0
    for k in range(grid.size):
        if k % 256 == 0:
            progress(k / grid.size, f"{k} of {grid.size} cases")
        changes = grid.changes(k)
        try:
            case = grid.base.replace(changes, origin=grid.label)
        except InputError as error:
            first, failed = first or (k, changes, error), failed + 1
            continue
        steps = np.unravel_index(k, grid.shape)
        for j, axis in enumerate(grid.axes):
            if steps[j] == len(found[axis.keys[0]][1]) and not any(steps[:j]) and not any(steps[j + 1 :]):
                for key in axis.keys:
                    found[key][1].append(held(case, key))
    if first is not None:
        _refuse(grid, *first, failed)
    for axis in grid.axes:
        seen = set()
        for k, one in enumerate(zip(*(found[key][1] for key in axis.keys))):
            one = tuple(repr(sorted(v.items())) if isinstance(v, Mapping) else v for v in one)
            if one in seen:
                told = ", ".join(f"{key} = {value!r}" for key, value in zip(axis.keys, axis.values[k]))
                raise InputError(
                    f"{grid.label} {told}", "the axis holds this value twice.", cure="leave one of them out"
                )
            seen.add(one)
    _assembled(grid, found)
    return found


def held(case: Case, key: str):
    """What a case holds at a dotted key."""
    section, *parts = key.split(".")
    value = getattr(case, section)
    for part in parts:
        value = value[part] if isinstance(value, Mapping) else getattr(value, part)
    return value


def _refuse(grid, k, changes, error, failed):
    told = ", ".join(f"{key} = {value!r}" for key, value in changes.items() if key != "title")
    others = (
        f"; {failed - 1} of the other {grid.size - 1} cases fail too"
        if failed > 1
        else "; the others are well"
    )
    where = error.where if error.where.startswith(grid.label) else f"{grid.label}: {error.where}"
    raise InputError(
        where,
        error.problem,
        error.allowed,
        f"{error.cure}\n  " * bool(error.cure) + f"case {k} ({told}){others if grid.size > 1 else ''}.",
    )


def _known(grid, key):
    """InputError for a key that no case has, or that is no matter of computing."""
    from ..schema.keys import is_table, leaves

    parts = tuple(key.split("."))
    known = {(section, name): spec for section, name, spec, _ in leaves()}
    if key in ("name", "title"):
        raise InputError(
            f"{grid.label} {key}", "this labels a case, and changes nothing in it.", f"for example: {EXAMPLE}"
        )
    spec = known.get(parts[:2])
    if spec is None or len(parts) > 2 + is_table(spec):
        try:
            grid.base.replace({key: "1"}, origin=grid.label)
        except InputError as error:
            where = error.where if grid.label in error.where else f"{grid.label}: {key}"
            raise InputError(where, error.problem, error.allowed, error.cure) from None
        raise InputError(f"{grid.label} {key}", "a case has no such key.", f"for example: {EXAMPLE}")


def _assembled(grid, found):
    """Put together the first case, one for each further name of a law, mechanism, ..., and the ends of each axis of
    numbers: what a case may hold and cannot be computed is told before anything runs."""
    from ..planet.assembly import assemble

    several = {0}
    for j, axis in enumerate(grid.axes):
        if axis.name != CASES:
            several |= {
                math.prod(grid.shape[j + 1 :]) * step
                for key in axis.keys
                for step in _telling(key, found[key][1])
            }
    for k in sorted(several):
        changes = grid.changes(k)
        try:
            assemble(grid.base.replace(changes, origin=grid.label))
        except InputError as error:
            told = ", ".join(f"{key} = {value!r}" for key, value in changes.items() if key != "title")
            raise InputError(
                f"{grid.label}: {error.where}",
                error.problem,
                error.allowed,
                f"{error.cure}\n  " * bool(error.cure) + f"case {k} ({told}).",
            ) from None


def _telling(key, values) -> list[int]:
    """The steps of an axis at which to look: of numbers the least and the largest, of names all."""
    numbers = [v.amount if isinstance(v, Inventory) else v for v in values]
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in numbers):
        return [numbers.index(min(numbers)), numbers.index(max(numbers))]
    return [] if key == "redox.oxygen_fugacity" else list(range(len(values)))


# ---- reading


def _parsed(file: Path) -> dict:
    try:
        document = toml(content(file).decode("utf-8-sig"))
    except FileNotFoundError:
        near = [str(one) for one in file.parent.glob("*.toml")] if file.parent.is_dir() else []
        raise InputError(
            f"{file}",
            "there is no such file.",
            "allowed: a TOML file that describes a grid of cases",
            nearest(str(file), near),
        ) from None
    except UnicodeDecodeError:
        raise InputError(f"{file}", "the file is not UTF-8 text.") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        reason = "too deeply nested" if isinstance(error, RecursionError) else str(error)
        raise InputError(
            f"{file}", f"this is not TOML: {reason}.", cure='values with units stand in quotes: "3 ocean"'
        ) from None
    except (OSError, ValueError) as error:
        raise InputError(
            f"{file}", f"the file cannot be read: {getattr(error, 'strerror', None) or error}."
        ) from None
    if not document:
        raise InputError(
            f"{file}", "the file has no key.", f'for example: case = "earth" and under [axes] {EXAMPLE}'
        )
    return document


def _base(document, file, label) -> Case:
    name = document["case"]
    beside = file.parent / name
    case = Case.read(name if name in shipped_cases() else beside)
    changes = dict(_flat(document.get("set", {}), f"{label} [set]"))
    for key, value in changes.items():
        if isinstance(value, dict):
            raise InputError(
                f"{label} [set] {key}", "a range stands here.", "allowed: one value", "move it to [axes]"
            )
    if not changes:
        return case
    made = case.replace(changes, origin=f"{label} [set]")
    lost = {
        key.partition(".")[0]
        for key, value in changes.items()
        if value == "none" and _value(made, key) is not None
    }
    return case.replace(changes | _first(document, label, lost), origin=f"{label} [set]") if lost else made


def _value(case: Case, key: str):
    """The value of a dotted key."""
    return reduce(getattr, key.split("."), case)


def _first(document, label, sections) -> dict[str, Any]:
    """The first values of the axes of some sections: what takes the place of a key that is none for all cases (an oxygen
    budget that of redox.oxygen_fugacity) may stand on an axis alone."""
    tables = [document.get("axes", {}), *document.get("zip", [])]
    singles = {
        key: value
        for one in tables
        for key, value in _flat(one, f"{label} [axes]")
        if key.partition(".")[0] in sections
    }
    firsts = {
        key: value.get("from")
        if isinstance(value, dict)
        else value[0]
        if isinstance(value, list) and value
        else value
        for key, value in singles.items()
    }
    return {key: value for key, value in firsts.items() if value is not None}


def _flat(table: Mapping, where: str, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Dotted key and value of every leaf, each once; a table with a key of a range is a value."""
    seen = set()
    for key, value in table.items():
        here = (*path, *key.split("."))
        if isinstance(value, dict) and not value.keys() & RANGE:
            if not value:
                raise InputError(f"{where} {'.'.join(here)}", "the table is empty.")
            pairs = _flat(value, where, here)
        else:
            pairs = [(".".join(here), value)]
        for dotted, one in pairs:
            if dotted in seen:
                raise InputError(f"{where} {dotted}", "the key is given twice.", cure="leave one of them out")
            seen.add(dotted)
            yield dotted, one


def _listed(key, given, where) -> list:
    """The values of one key: those of a list, or of a range."""
    place = f"{where} {key}"
    given = plain(given, place)
    if isinstance(given, dict):
        return steps(key, given, place)
    if not isinstance(given, list):
        raise InputError(
            f"{place} = {given!r}",
            "an axis is a list or a range.",
            f"for example: {EXAMPLE}",
            "one value for all cases stands in [set]",
        )
    if not given:
        raise InputError(f"{place} = []", "the axis is empty.", f"for example: {EXAMPLE}")
    for value in given:
        if isinstance(value, float) and not math.isfinite(value):
            raise InputError(f"{place}, entry {value}", "not a finite number.")
    return given


def _together(group, where) -> Axis:
    columns = {key: _listed(key, given, where) for key, given in group.items()}
    lengths = {key: len(values) for key, values in columns.items()}
    if len(columns) < 2:
        raise InputError(
            f"{where} {', '.join(columns)}",
            "keys that change together are two or more.",
            cure="a single key stands in [axes]",
        )
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{key}: {n}" for key, n in lengths.items())
        raise InputError(
            where,
            f"the lists are not of one length ({told}).",
            "allowed: as many values for each key of a group",
        )
    return Axis(next(iter(columns)), tuple(columns), tuple(zip(*columns.values())))


def _sampled(sample, base, where) -> tuple[Axis, dict]:
    """The points of a Latin hypercube or a Sobol sequence, as an axis, and the section as a file has it."""
    allowed = ("method", "number", "seed", "ranges")
    if not isinstance(sample, Mapping):
        raise InputError(where, "a sample is no table.", "allowed: {'method', 'number', 'seed', 'ranges'}")
    sample = plain(sample, where)
    for key in sample:
        if key not in allowed:
            cure = nearest(key, allowed) or "ranges stand in [sample.ranges]"
            raise InputError(
                f"{where} {key}", "a sample has no such key.", f"allowed: {', '.join(allowed)}", cure
            )
    method, number, seed = sample.get("method", "latin-hypercube"), sample.get("number"), sample.get("seed")
    if method not in METHODS:
        raise InputError(
            f"{where} method = {method!r}",
            "there is no such method.",
            f"allowed: {', '.join(METHODS)}",
            nearest(str(method), METHODS),
        )
    for key, value, least in (("number", number, 2), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise InputError(
                f"{where} {key} = {shown(value) if isinstance(value, int) else repr(value)}",
                "this is not such a whole number.",
                f"allowed: {least} or more",
            )
    if number > MOST:
        raise InputError(
            f"{where} number = {shown(number)}",
            "these are too many cases.",
            f"allowed: up to {MOST} in one sweep",
        )
    if method == "sobol" and number & (number - 1):
        below = 1 << (number.bit_length() - 1)
        raise InputError(
            f"{where} number = {number}",
            "a Sobol sequence is balanced at powers of two only.",
            cure=f"take {below} or {2 * below}, or the method 'latin-hypercube'",
        )
    ranges = sample.get("ranges")
    if not isinstance(ranges, Mapping) or not ranges:
        raise InputError(
            f"{where} ranges",
            "the sample has no ranges.",
            'for example under [sample.ranges]: "volatiles.hydrogen" = {from = "1 ocean", to = "10 ocean"}',
        )
    given = {key: plain(one, "sweep") for key, one in _flat(ranges, f"{where} ranges")}
    found = {}
    for key, one in given.items():
        if not isinstance(one, dict) or "number" in one:
            raise InputError(
                f"{where} ranges {key} = {one!r}",
                "a range without a number is expected.",
                'for example: {from = "1 ocean", to = "10 ocean", scale = "log"}',
            )
        found[key] = ends(key, one, f"{where} ranges {key}")
    from scipy.stats import qmc  # on use: it takes half a second to import

    engine = {"latin-hypercube": qmc.LatinHypercube, "sobol": qmc.Sobol}[method](len(found), seed=seed)
    columns = [spread(one, unit) for one, unit in zip(found.values(), engine.random(number).T)]
    document = {"method": method, "number": number, "seed": seed, "ranges": given}
    return Axis(CASES, tuple(found), tuple(zip(*columns))), document


def _once(grid, fixed):
    seen = set()
    for axis in grid.axes:
        for key in axis.keys:
            if key in seen:
                raise InputError(
                    f"{grid.label} {key}", "two axes change this key.", cure="leave one of them out"
                )
            if key in fixed:
                raise InputError(
                    f"{grid.label} {key}",
                    "the key is set for all cases, and changed by an axis.",
                    cure="leave it out of [set]",
                )
            seen.add(key)


def _map(document, base, label) -> Grid:
    """The grid of an equilibrium map: conditions, no cases."""
    for key in ("axes", "zip", "sample"):
        if key in document:
            raise InputError(
                f"{label} [{key}]",
                "an equilibrium map has no such section.",
                "allowed: [equilibrium], with temperature, melt_fraction, inventories, ...",
            )
    section = document.get("equilibrium")
    if not section:
        raise InputError(
            f"{label} [equilibrium]",
            "there are no conditions.",
            'for example: temperature = {from = "1400 K", to = "3000 K", number = 100} and melt_fraction = [0.3, 1.0]',
        )
    return Grid(base, (), {"equilibrium": section}, label, document.get("title", ""), "equilibrium", section)
