"""A case of buffered crystallisation: planet, material and readings of the paper, from shipped or own files, checked."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..conditions import number as read_number
from ..errors import InputError, nearest
from ..files import content, toml
from ..units import shown
from .titles import with_changes

FOLDER = Path(__file__).parents[1] / "cases" / "buffering"
CALIBRATION = "calibration"


@dataclass(frozen=True)
class Quantity:
    """A number of a case. unit: SI, as text; low, high: the range, its ends allowed; section: of the file."""

    section: str
    unit: str
    low: float
    high: float
    long_name: str


QUANTITIES: Mapping[str, Quantity] = MappingProxyType({
    "bulk_iron": Quantity("planet", "1", 1e-4, 0.6, "Fe/(Fe + Mg) of the whole mantle, molar"),
    "core_temperature": Quantity("planet", "K", 500.0, 20000.0, "temperature of the core-mantle boundary"),
    "gravity": Quantity("planet", "m/s^2", 0.1, 100.0, "gravitational acceleration"),
    "mantle_thickness": Quantity("planet", "m", 1e4, 3e7, "depth of the core-mantle boundary"),
    "core_radius": Quantity("planet", "m", 1e3, 3e7, "radius of the core; for geometry = spherical alone"),
    "density": Quantity("planet", "kg/m^3", 1000.0, 20000.0, "density of the mantle"),
    "expansivity": Quantity("material", "1/K", 1e-7, 1e-3, "thermal expansivity"),
    "heat_capacity": Quantity("material", "J/kg/K", 100.0, 1e4, "heat capacity"),
    "latent_heat": Quantity("material", "J/kg", 1e3, 1e7, "latent heat of melting"),
    "diffusivity": Quantity("material", "m^2/s", 1e-8, 1e-4, "thermal diffusivity"),
    "density_contrast": Quantity("material", "kg/m^3", 1.0, 3000.0, "density of the crystals above that of the melt"),
    "viscosity": Quantity("material", "Pa*s", 1e12, 1e24, "viscosity of the pile of cumulates"),
    "exchange_coefficient": Quantity("melting", "1", 0.01, 0.95, "(Fe/Mg of the crystals)/(Fe/Mg of the melt)"),
    "magnesium_temperature": Quantity("melting", "K", 500.0, 6000.0, "melting temperature of the Mg end-member at no pressure"),
    "magnesium_slope": Quantity("melting", "K/Pa", 0.0, 1e-6, "its increase with pressure"),
    "iron_temperature": Quantity("melting", "K", 300.0, 6000.0, "melting temperature of the Fe end-member at no pressure"),
    "iron_slope": Quantity("melting", "K/Pa", 0.0, 1e-6, "its increase with pressure"),
    "velocity_prefactor": Quantity("convection", "1", 1e-3, 10.0, "of the speed of convection"),
    "topography_prefactor": Quantity("convection", "1", 1e-3, 1000.0, "of the dynamic topography"),
})  # fmt: skip
SECTIONS = tuple(dict.fromkeys(q.section for q in QUANTITIES.values()))
TIMESCALE = Quantity("run", "s", 1e6, 1e20, "time in which the magma ocean would crystallise at its net rate")

# Reading of the paper's text -> what may be chosen, the recommended first, and what each means.
READINGS: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "melting": {"fractional": "every increment of melt leaves as it forms", "batch": "melt stays with its residue until the top"},
    "lens": {
        "loglin": "distribution coefficients log-linear in temperature", "mobius": "logit of temperature between those of crystals and melt",
        "mean-composition": "temperature linear in the mean composition", "straight-solidus": "linear in the crystals' composition",
        "straight-liquidus": "linear in the melt's composition",
    },
    "top": {"pile-solidus": "the pile's top is at the solidus of what melts (see source)", "ocean-liquidus": "the pile's top is at the liquidus of the magma ocean"},
    "interior": {"mean": "half-way between top and base", "top": "as the top"},
    "source": {"pile": "what melts is the pile's mean", "bulk": "what melts is the bulk mantle", "newest-crystals": "what melts has just crystallised"},
    "geometry": {"cartesian": "solid fraction = thickness over depth", "spherical": "solid fraction = volume of a shell"},
    "latent_heat_of": {"parcel": "the whole parcel is cooled", "residue": "what stays is cooled"},
    "feeding_layers": {"one": "the lower boundary layer of one cell feeds the plume", "two": "those of both sides do"},
    "reference": {"pile-top": "potential temperatures at the top of the pile", "surface": "at the top of the magma ocean"},
    "topography": {"yes": "upwellings lift the top and melt more", "no": "the top stays level"},
    "growth": {"net": "the timescale is that of growth less remelting", "gross": "of crystallisation alone"},
})  # fmt: skip
DEFAULTS: Mapping[str, str] = MappingProxyType(
    {name: next(iter(choices)) for name, choices in READINGS.items()}
)


@dataclass(frozen=True)
class BufferingCase:
    """values: SI by the names of QUANTITIES; readings: by those of READINGS; calibration: label and spread; changed:
    the names that differ from the shipped calibration, which then no longer vouches for the result; origins: in a run,
    where each value is from."""

    name: str
    title: str
    values: Mapping[str, float]
    readings: Mapping[str, str]
    calibration: Mapping[str, str] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def read(name: str) -> BufferingCase:
        """A shipped case (earth, mars) or a TOML file of the same form. InputError for what cannot be read."""
        shipped = shipped_cases()
        return _shipped(name) if name in shipped else BufferingCase._read(Path(name), name, shipped)

    @staticmethod
    def taken(case) -> BufferingCase:
        """The case that a function was given: a BufferingCase, a shipped one's name, or the path of a TOML file."""
        if isinstance(case, BufferingCase):
            return case
        if not isinstance(case, str | os.PathLike):
            cure = (
                "cases of runs (mocoupled.Case) are others: 'earth', 'mars' or a file of docs/mantle-chemistry.md"
                if hasattr(case, "volatiles")
                else ""
            )
            raise InputError(
                f"case {shown(case)}",
                "this is no case of a mantle.",
                f"allowed: {', '.join(shipped_cases())}, the path of a TOML file, or a BufferingCase",
                cure,
            )
        return BufferingCase.read(os.fspath(case))

    @staticmethod
    def _read(path: Path, name: str, shipped) -> BufferingCase:
        if name in shipped:
            path = FOLDER / f"{name}.toml"
        elif path.suffix != ".toml":
            raise InputError(
                f"case {name!r}",
                "no shipped case of a mantle has this name.",
                f"known: {', '.join(shipped)}, or the path of a TOML file",
                nearest(name, shipped),
            )
        told = _toml(path)
        title = told.pop("title", path.stem)
        given = _flat(told, path.name)
        base = _calibrated()
        about = base["calibration"]
        twin = path.stem if name in shipped else ""
        if not twin and (like := given.pop("like", "")):
            if like not in shipped:
                raise InputError(
                    f"{path.name} like = {like!r}",
                    "no shipped case of a mantle has this name.",
                    f"known: {', '.join(shipped)}",
                    nearest(like, shipped),
                )
            base = base | _flat(
                {k: v for k, v in _toml(FOLDER / f"{like}.toml").items() if k != "title"}, like
            )
            twin = like
        values = {k: _number(k, v, path.name) for k, v in (base | given).items() if k in QUANTITIES}
        missing = [k for k in QUANTITIES if k not in values]
        if missing:
            raise InputError(
                f"{path.name}",
                f"not given: {', '.join(missing)}.",
                cure='like = "earth" takes what is not given from a shipped case',
            )
        readings = dict(DEFAULTS) | {k: _reading(k, v, path.name) for k, v in given.items() if k in READINGS}
        calibration = {"calibration": about["label"], "calibration_provenance": about["provenance"]}
        if twin in about["spread"]:
            calibration |= {
                "calibration_spread": about["spread"][twin],
                "calibration_readings": about["readings"][twin],
            }
        changed = (
            ()
            if name in shipped
            else tuple(k for k in given if k in QUANTITIES or readings.get(k) != DEFAULTS.get(k))
        )
        return _ordered(
            BufferingCase(
                path.stem,
                str(title),
                MappingProxyType(values),
                MappingProxyType(readings),
                MappingProxyType(calibration),
                changed,
            ),
            path.name,
        )

    def replace(self, changes: Mapping[str, Any], origin: str = "") -> BufferingCase:
        """The case with other values ("4600 K" or SI numbers) or readings, by name or section.name."""
        values, readings = dict(self.values), dict(self.readings)
        for key, value in changes.items():
            name = _known(key, origin)
            if name in READINGS:
                readings[name] = _reading(name, value, origin)
            else:
                values[name] = _number(name, value, origin)
        different = [
            name
            for name, value in (values | readings).items()
            if value != (self.values | self.readings)[name]
        ]
        title = with_changes(
            self.name,
            self.title,
            {key: value for key, value in changes.items() if _known(key, origin) in different},
        )
        found = replace(
            self,
            title=title,
            values=MappingProxyType(values),
            readings=MappingProxyType(readings),
            changed=tuple(dict.fromkeys([*self.changed, *different])),
        )
        return _ordered(found, origin)

    @property
    def attributes(self) -> dict[str, str]:
        """What calibrated it, as attributes of a result."""
        told = {"case_name": self.name, "case_title": self.title, **self.calibration}
        if self.changed:
            told["calibration"] += f"; changed here: {', '.join(self.changed)}"
        return told | {f"reading_{name}": choice for name, choice in self.readings.items()}


@cache
def _shipped(name: str) -> BufferingCase:
    return BufferingCase._read(Path(name), name, shipped_cases())


@cache
def shipped_cases() -> Mapping[str, str]:
    """Name -> title of the shipped cases."""
    return MappingProxyType(
        {p.stem: _toml(p)["title"] for p in sorted(FOLDER.glob("*.toml")) if p.stem != CALIBRATION}
    )


@cache
def _calibrated() -> dict:
    told = _toml(FOLDER / f"{CALIBRATION}.toml")
    about = told.pop("calibration")
    return _flat(told, CALIBRATION) | {"calibration": about}


def _toml(path: Path) -> dict:
    try:
        return toml(content(path).decode("utf-8-sig"))
    except OSError as error:
        raise InputError(f"{path}", f"the file cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}", f"not a TOML file: {error}.") from None


def _flat(told: Mapping, where: str) -> dict:
    """Sections of a file as one table; InputError for a section or key that is not known."""
    found = {}
    for section, keys in told.items():
        if section == "like":
            if not isinstance(keys, str):
                raise InputError(
                    f"{where} like = {keys!r}", "this is no name of a case.", 'for example like = "earth"'
                )
            found["like"] = keys
            continue
        allowed = (*SECTIONS, "readings")
        if section not in allowed or not isinstance(keys, Mapping):
            raise InputError(
                f"{where} {section}",
                "no section has this name.",
                f"known: {', '.join(f'[{s}]' for s in allowed)}",
                nearest(section, allowed),
            )
        own = (
            [k for k, q in QUANTITIES.items() if q.section == section]
            if section != "readings"
            else list(READINGS)
        )
        for key, value in keys.items():
            if key not in own:
                raise InputError(
                    f"{where} [{section}] {key}",
                    "no such key.",
                    f"known: {', '.join(own)}",
                    nearest(key, own),
                )
            found[key] = value
    return found


def _known(key: str, where: str) -> str:
    section, dot, name = key.rpartition(".")
    names = (*QUANTITIES, *READINGS)
    home = "readings" if name in READINGS else QUANTITIES[name].section if name in QUANTITIES else ""
    if not home or (dot and section != home):
        raise InputError(
            f"{where} {key}".strip(), "no such key.", f"known: {', '.join(names)}", nearest(name, names)
        )
    return name


def _number(name: str, value, where: str) -> float:
    quantity = QUANTITIES[name]
    where = f"{where} {name}".strip()
    number = read_number(value, quantity.unit, where)
    check(name, number, quantity, f"{where} = {shown(value)}")
    return number


def check(name: str, number: float, quantity: Quantity, where: str = ""):
    """InputError for a number [SI] outside its range."""
    if not quantity.low <= number <= quantity.high:
        unit = "" if quantity.unit == "1" else f" {quantity.unit}"
        high = "" if math.isinf(quantity.high) else f" to {quantity.high:g}"
        raise InputError(
            where or f"{name} = {number:g}",
            f"{quantity.long_name}: {number:g}{unit} is out of range.",
            f"allowed: {'at least' if not high else 'from'} {quantity.low:g}{high}{unit}",
        )


def _reading(name: str, value, where: str) -> str:
    choices = READINGS[name]
    if name == "topography" and isinstance(value, bool):
        value = "yes" if value else "no"
    if not isinstance(value, str) or value not in choices:
        known = "; ".join(f"{choice} ({text})" for choice, text in choices.items())
        raise InputError(
            f"{where} {name} = {value!r}".strip(),
            "no such reading.",
            f"known: {known}",
            nearest(str(value), choices),
        )
    return value


def _ordered(case: BufferingCase, where: str) -> BufferingCase:
    """The case, if its Mg end-member melts above its Fe end-member throughout the mantle."""
    v = case.values
    pressure = v["density"] * v["gravity"] * v["mantle_thickness"]
    gaps = [
        v["magnesium_temperature"] - v["iron_temperature"] + p * (v["magnesium_slope"] - v["iron_slope"])
        for p in (0.0, pressure)
    ]
    lowest = v["iron_temperature"]
    if min(gaps) <= 0 or lowest <= 0:
        raise InputError(
            f"{where} iron_temperature, iron_slope".strip(),
            "the Fe end-member would melt above the Mg end-member within the mantle.",
            "allowed: a lower temperature at every pressure",
        )
    return case


def setting(text: str) -> tuple[str, str]:
    """Key and value of KEY=VALUE."""
    key, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"[\w.]+", key.strip()):
        raise InputError(
            f"--set {text}",
            "this is not of the form KEY=VALUE.",
            "for example --set core_temperature='4600 K'",
        )
    return key.strip(), value.strip().strip("'\"")
