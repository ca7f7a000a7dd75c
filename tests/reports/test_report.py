"""The HTML page of a run: whole in itself, harmless, its numbers those of summary.json; also as a browser
shows it."""

import base64
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest
from support.small_run import TITLE, small_run
from support.waiting import HANG

import mocoupled as mo
from mocoupled.errors import InputError
from mocoupled.reports import html_page as report
from mocoupled.results.output import write
from mocoupled.results.summaries import summary

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
VOID = {"meta", "img", "br", "link"}
ADDRESSES = {"src", "href", "action", "data", "poster", "srcset", "background", "formaction", "xlink:href"}


class Page(HTMLParser):
    """Tags with attributes, text by tag, and numbers of tables: (id of the table, row's name) -> values."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.words, self.open, self.tables, self.table, self.row = [], {}, [], {}, None, None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.table = dict(attrs)["id"]
        if tag == "tr":
            self.row = None
        if tag == "data":
            self.tables.setdefault((self.table, self.row), []).append(float(dict(attrs)["value"]))

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data):
        where = self.open[-1] if self.open else ""
        self.words.setdefault(where, []).append(data)
        if where in ("th", "td") and self.row is None and self.table:
            self.row = data


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The stored run and its page."""
    home = tmp_path_factory.mktemp("run")
    write(small_run(), home)
    report.write(mo.read(home), home / "report.html")
    return home


@pytest.fixture(scope="module")
def page(folder):
    return Page((folder / "report.html").read_text(encoding="utf-8"))


def test_it_needs_nothing_from_outside(page, folder):
    assert page.open == []
    for tag, attributes in page.tags:
        assert tag not in ("script", "link", "iframe", "object", "embed", "base", "form", "a"), tag
        for name in ADDRESSES & set(attributes):
            assert (tag, name) == ("img", "src") and attributes[name].startswith("data:image/png;base64,")
        assert not any(name.startswith("on") or name == "style" for name in attributes)
    style = "".join(page.words["style"])
    assert (
        "url(" not in style
        and "@import" not in style
        and "@media print" in style
        and "max-width: 40rem" in style
    )
    policy = next(
        a["content"] for t, a in page.tags if t == "meta" and a.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'")
    assert any(a.get("name") == "viewport" for t, a in page.tags if t == "meta")
    assert "http://" not in (text := (folder / "report.html").read_text()) and "https://" not in text


def test_its_pictures_are_pictures(page):
    pictures = [a for t, a in page.tags if t == "img"]
    assert len(pictures) >= 7 and all(a["alt"] for a in pictures)
    for picture in pictures:
        content = base64.b64decode(picture["src"].partition(",")[2], validate=True)
        assert (
            content.startswith(b"\x89PNG\r\n") and content.endswith(b"IEND\xaeB`\x82") and len(content) > 5000
        )


def test_its_numbers_are_those_of_the_summary(page):
    """Every number of the page to full precision in <data value>, the end beside summary.json, drift by
    drift."""
    final, drift = summary(small_run())["final"], summary(small_run())["largest_drift"]
    names = {
        "time": "time_yr",
        "surface temperature": "surface_temperature_K",
        "melt fraction, by mass": "melt_fraction",
        "heat flux to space": "flux_W_m2",
        "optical depth": "optical_depth",
        "surface pressure": "surface_pressure_bar",
        "log₁₀ fO₂": "log10_fO2_bar",
        "depth of the rheological front": "rheological_front_depth_km",
    }
    for shown, key in names.items():
        assert page.tables["states", shown][-1] == pytest.approx(final[key], rel=1e-14), key
    for species, shown in {"H2": "H₂", "H2O": "H₂O", "CO": "CO", "CO2": "CO₂", "CH4": "CH₄"}.items():
        assert page.tables["states", f"pressure of {shown}"][-1] == pytest.approx(
            final["pressure_bar"][species], rel=1e-14
        )
        assert page.tables["masses", shown][2] == pytest.approx(
            final["dissolved_mass_kg"][species], rel=1e-14
        )
    assert {
        name: page.tables["drift", name.removesuffix("_drift").replace("_", " ")][0] for name in drift
    } == drift
    columns = {len(values) for (table, _), values in page.tables.items() if table == "states"}
    assert columns == {4}, "start, 95 % melt, 40 % melt, end"
    assert (
        page.tables["states", "melt fraction, by mass"][1]
        <= 0.95
        < 1.01 * page.tables["states", "melt fraction, by mass"][1]
    )
    assert ("states", "graphite") not in page.tables


def test_the_report_names_its_sources(page):
    text = " ".join(" ".join(words) for words in page.words.values())
    for stated in (
        "Dixon, Stolper & Holloway 1995",
        "Dixon1995",
        "ONeillEggins2002",
        "McBride1993",
        small_run().attrs["mechanism_sha256"],
        "cantera",
        small_run().attrs["end_reason"],
        "[volatiles]",
        'hydrogen = "4.7e+20 kg"',
        "solubility of H2O: peridotite-Sossi2022",
    ):
        assert stated in text, stated


def test_a_title_is_text(page, folder):
    """Markup, quotes and braces of a template in the case's title come out as they are, wherever they
    stand."""
    assert page.words["title"] == [TITLE] and page.words["h1"] == [TITLE]
    assert "<script" not in (folder / "report.html").read_text() and "49" not in page.words["h1"][0]


def test_every_attribute_is_text():
    """What a stored file says in its attributes, laws and names is escaped, too."""
    evil = '"><img src=x onerror=alert(1)>'
    result = small_run().assign_attrs(
        case_name=evil, end_reason=evil, source=evil, case=evil, status=evil, mechanism=evil
    )
    text = report.html(result.assign_coords(species=["H2", "H2O", "CO", "CO2", evil, "O2"]), figures=False)
    assert not [t for t, _ in Page(text).tags if t == "img"] and "&lt;img src=x" in text


def test_an_interrupted_run_says_so():
    text = report.html(small_run().assign_attrs(status="interrupted", extrapolations="[]"), figures=False)
    assert 'class="status incomplete">interrupted<' in text and "<p>None.</p>" in text


def test_a_run_without_volatiles_has_a_page():
    case = mo.Case.read("E1").replace({"mantle.model": "lumped", "volatiles.hydrogen": "0 kg"})
    dry_page = Page(report.html(mo.run(case), figures=False))
    assert ("states", "surface temperature") in dry_page.tables and not [
        key for key in dry_page.tables if key[0] == "masses"
    ]


def test_what_is_no_run_is_refused():
    with pytest.raises(InputError, match="not a run"):
        report.html(mo.equilibrium(mo.Case.read("earth"), temperature=2000.0, melt_fraction=1.0))


@pytest.mark.skipif(BROWSER is None, reason="no chromium is installed")
def test_a_browser_shows_it(folder, tmp_path):
    """Rendered headless: the numbers are on the page, its title runs nothing, and every picture is
    decoded."""
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--no-first-run",
        f"--user-data-dir={tmp_path}",
    ]
    done = subprocess.run(
        [BROWSER, *options, "--dump-dom", (folder / "report.html").as_uri()],
        capture_output=True,
        text=True,
        timeout=HANG,
    )
    assert done.returncode == 0, done.stderr
    shown = Page(done.stdout)
    final = summary(small_run())["final"]
    assert shown.tables["states", "surface pressure"][-1] == pytest.approx(
        final["surface_pressure_bar"], rel=1e-14
    )
    assert re.search(rf">{final['surface_pressure_bar']:.5g}<", done.stdout)
    assert shown.words["h1"] == [TITLE] and not [t for t, _ in shown.tags if t == "script"]


def test_what_is_left_out_stands_on_the_page(folder, tmp_path):
    """The page named the laws outside their calibration alone."""
    text = (folder / "report.html").read_text(encoding="utf-8")
    left_out = json.loads((folder / "summary.json").read_text())["left_out"]
    assert (
        [entry for entry in left_out if entry["species"] == ["CO"]]
        and "<h2>Left out</h2>" in text
        and "CO does not dissolve in the melt" in text
    )
