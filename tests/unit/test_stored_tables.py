"""Tables that are stored between processes: the same bits, and no error where nothing can be stored."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mocoupled import stored_tables
from mocoupled.closures.law_types import numeric, symbolic
from mocoupled.closures.registry import find
from mocoupled.interior import silicate_eos, two_phase
from mocoupled.stored_tables import folder, key_of, table

VALUES = np.array([[1.0, np.pi], [np.nextafter(1.0, 2.0), -0.0]])


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MOCOUPLED_CACHE", str(tmp_path / "tables"))
    return tmp_path / "tables"


def refused() -> np.ndarray:
    raise AssertionError("the table was computed again")


def test_a_stored_table_is_read_with_the_same_bits(place: Path) -> None:
    table(key_of("a"), lambda: VALUES)
    assert table(key_of("a"), refused).tobytes() == VALUES.tobytes()
    assert [path.name for path in place.iterdir()] == [f"{key_of('a')}.table"]


def test_the_key_depends_on_every_part() -> None:
    keys = [
        key_of(*parts) for parts in (("a", "b"), ("ab",), ("a", VALUES), ("a", VALUES.T), ("a", VALUES + 1))
    ]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b[:99] + b"\1" + b[100:], lambda b: b""])
def test_a_damaged_table_is_computed_and_stored_again(place: Path, damage: object) -> None:
    table(key_of("a"), lambda: VALUES)
    (path,) = place.iterdir()
    whole = path.read_bytes()
    path.write_bytes(damage(whole))  # type: ignore[operator]
    assert table(key_of("a"), lambda: VALUES) is VALUES
    assert path.read_bytes() == whole


def test_an_array_of_objects_is_never_read(place: Path) -> None:
    import hashlib
    import io

    buffer = io.BytesIO()
    np.save(buffer, np.array([{}], dtype=object), allow_pickle=True)
    place.mkdir()
    body = buffer.getvalue()
    checksum = hashlib.sha256(key_of("a").encode() + body).hexdigest().encode()
    (place / f"{key_of('a')}.table").write_bytes(checksum + body)
    assert table(key_of("a"), lambda: VALUES) is VALUES


def test_a_table_under_the_name_of_another_is_computed(place: Path) -> None:
    table(key_of("a"), lambda: VALUES)
    (place / f"{key_of('a')}.table").rename(place / f"{key_of('b')}.table")
    assert table(key_of("b"), lambda: VALUES + 1).tobytes() == (VALUES + 1).tobytes()
    assert table(key_of("b"), refused).tobytes() == (VALUES + 1).tobytes()


def test_the_folder_may_begin_with_the_home_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setenv("USERPROFILE", "/home/somebody")
    monkeypatch.setenv("MOCOUPLED_CACHE", "~/tables")
    assert folder() == Path("/home/somebody/tables")


def test_nothing_is_stored_where_it_is_switched_off(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCOUPLED_CACHE", "off")
    assert table(key_of("a"), lambda: VALUES) is VALUES
    assert folder() is None and not place.exists()


def test_a_folder_that_cannot_be_written_is_no_error(place: Path) -> None:
    place.write_text("a file, not a folder")
    assert table(key_of("a"), lambda: VALUES) is VALUES


def test_the_folder_follows_the_rule_of_the_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MOCOUPLED_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert folder() == tmp_path / "mocoupled"


def test_without_a_home_nothing_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("no home")

    for name in ("MOCOUPLED_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    assert folder() is None


def test_a_full_folder_loses_what_was_read_longest_ago(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for k, name in enumerate("abc"):
        table(key_of(name), lambda: VALUES)
        os.utime(place / f"{key_of(name)}.table", (1e9 + k, 1e9 + k))
    table(key_of("a"), refused)  # read now
    size = next(place.iterdir()).stat().st_size
    (place / "of-the-user.txt").write_text("stays")
    monkeypatch.setattr(stored_tables, "LARGEST_FOLDER", 2 * size)
    table(key_of("d"), lambda: VALUES)
    left = {f"{key_of(name)}.table" for name in "ad"} | {"of-the-user.txt"}
    assert {path.name for path in place.iterdir()} == left


def test_a_phase_is_the_same_from_the_disk(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the last bit; another law, offset, pressure or temperature has another file."""
    P, T = np.linspace(1e9, 130e9, 20)[:, None], np.linspace(2000.0, 4000.0, 11)
    melt = silicate_eos.melt()
    first = melt.state(P, T)
    monkeypatch.setattr(silicate_eos.Phase, "_volume", lambda *_: refused())
    again = melt.state(P, T)
    monkeypatch.undo()
    monkeypatch.setenv("MOCOUPLED_CACHE", "off")
    plain = melt.state(P, T)
    for name, values in vars(first).items():
        assert values.tobytes() == getattr(again, name).tobytes() == getattr(plain, name).tobytes()
    monkeypatch.setenv("MOCOUPLED_CACHE", str(place))
    silicate_eos.solid().state(P, T)
    silicate_eos.Phase(melt.name, melt.reference, 0.0).state(P, T)
    melt.state(P * 1.01, T)
    assert len(list(place.iterdir())) == 4


# ---- hostile places


def in_processes(script: str, number: int) -> list[subprocess.Popen[str]]:
    """That many new processes of a script, started at once."""
    command = [sys.executable, "-c", script]
    pipe = subprocess.PIPE
    return [subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) for _ in range(number)]


WRITER = """
import numpy as np
from mocoupled.stored_tables import key_of, table
for k in range(40):
    values = np.arange(20_000.0) + k % 3
    stored = table(key_of("shared", str(k % 3)), lambda: values)
    assert np.array_equal(stored, values), k
    if k % 10 == 9:
        from mocoupled.stored_tables import folder
        for path in folder().glob("*.table"):
            path.unlink(missing_ok=True)
print("whole")
"""


def test_writers_and_removers_at_once_see_whole_tables(place: Path) -> None:
    writers = in_processes(WRITER, 3)
    assert [writer.communicate(timeout=120) for writer in writers] == [("whole\n", "")] * 3


def test_a_writer_that_is_killed_leaves_no_table_that_is_read(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kill -9 before the file takes its place: the temporary file is never read, and goes a day later."""
    script = f"""
import os, signal, numpy as np
from mocoupled import files
os.replace = os.rename = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from mocoupled.stored_tables import key_of, table
table(key_of("a"), lambda: np.zeros({VALUES.size}))
"""
    (writer,) = in_processes(script, 1)
    writer.communicate(timeout=120)
    assert writer.returncode == -9
    (left,) = place.iterdir()
    assert left.name.startswith(".")
    assert table(key_of("a"), lambda: VALUES) is VALUES
    assert left.exists()
    long_ago = time.time() - 2 * stored_tables.ABANDONED
    os.utime(left, (long_ago, long_ago))
    table(key_of("b"), lambda: VALUES)
    assert not left.exists()


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_folder_without_permission_to_write_is_no_error(place: Path) -> None:
    """A read-only home. For the superuser, whom no permission stops, the write itself is made to fail."""
    place.mkdir()
    place.chmod(0o500)
    try:
        with pytest.MonkeyPatch.context() as patch:
            if os.geteuid() == 0:
                patch.setattr(Path, "write_bytes", _refuse(errno.EROFS))
            assert table(key_of("a"), lambda: VALUES) is VALUES
        assert not list(place.glob("*.table"))
    finally:
        place.chmod(0o700)


def test_a_full_disk_is_no_error_and_leaves_no_file(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", half)
    assert table(key_of("a"), lambda: VALUES) is VALUES
    assert not list(place.iterdir())


def _refuse(number: int) -> Callable[..., int]:
    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    return refuse


def test_a_folder_of_the_name_of_a_table_is_no_error(place: Path) -> None:
    (place / f"{key_of('a')}.table").mkdir(parents=True)
    assert table(key_of("a"), lambda: VALUES) is VALUES


def test_a_link_in_the_place_of_a_table_leaves_its_target_alone(place: Path, tmp_path: Path) -> None:
    """What is written replaces the link itself, or nothing: no file of the user is written through it."""
    target = tmp_path / "of-the-user.txt"
    target.write_text("stays")
    place.mkdir()
    link = place / f"{key_of('a')}.table"
    link.symlink_to(target)
    assert table(key_of("a"), lambda: VALUES) is VALUES
    assert target.read_text() == "stays"


def test_a_pipe_in_the_place_of_a_table_does_not_stop_the_program(place: Path) -> None:
    place.mkdir()
    os.mkfifo(place / f"{key_of('a')}.table")
    assert table(key_of("a"), lambda: VALUES) is VALUES


def test_another_version_of_the_code_has_other_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key_of("a")
    read_bytes = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read_bytes(path) + b"# another version\n")
    stored_tables._surroundings.cache_clear()
    try:
        assert key_of("a") != before
    finally:
        monkeypatch.undo()
        stored_tables._surroundings.cache_clear()


def test_single_phases_along_entropy_are_the_same_from_the_disk(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The properties of partly molten silicate, to the last bit: stored, read and without a store."""
    melt, solid = silicate_eos.melt(), silicate_eos.solid()
    pressure, entropy = np.linspace(1e9, 130e9, 6), np.arange(900.0, 2900.0, 20.0)
    laws = [find(kind, "Andrault2011-Hamano2013") for kind in ("solidus", "liquidus")]
    span = two_phase.melting_range(pressure, melt, solid, *map(numeric, laws))
    viscosity = symbolic(find("viscosity", "tanh-Bower2018"))

    def computed() -> list[bytes]:
        table_of_all = two_phase.properties(span, entropy, melt, solid, viscosity)
        return [np.ascontiguousarray(values).tobytes() for values in vars(table_of_all).values()]

    first = computed()
    monkeypatch.setattr(two_phase, "_along_entropy", lambda *_: refused())
    again = computed()
    monkeypatch.undo()
    monkeypatch.setenv("MOCOUPLED_CACHE", "off")
    assert first == again == computed()
