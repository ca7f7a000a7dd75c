"""What /proc says of processes: whether they run, whose children they are, which sockets they have."""

import os
from pathlib import Path


def lives(process):
    try:
        return open(f"/proc/{process}/stat").read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def listening():
    """Inodes of the sockets of this machine that listen."""
    inodes = set()
    for name in ("tcp", "tcp6"):
        path = Path("/proc/net", name)
        if path.exists():
            inodes |= {
                line.split()[9] for line in path.read_text().splitlines()[1:] if line.split()[3] == "0A"
            }
    return inodes


def sockets(process):
    """Inodes of the sockets that a process has open."""
    inodes = set()
    for entry in Path(f"/proc/{process}/fd").iterdir():
        try:
            target = os.readlink(entry)
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    return inodes


def children(parent):
    return [
        int(p.name)
        for p in Path("/proc").iterdir()
        if p.name.isdigit() and (s := _stat(p)) and int(s[1]) == parent
    ]


def _stat(path):
    try:
        return (path / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
