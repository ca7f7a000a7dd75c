"""A run whose terminal is gone, or that gets a signal to end, is interrupted with a checkpoint; one under
nohup goes on."""

import json
import os
import select
import signal
import subprocess

import pytest
from support.command_line import ENVIRONMENT
from support.paused_command import PausedCommand
from support.waiting import HANG

import mocoupled as mo

HUP = getattr(signal, "SIGHUP", None)
pytestmark = pytest.mark.skipif(HUP is None, reason="no SIGHUP on this system")
WORDS = ["run", "E1", "--no-figures", "--checkpoint", "0", "-o", "a", "--set", "mantle.model=lumped"]


def ended(process):
    try:
        return process.wait(HANG)
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

    def read_terminal():
        if select.select([main], [], [], 0)[0]:
            os.read(main, 65536)

    command = PausedCommand(
        WORDS,
        tmp_path / "signals",
        cwd=tmp_path,
        stdin=other,
        stdout=other,
        stderr=other,
        start_new_session=True,
        preexec_fn=to_terminal,
        environment=ENVIRONMENT | {"TERM": "xterm"},
    )
    os.close(other)
    process = command.wait(read_terminal)
    os.close(main)
    command.go_on()
    assert ended(process) == 130
    assert interrupted(tmp_path)


def test_sighup_interrupts_and_nohup_is_respected(tmp_path):
    command = PausedCommand(
        WORDS,
        tmp_path / "signals",
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(HUP, signal.SIG_DFL),
    )
    process = command.wait()
    process.send_signal(HUP)
    command.go_on()
    assert ended(process) == 130 and interrupted(tmp_path) and "interrupted" in process.stderr.read()

    ignoring = PausedCommand(
        ["resume", "a", "--no-figures"],
        tmp_path / "signals of the second",
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(HUP, signal.SIG_IGN),
    )
    process = ignoring.wait()
    process.send_signal(HUP)
    ignoring.go_on()
    assert ended(process) == 0 and mo.read(tmp_path / "a").attrs["status"] == "complete"
