"""The layers of the house: who may import whom, read from the source by ast."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "mocoupled"

# From the ground up; a file may import only what stands below it (files of one layer do not import each other
# unless listed in SAME_LAYER).
LAYERS = [
    {"constants", "errors", "loading"},
    {"references"},
    {"units", "symbolic", "text_file"},
    {"closures"},
    {"crystallisation", "distillation"},
    {"melting"},
    {"quantities", "buffering_case"},
    {"schema_section"},
    {"schema_volatiles"},
    {"schema"},
    {"schema_keys"},
    {"case"},
    {"freedom"},
    {"mechanism_file"},
    {"reactions"},
    {"element_balance"},
    {"components"},
    {"thermochemistry"},
    {"chemistry"},
    {"dae"},
    {"remelting"},
    {"remelting_tables"},
    {"reservoirs", "space"},
    {"planet"},
    {"calibration", "sources", "conventions"},
    {"conditions"},
    {"gas_engines"},
    {"equilibrium", "gas", "buffering"},
    {"buffering_history"},
    {"factsage"},
    {"compare"},
    {"fronts", "basal_layer"},
    {"whole_files", "integrity"},
    {"output"},
    {"checkpoint"},
    {"run_folder"},
    {"run"},
    {"sweep_range"},
    {"sweep_file", "sweep_case", "map_store"},
    {"sweep_table", "sweep_dask"},
    {"sweep"},
    {"equilibrium_map"},
    {"diagnostics"},
    {"plots"},
    {"painter"},
    {"chili_notes"},
    {"chili", "report"},
    {"reproduce"},
    {"screen"},
    {"screen_compare", "screen_declaration", "screen_melting", "screen_mantle"},
    {"doctor"},
    {"terminal"},
    {"cli_writing"},
    {"cli_static", "cli_reproduce", "cli_output", "cli_run"},
    {"cli_melting", "cli_mantle", "cli_sweep"},
    {"cli"},
    {"__main__"},
]
DOORS = {
    "cantera": {"thermochemistry.py"},
    "cea": {"compare.py"},
    "thermo": {"thermochemistry.py"},
    "chemicals": {"thermochemistry.py"},
    "matplotlib": {
        f"plots/{name}.py"
        for name in ("style", "evolution", "comparison", "mantle", "panels", "profiles", "compositions", "depletions", "ternary", "buffering")
    },
    "scipy.integrate": {"dae/bdf.py"},
    "dask": {"sweep_dask.py"},
    "distributed": {"sweep_dask.py"},
    "zarr": {"map_store.py"},
    "pint": {"units.py"},
    "pydantic": {"quantities.py", "schema.py", "schema_section.py", "schema_volatiles.py", "schema_keys.py", "case.py"},
    "click": {"cli.py", "cli_writing.py", "cli_static.py", "cli_reproduce.py", "cli_run.py", "cli_melting.py", "cli_mantle.py", "cli_output.py", "cli_sweep.py", "terminal.py"},
    "jinja2": {"report.py"},
}
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
FILES = sorted(p for p in PACKAGE.rglob("*.py") if p.relative_to(PACKAGE).as_posix() != "__init__.py")


def imports(path):
    """(module in dotted form, line) of every import in a file; relative ones resolved to mocoupled.x.y."""
    inside = ["mocoupled", *path.relative_to(PACKAGE).parent.parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = inside[: len(inside) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module, node.lineno
            for alias in node.names:
                yield f"{module}.{alias.name}", node.lineno


def room(module):
    """The layer's name for a dotted module of ours, or None."""
    parts = module.split(".")
    return parts[1] if parts[0] == "mocoupled" and len(parts) > 1 and parts[1] in LEVEL else None


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_imports_point_down(path):
    own = path.relative_to(PACKAGE).with_suffix("").parts[0]
    assert own in LEVEL, f"{path.name} stands on no layer: add it to LAYERS"
    for module, line in imports(path):
        target = room(module)
        if target is None or target == own:
            continue
        assert LEVEL[target] < LEVEL[own], f"{path.name}:{line} imports {module}, which stands above or beside it"


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_doors(path):
    name = path.relative_to(PACKAGE).as_posix()
    for module, line in imports(path):
        for library, allowed in DOORS.items():
            if module == library or module.startswith(library + "."):
                assert name in allowed, f"{name}:{line} imports {module}; its door is {', '.join(allowed)}"


def test_closures_and_dae_do_not_know_each_other():
    for path in FILES:
        part = path.relative_to(PACKAGE).parts[0]
        forbidden = {"closures": "dae", "dae": "closures"}.get(part)
        for module, line in imports(path):
            assert room(module) is None or room(module) != forbidden, f"{path}:{line} imports {module}"


def test_only_planet_imports_reservoirs():
    for path in FILES:
        name = path.relative_to(PACKAGE).as_posix()
        if name.startswith("reservoirs/") or name == "planet.py":
            continue
        assert all(room(module) != "reservoirs" for module, _ in imports(path)), f"{name} imports reservoirs"


def test_files_are_short_and_say_what_they_are_for():
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 500, f"{path} is above 500 lines"
        assert ast.get_docstring(ast.parse(text)), f"{path} does not say what it is for"
