"""The style of the source: ruff's rules and layout, sizes, docstrings, and words that say nothing."""

import ast
import re
import subprocess
import sys
from functools import cache

import pytest
from support.places import PACKAGE, ROOT
from support.waiting import HANG

FOLDERS = ("mocoupled", "tests", "docs", "validation")
LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 60
# the commands' options stand in decorators above the function, a line or more for each
LINES_OF_A_COMMAND = 100
# stand-ins for the noun that is meant; right in a few places only, such as "not found"
STAND_INS = ("told", "asked", "found", "held", "own")
STAND_INS_ALLOWED = 40
# names that say nothing when they stand alone
EMPTY_NAMES = {*STAND_INS, "given", "one", "thing", "things", "stuff", "helper", "manager", "utils"}
# the argument of a public function keeps its name
NAMES_OF_THE_FACE = {("mocoupled/lower_mantle/compositions.py", "composition", "given")}
FILES = sorted(PACKAGE.rglob("*.py"))
# scripts of the documentation and of the validation, and the tests
OTHER_FILES = sorted(path for folder in FOLDERS[1:] for path in (ROOT / folder).rglob("*.py"))
# long functions outside the package, which may become shorter only
LONG_OUTSIDE = {"stored": 102, "test_tls": 64}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def text_of(path):
    return path.read_text(encoding="utf-8")


@cache
def tree_of(path):
    return ast.parse(text_of(path))


def place(path, line):
    root = ROOT if path.is_relative_to(ROOT) else PACKAGE.parent
    return f"{path.relative_to(root).as_posix()}:{line}"


@pytest.mark.parametrize("command", [("check",), ("format", "--check")], ids=" ".join)
def test_ruff_finds_nothing(command):
    """`ruff check` and `ruff format --check`, with the rules of pyproject.toml."""
    folders = [folder for folder in FOLDERS if (ROOT / folder).is_dir()]
    line = [sys.executable, "-m", "ruff", *command, "--no-cache", *folders]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=HANG)
    assert done.returncode == 0, f"{done.stdout[-4000:]}{done.stderr}"


def test_files_are_short():
    tests = [path for path in OTHER_FILES if path.is_relative_to(ROOT / "tests")]
    lengths = {place(path, 1): len(text_of(path).splitlines()) for path in [*FILES, *tests]}
    assert {file: lines for file, lines in lengths.items() if lines > LINES_OF_A_FILE} == {}


def test_functions_are_short():
    """A function's lines count from `def` to its end, with its docstring and the functions inside it.

    With its decorators it may be longer, since a command's options stand there.
    """
    long = {}
    for path in [*FILES, *OTHER_FILES]:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, FUNCTIONS):
                lines = node.end_lineno - node.lineno + 1
                decorated = node.end_lineno - min([node.lineno, *(d.lineno for d in node.decorator_list)]) + 1
                most = (
                    LINES_OF_A_FUNCTION if path in FILES else LONG_OUTSIDE.get(node.name, LINES_OF_A_FUNCTION)
                )
                if lines > most or (path in FILES and decorated > LINES_OF_A_COMMAND):
                    long[f"{place(path, node.lineno)} {node.name}"] = lines
    assert long == {}


def test_no_code_hides_outside_of_functions():
    """What a file does when it is imported is definitions and assignments: no loop of any length, no `with`.

    A script under docs/ or validation/ is not imported, and may begin to work in its body.
    """
    busy = [
        place(path, node.lineno)
        for path in FILES
        for node in tree_of(path).body
        if isinstance(node, ast.While | ast.With) or (isinstance(node, ast.For) and length(node) > 10)
    ]
    assert busy == []


def length(node):
    return node.end_lineno - node.lineno + 1


def test_no_name_stands_for_any_noun():
    """A variable, argument, function or class is not called `given`, `one` or `thing`."""
    empty = []
    for path in [*FILES, *OTHER_FILES]:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, FUNCTIONS):
                arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                names = [(node.name, arg.arg) for arg in arguments] + [("", node.name)]
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names = [("", node.id)]
            else:
                continue
            file = place(path, 1).partition(":")[0]
            for function, name in names:
                if name.strip("_") in EMPTY_NAMES and (file, function, name) not in NAMES_OF_THE_FACE:
                    empty.append(f"{place(path, node.lineno)} {name}")
    assert empty == []


def public_definitions(body):
    """Classes and functions without a leading underscore, of a module and of its public classes."""
    for node in body:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public_definitions(node.body)


def is_overload(node):
    """Whether this is one signature of several, whose docstring stands at the implementation."""
    return any(
        ast.unparse(decorator).endswith("overload") for decorator in getattr(node, "decorator_list", ())
    )


def test_every_public_name_has_a_docstring():
    bare = [place(path, 1) for path in FILES if ast.get_docstring(tree_of(path)) is None]
    for path in FILES:
        for node in public_definitions(tree_of(path).body):
            if ast.get_docstring(node) is None and not is_overload(node):
                bare.append(f"{place(path, node.lineno)} {node.name}")
    assert bare == []


def test_names_and_comments_say_what_they_mean():
    """Words that stand for any noun are rare: in names, comments, docstrings and messages together."""
    word = re.compile(rf"(?<![a-z])({'|'.join(STAND_INS)})(?![a-z])", re.IGNORECASE)  # also in `was_found`
    counts = {place(path, 1): len(word.findall(text_of(path))) for path in FILES}
    most = sorted(counts.items(), key=lambda pair: -pair[1])[:10]
    assert sum(counts.values()) <= STAND_INS_ALLOWED, f"{sum(counts.values())} of them; most in {most}"


def test_no_line_switches_a_check_off_without_a_reason():
    """`# noqa: RULE (reason)` and `# type: ignore[kind]  # reason`."""
    bare = []
    for path in FILES:
        for number, line in enumerate(text_of(path).splitlines(), 1):
            noqa = re.search(r"#\s*noqa\b(.*)", line)
            ignored = re.search(r"#\s*type:\s*ignore\b(.*)", line)
            if noqa and not re.match(r":\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*\s*(\(|#|-|:)\s*\w+", noqa.group(1)):
                bare.append(place(path, number))
            if ignored and not re.match(r"\[[\w, -]+\]\s*(#|\()\s*\w+", ignored.group(1)):
                bare.append(place(path, number))
    assert bare == []
