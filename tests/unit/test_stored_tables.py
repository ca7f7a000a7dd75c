"""Tables that are stored between processes: the same bits, and no error where nothing can be stored."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from mocoupled import stored_tables
from mocoupled.interior import silicate_eos
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
    (place / f"{key_of('a')}.table").write_bytes(hashlib.sha256(body).hexdigest().encode() + body)
    assert table(key_of("a"), lambda: VALUES) is VALUES


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
