"""The registry imports the shipped laws itself: every law is known, whatever a process imported before."""

import ast
import subprocess
import sys

from support.in_turn import in_turn
from support.places import PACKAGE

from mocoupled.closures.registry import registered
from mocoupled.closures.shipped_laws import DECLARED_IN

KINDS = sorted(DECLARED_IN)


def declaring_files():
    """Files of the package that import `law` from the registry, as paths with dots."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            from_registry = isinstance(node, ast.ImportFrom) and (node.module or "").endswith("registry")
            if from_registry and "law" in {alias.name for alias in node.names}:
                yield ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def test_the_table_has_every_file_that_declares_laws():
    face = {"closures.law"}  # hands the decorator to a user's script
    assert {path for paths in DECLARED_IN.values() for path in paths} == set(declaring_files()) - face


def test_the_table_has_every_kind():
    assert {law.kind for law in registered() if law.function.__module__.startswith("mocoupled.")} == set(
        KINDS
    )


def test_a_file_stands_under_the_kinds_that_it_declares():
    """In a process that has looked up one kind, the registry has all laws of the kind that it ever has."""
    code = (
        "from mocoupled.closures.registry import names, registered\n"
        "from mocoupled.closures.shipped_laws import DECLARED_IN\n"
        "first = {kind: names(kind) for kind in reversed(DECLARED_IN)}\n"
        "laws = registered()\n"
        "assert all(first[kind] == tuple(law.name for law in laws if law.kind == kind) for kind in first)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


KNOWN = """
def work(kind, name):
    from mocoupled.closures.law import find
    assert find(kind, name).name == name
"""


def test_a_new_process_knows_the_laws_of_a_kind(tmp_path):
    """`find` alone, with nothing else of mocoupled imported, in a process for each kind."""
    laws = [(kind, next(law.name for law in registered() if law.kind == kind)) for kind in KINDS]
    done = in_turn(tmp_path, KNOWN, laws, "import numpy, pydantic, sympy")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_shipped_name_is_refused_before_the_shipped_law_was_looked_up():
    """A user's law must not take the place of a shipped law whose file is not imported yet."""
    code = (
        "import pytest\n"
        "from mocoupled.closures.law import find, law\n"
        "law('escape', 'none', unit='mol/m2/s', reference='a test')(lambda **_: 0.0)\n"
        "with pytest.raises(ValueError, match='declared twice'):\n"
        "    find('escape', 'none')\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
