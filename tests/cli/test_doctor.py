"""The doctor: passes on a sound installation, and notices wrong numbers, wrong derivatives and bad files."""

import sys

import numpy as np
import pytest

from mocoupled.case import Case
from mocoupled.cli import commands as cli
from mocoupled.cli import installation_check as doctor
from mocoupled.constants import YEAR
from mocoupled.dae.solve.system import System
from mocoupled.runs.main_job import prepare


def run(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["mocoupled", "doctor"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    printed = capsys.readouterr()
    assert "Traceback" not in printed.err
    return end.value.code, printed.out, printed.err


@pytest.fixture(scope="module")
def prepared():
    return prepare(Case.read("F3-C1").replace({"mantle.model": "lumped"}))


def test_sound_installation(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    status, out, err = run(monkeypatch, capsys)
    assert (status, err) == (0, "") and out.endswith("all is well\n")
    for name, version in doctor.versions().items():
        assert name in out and version in out and version != "not installed"
    for name, _, digest in doctor.mechanisms():
        assert name in out and digest in "".join(out.split())
    assert out.count("passed") == 6 and "FAILED" not in out
    assert list(tmp_path.iterdir()) == []


def test_wrong_numbers_fail(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "TABLE_E", doctor.TABLE_E | {"H2": 214.0})
    status, out, err = run(monkeypatch, capsys)
    assert status == 1 and "1 of 6 checks" in err
    assert out.count("FAILED") == 1 and out.count("passed") == 5 and "all is well" not in out


def test_wrong_derivative_is_noticed(prepared, monkeypatch):
    """One entry of the generated Jacobian off by 1e-5 of its row's largest is ten times what is allowed."""
    exact = System.rate_jacobian
    assert doctor.jacobian_misfit(prepared.system, prepared.start, 1 / YEAR) < 1e-9

    def wrong(self, *arguments):
        jacobian = exact(self, *arguments).copy()
        row = np.abs(jacobian[1]).argmax()
        jacobian[1, row] *= 1 + 1e-4
        return jacobian

    monkeypatch.setattr(System, "rate_jacobian", wrong)
    assert doctor.jacobian_misfit(prepared.system, prepared.start, 1 / YEAR) > 1e-6


def test_not_a_number_fails(prepared, monkeypatch):
    assert not doctor.Check("x", float("nan"), 1.0).passed
    monkeypatch.setattr(System, "rate", lambda self, t, y, *_: np.full(len(y), np.nan))
    assert doctor.jacobian_misfit(prepared.system, prepared.start, 1 / YEAR) == float("inf")


def test_file_that_reads_back_otherwise_fails(monkeypatch):
    stored = doctor.read
    monkeypatch.setattr(doctor, "read", lambda folder: stored(folder).assign_attrs(title="another"))
    checks = {check.name: check for check in doctor.self_test()}
    assert not checks["stored and read back, largest difference"].passed
    assert sum(check.passed for check in checks.values()) == len(checks) - 1


def test_missing_library_is_listed(monkeypatch):
    monkeypatch.setattr(doctor, "OTHERS", ("a-library-that-nobody-has",))
    assert doctor.versions()["a-library-that-nobody-has"] == "not installed"
