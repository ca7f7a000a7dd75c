"""The tower of folders: who may import whom, read from the source by ast."""

import ast
from functools import cache

import pytest
from support.places import PACKAGE

# From the ground up. A folder or file of the package may import only what stands in a lower row.
# The files of one folder import each other freely, without a ring.
GROUND = {
    "constants",
    "errors",
    "units",
    "conditions",
    "number_arrays",
    "plain_values",
    "value_kinds",
    "broadcasting",
    "files",
    "floating",
    "version",
}
ROWS = [
    GROUND,
    {"dae"},
    {"closures"},
    {"interior", "atmosphere"},
    {"chemistry", "lower_mantle"},
    {"schema"},
    {"case"},
    {"provenance", "reservoirs"},
    {"cumulates"},
    {"planet"},
    {"equilibria"},
    {"results"},
    {"plots"},
    {"runs"},
    {"reports", "comparison", "sweeps"},
    {"reproduce"},
    {"cli"},
    {"__main__"},
]
# The rooms that alone may import a library.
DOORS = {
    "cantera": {"chemistry"},
    "thermo": {"chemistry"},
    "cea": {"comparison"},
    "openpyxl": {"comparison"},
    "matplotlib": {"plots"},
    "scipy.integrate": {"dae"},
    "dask": {"runs"},
    "distributed": {"runs"},
    "netCDF4": {"results"},
    "zarr": {"results"},
    "pint": {"units"},
    "pydantic": {"schema", "case"},
    "click": {"cli"},
    "jinja2": {"reports"},
}
# The rooms that alone may import a room, beside that room itself.
KEEPERS = {"reservoirs": {"planet", "cumulates"}}
LEVEL = {name: level for level, names in enumerate(ROWS) for name in names}


@cache
def modules():
    """Dotted name inside the package -> path of each file; a folder stands for its `__init__`."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def base_of(node, path):
    """The dotted module that an ImportFrom names, with the package's name in front where it is ours."""
    if not node.level:
        return node.module or ""
    inside = ["mocoupled", *path.relative_to(PACKAGE).parent.parts]
    return ".".join([*inside[: len(inside) - node.level + 1], *([node.module] if node.module else [])])


def imports(path):
    """(dotted module, name taken from it or "", local name, line) of every import in a file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, "", alias.asname or alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield base_of(node, path), alias.name, alias.asname or alias.name, node.lineno
        elif isinstance(node, ast.Call) and called(node) in ("import_module", "__import__"):
            for name in node.args[:1]:
                yield getattr(name, "value", ""), "", "", node.lineno


def called(node):
    """The last part of a called function's name: `import_module` of `importlib.import_module`."""
    return ast.unparse(node.func).rpartition(".")[2]


def ours(module, name=""):
    """The dotted module inside the package that an import reaches, None for another library."""
    if module != "mocoupled" and not module.startswith("mocoupled."):
        return None
    inside = module.removeprefix("mocoupled").removeprefix(".")
    deeper = ".".join(filter(None, [inside, name]))
    return deeper if name and deeper in modules() else inside


def room(inside):
    return inside.partition(".")[0]


def taken_in(inside):
    """Names that a module has only because it imports them."""
    path = modules()[inside]
    if path.name == "__init__.py":
        return set()
    return {local for *_, local, _ in imports(path)}


FILES = sorted(set(modules()) - {""})


def test_every_folder_and_file_stands_in_one_row():
    standing = {room(inside) for inside in FILES}
    assert standing == set(LEVEL)
    assert sum(map(len, ROWS)) == len(LEVEL)


def test_imports_point_down():
    for inside in FILES:
        for module, name, _, line in imports(modules()[inside]):
            target = ours(module, name)
            if target is None or (target and room(target) == room(inside)):
                continue
            place = f"{inside}, line {line}"
            assert target, f"{place} imports the package itself, which loads everything"
            lower = LEVEL[room(target)] < LEVEL[room(inside)]
            assert lower or {room(inside), room(target)} <= GROUND, (
                f"{place} imports {target}, which is not below it"
            )
            keepers = KEEPERS.get(room(target))
            assert keepers is None or room(inside) in keepers, f"{place} imports {target}, kept by {keepers}"


def test_nothing_is_imported_through_the_namespace_of_another_module():
    """A name is imported from the file that defines it, so that the rows cannot be passed by a back door."""
    for inside in FILES:
        aliases = {}
        for module, name, local, line in imports(modules()[inside]):
            target = ours(module, name)
            if target is None or target not in modules():
                continue
            if target == ours(module):
                assert name not in taken_in(target), (
                    f"{inside}, line {line}: {name} is not defined in {target}"
                )
            else:
                aliases[local] = target
        for node in ast.walk(tree(modules()[inside])):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id in aliases
            ):
                target = aliases[node.value.id]
                assert node.attr not in taken_in(target), f"{inside}: {node.attr} is not defined in {target}"


def test_no_files_import_each_other_in_a_ring():
    arrows = {}
    for inside in FILES:
        found = {ours(module, name) for module, name, *_ in imports(modules()[inside])}
        arrows[inside] = {target for target in found if target in modules() and target not in ("", inside)}
    done: set[str] = set()

    def climb(inside, path):
        assert inside not in path, f"a ring: {' -> '.join([*path[path.index(inside) :], inside])}"
        if inside not in done:
            for target in sorted(arrows[inside]):
                climb(target, [*path, inside])
            done.add(inside)

    for inside in FILES:
        climb(inside, [])


@pytest.mark.parametrize("library", DOORS)
def test_a_library_has_one_door(library):
    for inside in FILES:
        for module, name, _, line in imports(modules()[inside]):
            reached = {module, f"{module}.{name}"}
            if any(one == library or one.startswith(f"{library}.") for one in reached):
                assert room(inside) in DOORS[library], f"{inside}, line {line} imports {library}"


def test_no_module_has_the_name_of_a_public_function():
    """`mocoupled.run` is the function alone: importing a file must never put a module in its place."""
    import mocoupled

    public = set(mocoupled.__all__) - {"melting"}
    assert not public & {path.stem for path in PACKAGE.iterdir()}
    for inside, path in modules().items():
        defined = {n.name for n in tree(path).body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
        assert path.stem not in defined, f"{inside} defines a function with the name of its file"
