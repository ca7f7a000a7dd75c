"""Prints the lowest allowed version of each dependency in pyproject.toml, as constraints for pip."""

import re
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
for requirement in project["dependencies"]:
    name, lowest = re.fullmatch(r"([\w.-]+)(?:\[.*\])?\s*>=\s*([\d.]+).*", requirement).groups()
    print(f"{name}=={lowest}")
