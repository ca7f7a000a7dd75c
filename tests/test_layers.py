"""The layers of the house: who may import whom, read from the source by ast."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "mocoupled"

# From the ground up; a file may import only what stands below it, and nothing of its own layer. A name stands for a file or
# for a whole folder, whose files are then free among themselves; "folder.file" for one file of a folder.
LAYERS = [
    {"constants", "errors", "loading"},
    {"references", "processes"},
    {"units", "symbolic", "text_file", "titles", "species_names", "value_kinds", "floating"},
    {"conditions"},
    {"closures"},
    {"crystallisation", "cumulates.distillation"},
    {"melting"},
    {"quantities", "cumulates.buffering_case"},
    {"schema.section"},
    {"schema.volatiles"},
    {"schema.settings"},
    {"schema.keys"},
    {"case_file"},
    {"case"},
    {"structure"},
    {"chemistry.freedom"},
    {"chemistry.mechanism_file", "chemistry.reference_pressure"},
    {"chemistry.reactions", "chemistry.phase_entries"},
    {"chemistry.thermo_entry", "chemistry.species_sources"},
    {"chemistry.mechanism"},
    {"chemistry.element_balance"},
    {"equilibria.potentials"},
    {"equilibria.components"},
    {"chemistry.free_energy"},
    {"thermochemistry"},
    {"chemistry.chemistry"},
    {"dae"},
    {"cumulates.remelting"},
    {"cumulates.remelting_tables", "cumulates.of_planet"},
    {"cumulates.of_case"},
    {"reservoirs", "space"},
    {"oxygen"},
    {"planet"},
    {"results.whole_files", "results.integrity"},
    {
        "results.calibration",
        "results.omissions",
        "results.graphite",
        "results.sources",
        "results.conventions",
        "results.blocks",
    },
    {"results.netcdf"},
    {"equilibria.conditions", "equilibria.amounts", "equilibria.mechanism_choice"},
    {"equilibria.condensate_ranges", "equilibria.gas_arguments"},
    {"equilibria.gas_engines", "equilibria.cold"},
    {"equilibria.equilibrium", "equilibria.gas", "cumulates.buffering"},
    {"cumulates.buffering_history"},
    {"factsage"},
    {"comparison"},
    {"compare"},
    {"results.fronts", "cumulates.basal_layer"},
    {"results.output"},
    {"results.checkpoint"},
    {"results.run_folder"},
    {"run"},
    {"sweeps.range"},
    {"sweeps.grid_file", "sweeps.case", "sweeps.map_store"},
    {
        "sweeps.table",
        "sweeps.workers",
        "sweeps.elsewhere",
        "sweeps.worker",
        "sweeps.hold",
        "sweeps.map_status",
    },
    {"sweeps.sweep"},
    {"sweeps.equilibrium_map"},
    {"results.diagnostics"},
    {"plots"},
    {"results.painter"},
    {"results.chili_notes"},
    {"results.chili", "results.report"},
    {"reproduce"},
    {"screen.pages"},
    {"screen.compare", "screen.declaration", "screen.melting", "screen.mantle"},
    {"doctor"},
    {"cli.terminal"},
    {"cli.writing"},
    {"cli.static", "cli.reproduce", "cli.output", "cli.run"},
    {"cli.melting", "cli.mantle", "cli.sweep"},
    {"cli.commands"},
    {"__main__"},
]
DOORS = {
    "cantera": {"thermochemistry.py", "chemistry/free_energy.py"},
    "cea": {"comparison/cea.py"},
    "openpyxl": {"factsage/spreadsheet.py"},
    "thermo": {"thermochemistry.py"},
    "chemicals": {"thermochemistry.py"},
    "matplotlib": {
        f"plots/{name}.py"
        for name in (
            "style",
            "settings",
            "evolution",
            "comparison",
            "residuals",
            "mantle",
            "panels",
            "profiles",
            "compositions",
            "depletions",
            "ternary",
            "buffering",
        )
    },
    "scipy.integrate": {"dae/bdf.py"},
    "dask": {"sweeps/elsewhere.py"},
    "distributed": {"sweeps/elsewhere.py"},
    "zarr": {"sweeps/map_store.py"},
    "netCDF4": {"results/netcdf.py", "sweeps/map_store.py"},
    "pint": {"units.py"},
    "pydantic": {
        "quantities.py",
        "schema/settings.py",
        "schema/section.py",
        "schema/volatiles.py",
        "schema/keys.py",
        "case.py",
    },
    "click": {
        "cli/commands.py",
        "cli/writing.py",
        "cli/static.py",
        "cli/reproduce.py",
        "cli/run.py",
        "cli/melting.py",
        "cli/mantle.py",
        "cli/output.py",
        "cli/sweep.py",
        "cli/terminal.py",
    },
    "jinja2": {"results/report.py"},
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
    house, *parts = module.split(".")
    names = (".".join(parts[:2]), *parts[:1]) if house == "mocoupled" else ()
    return next((name for name in names if name in LEVEL), None)


def divided(path):
    """Whether a file is the `__init__.py` of a folder whose files have layers of their own."""
    return path.name == "__init__.py" and any(name.startswith(path.parent.name + ".") for name in LEVEL)


def test_every_layer_is_a_file_or_a_folder():
    for name in LEVEL:
        path = PACKAGE.joinpath(*name.split("."))
        assert path.is_dir() or path.with_suffix(".py").is_file(), f"{name} is a layer without a file"


def test_folders_with_layers_of_their_own_hold_no_code_of_their_own():
    for path in filter(divided, FILES):
        (docstring,) = ast.parse(path.read_text(encoding="utf-8")).body
        assert isinstance(docstring, ast.Expr), f"{path} holds more than what the folder is for"


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_imports_point_down(path):
    own = room(".".join(["mocoupled", *path.relative_to(PACKAGE).with_suffix("").parts]))
    assert own is not None or divided(path), (
        f"{path.relative_to(PACKAGE)} stands on no layer: add it to LAYERS"
    )
    for module, line in imports(path):
        target = room(module)
        if target is None or target == own:
            continue
        assert LEVEL[target] < LEVEL[own], (
            f"{path.name}:{line} imports {module}, which stands above or beside it"
        )


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
        if name.startswith("reservoirs/") or name in ("planet.py", "oxygen.py"):
            continue
        assert all(room(module) != "reservoirs" for module, _ in imports(path)), f"{name} imports reservoirs"


def test_files_are_short_and_say_what_they_are_for():
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 500, f"{path} is above 500 lines"
        assert ast.get_docstring(ast.parse(text)), f"{path} does not say what it is for"
