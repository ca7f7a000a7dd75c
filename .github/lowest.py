"""Prints the lowest allowed version of each dependency in pyproject.toml, as constraints for pip.

The tests install extras too. Where one of them needs a later version of a dependency, that version counts.
"""

import re
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
extras = project["optional-dependencies"]


def lowest(requirement: str) -> tuple[str, str]:
    """Name and lowest version of a requirement; the version is "" if none is stated."""
    name, version = re.match(r"([\w.-]+)(?:\[.*?\])?(?:\s*>=\s*([\d.]+))?", requirement).groups()
    return name, version or ""


def order(version: str) -> tuple[int, ...]:
    """A version as numbers that can be compared."""
    return tuple(int(part) for part in version.split(".") if part)


versions = dict(map(lowest, project["dependencies"]))
for name, version in map(lowest, extras["test"] + extras["docs"] + extras["cluster"]):
    if name in versions and order(version) > order(versions[name]):
        versions[name] = version
for name, version in versions.items():
    print(f"{name}=={version}")
