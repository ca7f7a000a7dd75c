"""Where mechanism files are: a name of a user -> the path of a file.

Nothing is read, and Cantera is not imported.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from ..errors import InputError, nearest

# the shipped mechanism of the vapour of a melt
SILICATES = "silicates"
# the shipped mechanism with the gases of that, and more condensates
CONDENSATES = "condensates"


def shipped_folder() -> Path:
    """The folder of the shipped mechanisms: inside an installed package, next to it in a checkout."""
    package = _package(__file__)
    inside = package / "mechanisms"
    return inside if inside.is_dir() else package.parent / "mechanisms"


@lru_cache(maxsize=2)
def _package(file: str) -> Path:
    """The folder of the package that contains this file."""
    return Path(file).resolve().parents[1]


def shipped_mechanisms() -> tuple[str, ...]:
    """Names of the shipped mechanisms."""
    return tuple(sorted(path.stem for path in shipped_folder().glob("*.yaml")))


def gas_mechanisms() -> tuple[str, ...]:
    """Names of the shipped mechanisms without the gases and liquids of silicates.

    A listing of another program that has a slag has elements whose melt is not modelled.
    """
    return tuple(name for name in mechanisms_by_gases() if name != SILICATES)


def mechanisms_by_gases() -> tuple[str, ...]:
    """Names of the shipped mechanisms that differ in their gases: one that adds condensates is left out."""
    return tuple(name for name in shipped_mechanisms() if name != CONDENSATES)


def cantera_folders() -> tuple[Path, ...]:
    """Folders of Cantera's data files: those that CANTERA_DATA names, then that of the Cantera package."""
    named = [Path(folder) for folder in os.environ.get("CANTERA_DATA", "").split(os.pathsep) if folder]
    return (*named, *_cantera_data())


@lru_cache(maxsize=1)
def _cantera_data() -> tuple[Path, ...]:
    """Cantera's data folder. It is searched once.

    A search of all packages takes longer than an equilibrium.
    """
    package = importlib.util.find_spec("cantera")
    return (Path(package.origin).parent / "data",) if package and package.origin else ()


def folders() -> tuple[Path, ...]:
    """The folders of a file that does not stand beside the file which imports it."""
    return (shipped_folder(), *cantera_folders())


def import_folders(path: Path) -> Iterator[Path]:
    """Folders in which the imports of a file are searched, in order: its folder first."""
    yield path.parent
    yield from folders()


def find_mechanism(name_or_path: str | Path, where: str = "") -> Path:
    """The file of a shipped mechanism's name, of a path, or of a file's name in Cantera's data folder.

    where: the place in the user's input, for the error. InputError if there is no such file.
    """
    return locate(name_or_path, where)[0]


def locate(name_or_path: str | Path, where: str = "") -> tuple[Path, str]:
    """The file and the name of the phase that is its gas ("" where the user names none).

    name_or_path: as for `find_mechanism`, or "file.yaml:phase". InputError if there is no such file.
    """
    text = str(name_or_path)
    path = _path_of(text)
    if path is not None:
        return path, ""
    name, colon, phase = text.rpartition(":")
    path = _path_of(name) if colon else None
    if path is not None:
        return path, phase
    shipped = shipped_mechanisms()
    known = [*shipped, *(path.name for folder in cantera_folders() for path in folder.glob("*.yaml"))]
    raise InputError(
        where or f"mechanism = {text!r}",
        f"there is neither a shipped mechanism nor a file {text!r}.",
        f"shipped: {', '.join(shipped) or 'none'}; or a path to a Cantera YAML file, "
        "or the name of one of Cantera's own, such as 'gri30.yaml'",
        nearest(Path(text).stem, shipped) or nearest(text, known),
    )


def _path_of(text: str) -> Path | None:
    """The path of a shipped name, of a path, or of a name in Cantera's folders.

    None if there is no such file.
    """
    if re.fullmatch(r"[\w-]+", text) and os.path.isfile(shipped := shipped_folder() / f"{text}.yaml"):
        return shipped
    # os.path returns False for a name that is too long or of an unknown home; pathlib would raise.
    path = Path(os.path.expanduser(text))
    if text and os.path.isfile(path):
        return path.resolve()
    if not text.endswith((".yaml", ".yml")):
        return None
    inside = [folder / text for folder in cantera_folders() if os.path.isfile(folder / text)]
    return inside[0].resolve() if inside else None
