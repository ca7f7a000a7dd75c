"""A run whose terminal is gone, or that gets a signal to end, is interrupted with a checkpoint; one under nohup goes on."""

import json
import os
import select
import signal
import subprocess
import sys
import time

import pytest

import mocoupled as mo

HUP = getattr(signal, "SIGHUP", None)
pytestmark = pytest.mark.skipif(HUP is None, reason="no SIGHUP on this system")
WORDS = [
    sys.executable,
    "-m",
    "mocoupled",
    "run",
    "earth",
    "--no-figures",
    "--checkpoint",
    "0",
    "-o",
    "a",
    "--set",
    "mantle.model=lumped",
]


def begun(folder, terminal=None):
    """Wait until the run in a folder has written a checkpoint; what it shows on a terminal is read."""
    for _ in range(1200):
        if terminal is not None and select.select([terminal], [], [], 0)[0]:
            os.read(terminal, 65536)
        if (folder / "a" / "checkpoint.npz").exists():
            return
        time.sleep(0.025)
    raise AssertionError("the run did not begin")


def ended(process):
    try:
        return process.wait(60)
    finally:
        process.kill()


def interrupted(folder):
    """Whether the run was stored, marked interrupted, and can go on."""
    summary = json.loads((folder / "a" / "summary.json").read_text())
    return (
        summary["status"] == "interrupted"
        and mo.read(folder / "a").attrs["status"] == "interrupted"
        and (folder / "a" / "checkpoint.npz").exists()
    )


def test_a_lost_terminal_interrupts_with_a_checkpoint(tmp_path):
    """The other end of a pseudo-terminal is closed while the run shows its progress there."""
    main, other = os.openpty()

    def to_terminal():
        import fcntl
        import termios

        signal.signal(HUP, signal.SIG_DFL)  # also where the tests run under nohup
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        WORDS,
        cwd=tmp_path,
        stdin=other,
        stdout=other,
        stderr=other,
        start_new_session=True,
        preexec_fn=to_terminal,
        env=os.environ | {"TERM": "xterm"},
    )
    os.close(other)
    begun(tmp_path, main)
    os.close(main)
    assert ended(process) == 130
    assert interrupted(tmp_path)


def test_sighup_interrupts_and_nohup_is_respected(tmp_path):
    process = subprocess.Popen(
        WORDS,
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(HUP, signal.SIG_DFL),
    )
    begun(tmp_path)
    process.send_signal(HUP)
    assert ended(process) == 130 and interrupted(tmp_path) and "interrupted" in process.stderr.read()

    ignoring = [sys.executable, "-m", "mocoupled", "resume", "a", "--no-figures"]
    process = subprocess.Popen(
        ignoring,
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(HUP, signal.SIG_IGN),
    )
    while process.poll() is None:
        process.send_signal(HUP)
        time.sleep(0.02)
    assert ended(process) == 0 and mo.read(tmp_path / "a").attrs["status"] == "complete"
