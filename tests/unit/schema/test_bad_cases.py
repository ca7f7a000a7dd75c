"""Cases with a mistake: every wrong input is refused in words."""

import pytest
from support.places import TESTS
from support.refused_cases import refused

from mocoupled.case import Case
from mocoupled.errors import InputError

BAD = sorted((TESTS / "bad" / "cases").glob("*.toml"))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_case_is_refused_in_words(path):
    """One file per rule; its first line has the fragment that the message must hold."""
    expected = path.read_bytes().split(b"\n")[0].decode("utf-8").removeprefix("# expect: ")
    message = refused(lambda: Case.read(path), expected)
    assert path.name in message
    for leak in ("pydantic", "Input should", "validation error", "Field required", "Traceback"):
        assert leak not in message


def test_all_problems_at_once_and_wrapped():
    text = (
        "[planet]\nradius = '3 kg'\ngravitas = 3\n[run]\nrtol = 5\n[volatiles.partition_coefficient]\n"
        "H2O "
        "= -1"
    )
    with pytest.raises(InputError) as error:
        Case.parse(text, "my.toml")
    message = str(error.value)
    assert message.startswith("my.toml: 4 problems.\n")
    assert "unknown key 'gravitas' in [planet]; did you mean 'gravity'?" in message
    assert all(len(line) <= 104 for line in message.splitlines())


def test_caret_under_the_mistake():
    with pytest.raises(InputError) as error:
        Case.parse("[planet]\nradius = 6371 km\n", "my.toml")
    lines = str(error.value).splitlines()
    assert "line 2, column 15" in lines[0]
    assert lines[2].index("^") == lines[1].index("km")
    assert 'radius = "6371 km"' in lines[3]


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ("earht", "did you mean 'earth'?"),
        ("Mars", "did you mean 'mars'?"),
        ("no/such/folder/earth.toml", "did you mean 'earth'?"),
        ("E11", "did you mean 'E1'?"),
        ("bower2022", "choose one. members: E1, E2,"),
        ("bower2022:E12", "no member is called 'E12'."),
        ("bower2022.toml:E1", "did you mean 'E1'?"),
        ("earth:E1", "the file has no [members]."),
        ("", "is not a case"),
        (3, "is not a case"),
        (None, "is not a case"),
        (b"earth", "is not a case"),
        ("a\0b", "cannot be read"),
        ("x" * 5000, "cannot be read"),
    ],
)
def test_no_such_case(request_, said):
    refused(lambda: Case.read(request_), said)


def test_files(tmp_path):
    (tmp_path / "mine.toml").write_text("[volatiles]\nhydrogen = '1 ocean'\n")
    assert Case.read(tmp_path / "mine.toml").name == "mine"
    refused(lambda: Case.read(tmp_path), "this is a directory", "cases in it: mine.toml")
    refused(lambda: Case.read(tmp_path / "mina.toml"), "no such file", "mine.toml'?")
    (tmp_path / "empty.toml").write_bytes(b"")
    refused(lambda: Case.read(tmp_path / "empty.toml"), "the file has no key.")
    (tmp_path / "windows.toml").write_bytes(b"\xef\xbb\xbf[planet]\r\nradius = '1000 km'\r\n")
    assert Case.read(tmp_path / "windows.toml").planet.radius == 1e6


def test_members_of_a_users_file(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        "title = 'set'\n[volatiles]\nhydrogen = '1 ocean'\n[volatiles.solubility]\nH2O = 'a'\nCO2 = 'b'\n"
        "[members.wet]\nvolatiles.hydrogen = '5 ocean'\n'volatiles.solubility.CO2' = 'c'\n"
        "[members.dry]\ntitle = 'no water'\nvolatiles.hydrogen = 0\n[members.odd]\nplanet.weight = 3\n"
    )
    wet, dry = Case.read(f"{path}:wet"), Case.read(f"{path}:dry")
    assert (wet.name, wet.title, dry.title) == ("wet", "set: wet", "no water")
    assert wet.volatiles.masses(1e24) == {"H": 7.75e20} and dry.volatiles.masses(1e24) == {}
    assert wet.volatiles.solubility == {"H2O": "a", "CO2": "c"}
    refused(lambda: Case.read(path), "members: wet, dry, odd", f"{path}:wet")
    refused(lambda: Case.read(f"{path}:wett"), "did you mean 'wet'?")
    refused(lambda: Case.read(f"{path}:odd"), "unknown key 'weight' in [planet]", ":odd")
    path.write_text("[planet]\ngravity = 9\n[members]\nwet = 3\n")
    refused(lambda: Case.read(f"{path}:wet"), "[members] is not a table of cases.")
    path.write_text("title = 'a'\n[members.wet]\ntitle.long = 3\n")
    refused(lambda: Case.read(f"{path}:wet"), "title is a value, not a section")


@pytest.mark.parametrize(
    "text", ["[" * 5000, "a = " + "[" * 100_000, "a = " + "1" * 5000, "a = " + "{a=" * 3000]
)
def test_monstrous_text(text):
    refused(text, "this is not TOML")
