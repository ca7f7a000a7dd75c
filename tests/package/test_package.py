"""The package as users get it: what it declares, and its wheel and source archive, built, installed and
run."""

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from support.places import ROOT
from support.waiting import HANG

import mocoupled

SHIPPED = (
    "pyproject.toml",
    "mkdocs.yml",
    "README.md",
    "LICENSE",
    "CITATION.cff",
    ".ci",
    "mocoupled",
    "mechanisms",
    "tests",
    "validation",
    "docs",
)
HEAVY = {
    "jinja2",
    "openpyxl",
    "numpy",
    "scipy",
    "sympy",
    "cantera",
    "pydantic",
    "pint",
    "xarray",
    "matplotlib",
    "thermo",
    "chemicals",
    "netCDF4",
    "pandas",
    "dask",
    "distributed",
    "pyarrow",
    "zarr",
}


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def citation():
    return YAML(typ="safe").load(ROOT / "CITATION.cff")


def canonical(distribution):
    """The name of a requirement or distribution, as PEP 503 compares names."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", distribution)[0]).lower()


# ---- what the project says of itself


def test_version_is_the_same_everywhere():
    assert project()["version"] == mocoupled.__version__ == str(citation()["version"])


def test_licence_and_citation():
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert licence.startswith("BSD 3-Clause License")
    assert project()["license"] == citation()["license"] == "BSD-3-Clause"
    assert citation()["cff-version"] == "1.2.0"
    for reference in citation()["references"]:
        assert reference["title"] and reference["authors"] and reference["type"]
    assert "10.3847/PSJ/ac5fb1" in {reference.get("doi") for reference in citation()["references"]}


def test_every_import_is_declared():
    """Each third-party module that the package imports belongs to a distribution that pyproject.toml names:
    among the dependencies, or as an optional extra of the module's own name, which need not be installed
    here."""
    extras = set(project()["optional-dependencies"])
    declared = {canonical(requirement) for requirement in project()["dependencies"]}
    declared.add("pydantic-core")  # pydantic pins its exact version: a second pin could only disagree
    homes = packages_distributions()
    for path in sorted((ROOT / "mocoupled").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            for top in (
                {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"mocoupled"} - extras
            ):
                distributions = {canonical(home) for home in homes.get(top, ())}
                assert distributions & declared, (
                    f"{path.name} imports {top}, of {distributions or 'no distribution'}: not declared"
                )


# ---- fast to start


@pytest.mark.parametrize(
    "code",
    [
        "import mocoupled",
        "import mocoupled; dir(mocoupled); mocoupled.__version__",
        "sys.argv = ['mocoupled', '--help']; from mocoupled.cli.commands import main; main()",
        "sys.argv = ['mocoupled', '--version']; from mocoupled.cli.commands import main; main()",
        "sys.argv = ['mocoupled', 'run', '--help']; from mocoupled.cli.commands import main; main()",
        "sys.argv = ['mocoupled', 'mantle', '--help']; from mocoupled.cli.commands import main; main()",
        "sys.argv = ['mocoupled', 'sweep', '--help']; from mocoupled.cli.commands import main; main()",
    ],
)
def test_start_imports_nothing_heavy(code):
    """Judged by what is loaded, not by the clock."""
    program = f"""
import sys
before = set(sys.modules)
try:
    {code}
except SystemExit as end:
    assert not end.code, end.code
print("loaded:", *sorted({{name.partition(".")[0] for name in set(sys.modules) - before}}))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=HANG
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.rpartition("loaded:")[2].split())
    assert "mocoupled" in loaded
    assert not loaded & HEAVY


def test_the_face_stays_when_every_file_is_loaded():
    """No folder or file takes the place of a public name."""
    program = """
import importlib, pkgutil, types, mocoupled
for module in pkgutil.walk_packages(mocoupled.__path__, "mocoupled."):
    if not module.name.endswith(".__main__"):
        importlib.import_module(module.name)
print(*(name for name in mocoupled.__all__ if isinstance(getattr(mocoupled, name), types.ModuleType)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=HANG
    )
    assert (done.stdout, done.stderr) == ("melting\n", "")


# ---- the archives, and the installed wheel


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """The source archive, and the wheel built from that archive, of a copy of the checkout."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in SHIPPED:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, source / name, ignore=ignored)
        elif path.exists():
            shutil.copy(path, source / name)
    run([sys.executable, "-m", "build", "--no-isolation", "--outdir", out, source], cwd=out)
    (archive,), (wheel,) = out.glob("*.tar.gz"), out.glob("*.whl")
    return archive, wheel


@pytest.fixture(scope="module")
def installed(archives, tmp_path_factory):
    """The folder of programs of a fresh environment that holds the wheel, and borrows what it needs from this
    one."""
    home = tmp_path_factory.mktemp("environment")
    pip = find_spec("pip") is not None  # here: to install pip there takes longer than the rest
    venv.EnvBuilder(with_pip=not pip).create(home)
    programs = home / ("Scripts" if os.name == "nt" else "bin")
    there = programs / "python"
    installer = [sys.executable, "-m", "pip", "--python", there] if pip else [there, "-m", "pip"]
    run([*installer, "install", "--quiet", "--no-deps", "--no-index", archives[1]], cwd=home)
    paths = {"base": str(home), "platbase": str(home)}
    site = Path(sysconfig.get_path("purelib", "venv", vars=paths))
    assert (site / "mocoupled").is_dir()
    borrowed = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    (site / "borrowed.pth").write_text(
        "\n".join(borrowed) + "\n", encoding="utf-8"
    )  # stands behind `site` in sys.path
    return programs, site


def run(command, cwd):
    """The standard output of a command that must succeed, run without the checkout on its path."""
    bare = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=bare,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=HANG,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def names(folder, pattern):
    """Names of the files of a folder of the checkout that match."""
    matches = {path.name for path in (ROOT / folder).glob(pattern)}
    assert matches
    return matches


def test_wheel_holds_the_data(archives):
    with zipfile.ZipFile(archives[1]) as wheel:
        members = set(wheel.namelist())
    info = f"mocoupled-{mocoupled.__version__}.dist-info"
    assert {f"mocoupled/mechanisms/{name}" for name in names("mechanisms", "*.yaml")} <= members
    assert {f"mocoupled/cases/{name}" for name in names("mocoupled/cases", "*.toml")} <= members
    assert {
        f"mocoupled/validation/published/{name}" for name in names("validation/published", "*.csv")
    } <= members
    assert {
        "mocoupled/provenance/references.yaml",
        "mocoupled/reports/templates/report.html",
        "mocoupled/CITATION.cff",
    } <= members
    assert {"mocoupled/py.typed", f"{info}/licenses/LICENSE", f"{info}/entry_points.txt"} <= members
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "mocoupled").rglob("*.py")}
    assert modules <= members
    assert all(name.startswith(("mocoupled/", f"{info}/")) and "__pycache__" not in name for name in members)


def test_source_archive_is_complete(archives):
    with tarfile.open(archives[0]) as archive:
        members = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "CITATION.cff",
        ".ci/run",
        "tests/package/test_package.py",
    } <= members
    assert {f"mechanisms/{name}" for name in names("mechanisms", "*.yaml")} <= members
    assert not any("__pycache__" in name or name.startswith((".git/", ".venv", "runs")) for name in members)


def test_installed_wheel_runs(installed, tmp_path):
    """From an empty folder: the installed package, its own mechanisms, and a run of E1."""
    programs, site = installed
    code = (
        "import mocoupled; from mocoupled.chemistry.mechanism_paths import find_mechanism as f; "
        "print(mocoupled.__file__); print(f('volatiles'))"
    )
    package, mechanism = map(Path, run([programs / "python", "-c", code], cwd=tmp_path).split("\n")[:2])
    assert package.resolve() == (site / "mocoupled" / "__init__.py").resolve()
    assert mechanism.resolve() == (site / "mocoupled" / "mechanisms" / "volatiles.yaml").resolve()

    assert mocoupled.__version__ in run([programs / "python", "-m", "mocoupled", "--version"], cwd=tmp_path)
    assert "earth" in run([programs / "mocoupled", "cases"], cwd=tmp_path)
    shown = run([programs / "mocoupled", "run", "E1", "--no-figures", "-o", "out"], cwd=tmp_path)
    assert "1650 K" in shown
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "evolution.nc",
        "summary.json",
        "case.toml",
        "run.log",
    }
    result = mocoupled.read(tmp_path / "out")
    assert result.attrs["status"] == "complete"
    assert float(result.surface_temperature[-1]) == pytest.approx(1650.0, abs=1e-6)
    assert "@software{mocoupled," in run(
        [programs / "mocoupled", "cite", "out"], cwd=tmp_path
    )  # with the shipped CITATION.cff
    assert "report.html" in run([programs / "mocoupled", "report", "out"], cwd=tmp_path)


# ---- the README


def test_readme_opens_with_the_two_commands():
    """Both set up everything themselves; .ci/run takes the second from behind its marker."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    first, second = re.findall(r"^```bash\n(.*?)^```$", text, flags=re.M | re.S)[:2]
    for command in (first, second):
        assert command.startswith("python3 -m venv .venv && ") and command.count("\n") == 1
    assert first.endswith("mocoupled run earth\n")
    assert "[test]" in first + second and "pytest" in second
    assert f"<!-- ci: test -->\n```bash\n{second}```" in text
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert ".venv/" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()


def test_readme_python_runs(tmp_path):
    """The Python examples of the README, run one after the other from an empty folder."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, flags=re.M | re.S)
    assert blocks
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(blocks)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=HANG,
    )
    assert done.returncode == 0, done.stderr
    printed = float(
        re.search(r"^surface pressure +([\d.]+) bar", text, flags=re.M)[1]
    )  # 5 digits, as 'run earth' prints
    stored = mocoupled.read(tmp_path / "runs" / "earth").surface_pressure[-1].item() / 1e5
    assert stored == pytest.approx(printed, rel=1e-3), (
        "the README shows another run of earth than the program makes"
    )
