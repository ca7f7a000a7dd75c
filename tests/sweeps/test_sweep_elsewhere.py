"""Sweeps on other machines: TLS unless the user says otherwise, what is refused, and Dask as an extra."""

import json
import subprocess
import sys

import pytest
from support.command_line import ENVIRONMENT, refused
from support.waiting import HANG, until

import mocoupled as mo
from mocoupled.runs import dask_cluster as elsewhere

CASE = mo.Case.read("E1")
AXES = {"planet.gravity": [9.0, 10.0]}


@pytest.mark.parametrize(
    "address",
    [
        "tcp://10.0.0.1:8786",
        "10.0.0.1:8786",
        "tcp://head.example:8786",
        "tcp://[2001:db8::1]:8786",
        "ws://10.0.0.1:8786",
        "tcp://127.0.0.1.example:1",
    ],
)
def test_another_machine_needs_tls(address):
    with pytest.raises(
        mo.InputError, match="(?s)on another machine, and the connection has no TLS.*--insecure-scheduler"
    ):
        mo.sweep(CASE, AXES, scheduler=address)


@pytest.mark.parametrize(
    "address",
    [
        "tcp://127.0.0.1:1",
        "127.0.0.1:1",
        "tcp://localhost:1",
        "tcp://[::1]:1",
        "tls://10.0.0.1:8786",
        "wss://10.0.0.1:8786",
        "nowhere",
    ],
)
def test_this_machine_and_tls_are_tried(address, monkeypatch):
    """Nobody answers at any of them; with TLS, Dask's configuration has no certificates."""
    monkeypatch.setattr(elsewhere, "PATIENCE", 0.05)
    with pytest.raises(mo.InputError, match="no scheduler answers there") as error:
        mo.sweep(CASE, AXES, scheduler=address)
    assert ("certificates" in str(error.value)) == ("s://" in address)


def test_the_user_may_say_otherwise(monkeypatch, mocoupled, empty, tmp_path_factory):
    monkeypatch.setattr(elsewhere, "PATIENCE", 0.05)
    with pytest.raises(mo.InputError, match="no scheduler answers there"):
        mo.sweep(CASE, AXES, scheduler="tcp://192.0.2.1:8786", insecure_scheduler=True)
    path = tmp_path_factory.mktemp("grids") / "grid.toml"
    path.write_text('case = "earth"\n[axes]\nrun.rtol = [1e-6, 1e-5]', encoding="utf-8")
    refused(mocoupled("sweep", path, "--scheduler", "tcp://192.0.2.1:8786"), empty, "no TLS")
    refused(
        mocoupled("sweep", path, "--scheduler", "tcp://192.0.2.1:8786", "--insecure-scheduler"),
        empty,
        "no scheduler answers there",
    )
    refused(mocoupled("sweep", path, "--insecure-scheduler"), empty, "there is no scheduler")


def test_what_is_no_client_is_refused():
    with pytest.raises(mo.InputError, match="not a client of Dask"):
        mo.sweep(CASE, AXES, client="tcp://127.0.0.1:1")
    with pytest.raises(mo.InputError, match="a client has a scheduler"):
        mo.sweep(CASE, AXES, client=object(), scheduler="tcp://127.0.0.1:1")
    with pytest.raises(mo.InputError, match="has workers already"):
        mo.sweep(CASE, AXES, client=object(), workers=2)


def test_tls(tmp_path, monkeypatch):
    """A scheduler with TLS: the certificates of Dask's configuration open it, and nothing else does."""
    import dask

    key, certificate, about = (tmp_path / name for name in ("key.pem", "cert.pem", "scheduler.json"))
    line = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
        "-keyout",
        str(key),
        "-out",
        str(certificate),
    ]
    try:
        subprocess.run(line, check=True, capture_output=True, timeout=HANG)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("there is no openssl to make a certificate with")
    files = ["--tls-ca-file", certificate, "--tls-cert", certificate, "--tls-key", key]
    words = [
        "-m",
        "distributed.cli.dask_scheduler",
        "--protocol",
        "tls",
        "--host",
        "127.0.0.1",
        "--port",
        0,
        "--no-dashboard",
        "--scheduler-file",
        about,
        *files,
    ]
    with subprocess.Popen(
        [sys.executable, *map(str, words)],
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as scheduler:
        try:
            until(lambda: about.exists() and about.read_text().rstrip().endswith("}"), scheduler)
            address = json.loads(about.read_text())["address"]
            assert address.startswith("tls://")
            with (
                pytest.raises(mo.InputError, match="(?s)no scheduler answers there.*certificates"),
                elsewhere.cluster(address),
            ):
                pass
            monkeypatch.setattr(elsewhere, "PATIENCE", HANG)  # a busy scheduler answers late
            tls = {"ca-file": str(certificate), "client.cert": str(certificate), "client.key": str(key)}
            with (
                dask.config.set({f"distributed.comm.tls.{name}": value for name, value in tls.items()}),
                elsewhere.cluster(address) as on,
            ):
                assert on.client.status == "running" and on.client.scheduler.address == address
        finally:
            scheduler.kill()
