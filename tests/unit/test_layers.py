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
    "loading",
    "stored_tables",
    "version",
}
ROWS = [
    GROUND,
    {"dae"},
    {"closures"},
    {"interior", "atmosphere", "melt"},
    {"chemistry", "lower_mantle"},
    {"metal"},
    {"schema"},
    {"case"},
    {"provenance", "reservoirs"},
    {"cumulates"},
    {"planet"},
    {"equilibria"},
    {"results"},
    {"radiation"},
    {"plots"},
    {"runs"},
    {"inference"},
    {"reports", "comparison", "sweeps"},
    {"reproduce"},
    {"cli"},
    {"__main__"},
]
# The folders and files that alone may import a library.
DOORS = {
    "cantera": {"chemistry"},
    "thermo": {"chemistry"},
    "cea": {"comparison.cea"},
    "openpyxl": {"comparison.factsage.spreadsheet"},
    "matplotlib": {"plots"},
    "scipy.integrate": {"dae.solve"},
    "emcee": {"inference.extras"},
    "jax": {"inference.extras"},
    "blackjax": {"inference.extras"},
    "dask": {"runs.dask_cluster"},
    "distributed": {"runs.dask_cluster"},
    "netCDF4": {"results"},
    "zarr": {"results"},
    "pint": {"units"},
    "pydantic": {"schema", "case"},
    "click": {"cli"},
    "jinja2": {"reports"},
}
# The rooms that alone may import a room, beside that room itself.
KEEPERS = {"reservoirs": {"planet", "cumulates"}}
# Folders whose `__init__` is a face: it hands on names, of its folder alone.
FACES = {"plots", "reproduce", "comparison.factsage", "lower_mantle"}
# Files that import a module whose name they compute, and why.
COMPUTED = {
    "": "the public names, on first use",
    "loading": "the modules of deferred packages of numpy and scipy",
    "reproduce": "the job of a paper, by the paper's name",
    "closures.registry": "the shipped laws of a kind, on demand, by the table in shipped_laws.py",
    "runs.worker": "the service that the program which starts the worker names",
}
# Files that look at the modules loaded so far, and why.
LOADED = {
    "loading": "libraries that a command has no use for are not loaded",
    "value_kinds": "the kind of a value, without importing its library",
    "plots.settings": "a partly loaded matplotlib is removed",
}
# Methods of xarray that read or write a file.
STORING = {"to_netcdf", "to_zarr", "open_dataset", "open_zarr", "load_dataset", "open_mfdataset"}
LEVEL = {name: level for level, names in enumerate(ROWS) for name in names}


@cache
def modules():
    """Dotted name inside the package -> path of each file; a folder stands for its `__init__`."""
    result = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        result[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return result


@cache
def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(path):
    return tuple(ast.walk(tree(path)))


def base_of(node, path):
    """The dotted module that an ImportFrom names, with the package's name in front where it is ours."""
    if not node.level:
        return node.module or ""
    inside = ["mocoupled", *path.relative_to(PACKAGE).parent.parts]
    return ".".join([*inside[: len(inside) - node.level + 1], *([node.module] if node.module else [])])


@cache
def imports(path):
    """(dotted module, name taken from it or "", local name, line) of every import in a file."""
    return tuple(_imports(path))


def _imports(path):
    for node in nodes(path):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, "", alias.asname or alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield base_of(node, path), alias.name, alias.asname or alias.name, node.lineno
        elif imports_by_call(node) and is_written_out(node):
            yield node.args[0].value, "", "", node.lineno


def named_in_text(path):
    """Modules of ours that a file names in a text, as `import_module` and `python -m` take it."""
    for node in nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            dotted = node.value.partition(":")[0]
            if dotted.startswith("mocoupled.") and ours(dotted) in FILES:
                yield ours(dotted), node.lineno


def imports_by_call(node):
    return isinstance(node, ast.Call) and called(node) in ("import_module", "__import__", "find_spec")


def is_written_out(call):
    """Whether the module of `import_module` is a full name in quotes."""
    name = call.args[0]
    return isinstance(name, ast.Constant) and not name.value.startswith(".")


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


@cache
def taken_in(inside):
    """Names that a module has only because it imports them."""
    path = modules()[inside]
    taken = {local for *_, local, _ in imports(path)}
    return taken - handed_on(path) if inside in FACES else taken


def handed_on(path):
    """Names of a face: those of its `__all__`, and imports written `name as name`."""
    names = set()
    for node in nodes(path):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names |= set(ast.literal_eval(node.value))
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.name for alias in node.names if alias.asname == alias.name}
    return names


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
        for target, line in named_in_text(modules()[inside]):
            lower = LEVEL[room(target)] <= LEVEL[room(inside)]
            assert lower, f"{inside}, line {line} names {target}, which is not below it"


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
        for node in nodes(modules()[inside]):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id in aliases
            ):
                target = aliases[node.value.id]
                assert node.attr not in taken_in(target), f"{inside}: {node.attr} is not defined in {target}"


def test_a_face_hands_on_names_of_its_folder_alone():
    for inside in FILES:
        path = modules()[inside]
        if path.name != "__init__.py":
            continue
        for module, name, local, line in imports(path):
            target = ours(module, name)
            assert inside in FACES, f"{inside}, line {line}: only a face imports in its __init__"
            if local in handed_on(path):
                assert target and target.startswith(f"{inside}."), f"{inside} hands on {module}.{name}"


def test_every_import_is_written_out():
    """No star, no `import mocoupled.x` whose name reaches the whole package, no module by a computed name."""
    for inside, path in modules().items():
        for node in nodes(path):
            place = f"{inside}, line {getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.ImportFrom):
                assert all(alias.name != "*" for alias in node.names), place
            elif isinstance(node, ast.Import):
                assert all(ours(alias.name) is None for alias in node.names), (
                    f"{place}: write from ... import"
                )
            elif imports_by_call(node):
                assert is_written_out(node) or inside in COMPUTED, place
            elif isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.modules":
                assert inside in LOADED, place
            elif isinstance(node, ast.FunctionDef) and node in tree(path).body:
                assert node.name != "__getattr__" or inside == "", f"{place}: a module that loads on access"


def test_results_alone_read_and_write_files_of_xarray():
    for inside in FILES:
        for node in nodes(modules()[inside]):
            if isinstance(node, ast.Attribute) and node.attr in STORING:
                assert room(inside) == "results", f"{inside}, line {node.lineno}: {node.attr}"


def test_no_files_import_each_other_in_a_ring():
    arrows = {}
    for inside in FILES:
        result = {ours(module, name) for module, name, *_ in imports(modules()[inside])}
        arrows[inside] = {target for target in result if target in modules() and target not in ("", inside)}
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
            if any(within(dotted, {library}) for dotted in reached):
                assert within(inside, DOORS[library]), f"{inside}, line {line} imports {library}"
        for node in nodes(modules()[inside]):
            if isinstance(node, ast.Attribute) and "." in library and ast.unparse(node) == library:
                assert within(inside, DOORS[library]), f"{inside}, line {node.lineno} reaches {library}"


def within(dotted, places):
    """Whether a dotted name is one of the places, or lies in one."""
    return any(dotted == place or dotted.startswith(f"{place}.") for place in places)


def test_no_module_has_the_name_of_a_public_function():
    """`mocoupled.run` is the function alone: importing a file must never put a module in its place."""
    import mocoupled

    public = set(mocoupled.__all__) - {"melting"}
    assert not public & {path.stem for path in PACKAGE.iterdir()}
    for inside, path in modules().items():
        defined = {n.name for n in tree(path).body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
        assert path.stem not in defined, f"{inside} defines a function with the name of its file"
