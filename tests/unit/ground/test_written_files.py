"""Files are written whole or not at all: permissions, links, and what an error names."""

import errno
import os

import pytest

from mocoupled.files import replacing, write_text


@pytest.fixture
def umask():
    """Sets the umask, and restores it after the test."""
    before = os.umask(0)
    os.umask(before)
    yield os.umask
    os.umask(before)


@pytest.mark.skipif(os.name == "nt", reason="no umask")
@pytest.mark.parametrize("mask, mode", [(0o077, 0o600), (0o022, 0o644)])
def test_a_file_has_the_permissions_of_any_new_file(tmp_path, umask, mask, mode):
    umask(mask)
    write_text(tmp_path / "a.txt", "1")
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == mode


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege")
def test_a_link_is_replaced_and_what_it_points_to_stays(tmp_path):
    (tmp_path / "kept.txt").write_text("kept")
    (tmp_path / "a.txt").symlink_to("kept.txt")
    write_text(tmp_path / "a.txt", "new")
    assert (tmp_path / "kept.txt").read_text() == "kept"
    assert (tmp_path / "a.txt").read_text() == "new" and not (tmp_path / "a.txt").is_symlink()


def test_an_error_names_the_file_and_not_its_temporary_path(tmp_path):
    with pytest.raises(OSError) as caught:
        write_text(tmp_path / "none" / "a.txt", "1")
    assert caught.value.filename == str(tmp_path / "none" / "a.txt")
    with pytest.raises(OSError) as caught, replacing(tmp_path / "a.txt"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert caught.value.filename == str(tmp_path / "a.txt")
    with pytest.raises(OSError) as caught, replacing(tmp_path / "a.txt"):
        raise OSError(errno.ENOENT, "No such file", "another.txt")
    assert caught.value.filename == "another.txt"
    assert not list(tmp_path.iterdir())
