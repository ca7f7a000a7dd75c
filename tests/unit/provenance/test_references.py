"""The bibliography: every law and datum has its entry, and a run cites what it used, no more and no less."""

import importlib
import pkgutil
import re

import pytest
from ruamel.yaml import YAML
from support.small_run import small_run

import mocoupled as mo
from mocoupled.chemistry.mechanism_paths import shipped_folder
from mocoupled.closures import law as laws
from mocoupled.closures import registry
from mocoupled.errors import InputError
from mocoupled.provenance import references
from mocoupled.provenance.publications import bibliography, entries


def registered():
    """Every law of the registry, after all closures are imported."""
    for room in ("closures", "interior", "atmosphere", "melt", "lower_mantle"):
        package = importlib.import_module(f"mocoupled.{room}")
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"mocoupled.{room}.{module.name}")
    return list(laws.registered())


def stated(node):
    """Every `reference` of a YAML document, at any depth."""
    if isinstance(node, dict):
        yield from ([node["reference"]] if isinstance(node.get("reference"), str) else [])
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from stated(inner)


def test_every_law_has_an_entry():
    every = registered()
    assert len(every) > 60
    assert references.missing(law.reference for law in every) == []


@pytest.mark.parametrize("path", sorted(shipped_folder().glob("*.yaml")), ids=lambda p: p.stem)
def test_every_datum_of_the_mechanisms_has_an_entry(path):
    results = list(stated(YAML(typ="safe").load(path)))
    assert len(results) > 20 or path.stem == "all"  # which has no species that is not of another file
    assert references.missing(results) == []


@pytest.mark.parametrize(
    "reference",
    [
        "Nobody & Noone 1999, J. Nowhere 1, 1",
        "a table found in a drawer",
        "",
        "Dixon, Stolper & Holloway 1995; and the tables of 1963 of the institute",
        "arXiv 1234.56789",
    ],
)
def test_a_reference_without_entry_is_missed(reference):
    assert references.missing([reference])


@pytest.mark.parametrize(
    "reference, keys",
    [
        (
            "Dixon, Stolper & Holloway 1995, J. Petrology 36, 1607, eq. 6; Eq. 2-3 of Bower et al. 2022",
            ("Dixon1995", "Bower2022"),
        ),
        ("O'Neill & Eggins 2002, Chem. Geol. 186, 151", ("ONeill2002",)),
        (
            "Manjón-Cabeza Córdoba & Ballmer, arXiv 2605.04840, after Asimow, Hirschmann & Stolper 1997",
            ("ManjonCabezaCordoba2026", "Asimow1997"),
        ),
        (
            "fit to de Koker & Stixrude 2009; IVTANTHERMO, Schaefer & Fegley 2017; below 1000 K "
            "Hirschmann2008",
            ("deKoker2009", "Schaefer2017", "Hirschmann2008"),
        ),
        ("Zhang & Duan 2009, Geochim. Cosmochim. Acta 73, 2089", ("Zhang2009",)),
        ("ideal gas", ()),
    ],
)
def test_keys_follow_from_the_reference(reference, keys):
    assert references.keys(reference) == keys


def test_the_bibliography_is_consistent():
    """Keys are first author and year; no key twice, no empty field; DOIs have their form and no address."""
    publications = bibliography()
    dois = [e.fields["doi"] for e in publications.values() if "doi" in e.fields]
    assert len(dois) == len(set(dois)) and all(re.fullmatch(r"10\.\d{4,}/\S+", doi) for doi in dois)
    for key, entry in publications.items():
        assert {"author", "title"} <= set(entry.fields) and all(entry.fields.values())
        if key in references.SOFTWARE:
            continue
        first = entry.fields["author"].split(" and ")[0].split(",")[0]
        plain = re.sub(r"\{\\['\"`]?([A-Za-z])\}", r"\1", first)
        assert re.sub(r"\W", "", plain) + entry.fields["year"] == key


def test_the_bibliography_agrees_with_the_citation_file():
    about = references.citation_file()
    known = {entry.fields.get("doi", "").lower(): entry for entry in bibliography().values()}
    shared = [item for item in about["references"] if "doi" in item and item["doi"].lower() in known]
    assert len(shared) >= 12
    for item in shared:
        entry = known[item["doi"].lower()]
        assert entry.fields["year"] == str(item["year"])
        assert (
            re.sub(r"[{}\W]", "", entry.fields["title"]).lower() == re.sub(r"\W", "", item["title"]).lower()
        )


@pytest.mark.parametrize(
    "document, problem",
    [
        ("hello", "not a table of publications"),
        ({"A2000": "hello"}, "A2000: this is not a publication"),
        ({"A2000": {"title": "x"}}, "A2000: this is not a publication"),
        ({"A2000": {"type": "article", "title": "{x"}}, "A2000 title: .* balanced braces"),
        ({"A2000": {"type": "article", "year": 2000}}, "A2000 year: 2000 is not text"),
    ],
)
def test_a_document_that_is_no_bibliography_is_refused(document, problem):
    with pytest.raises(InputError, match=problem):
        entries(document, "mine.yaml")


def test_an_entry_is_written_as_bibtex():
    (entry,) = entries(
        {"A2000": {"type": "article", "title": "On {MgO}", "year": "2000", "volume": "3"}}, ""
    ).values()
    assert entry.text == "@article{A2000,\n  title = {On {MgO}},\n  year = {2000}, volume = {3},\n}"


def test_every_law_states_the_keys_of_its_reference():
    """The stated keys are those in the text of the reference, and the DOI is that of the bibliography."""
    for law in registered():
        assert law.keys == references.derived_keys(law.reference), law.name
        assert law.keys or law.reference in references.NOT_PUBLISHED, law.name
        assert law.doi == (bibliography()[law.key].fields.get("doi", "") if law.key else ""), law.name


def test_the_key_that_a_law_states_counts():
    """A law of a user may name a publication in words that no rule reads."""
    words = "the table on the wall of our laboratory"
    assert references.keys(words) == ()
    laws.law("radiation", "Wall2026", unit="W/m2", reference=words, key="Wall2026")(lambda *, T, **_: T)
    try:
        assert references.keys(words) == ("Wall2026",)
    finally:
        registry._registry.pop(("radiation", "Wall2026"))


# ---- of a run


def keys_of(text):
    """Keys of the entries of BibTeX text, whose braces must close; comments begin with %."""
    entries = re.sub(r"(?m)^%.*$", "", text)
    assert entries.count("{") == entries.count("}")
    return re.findall(r"(?m)^@[a-z]+\{([\w-]+),$", entries)


def cited(result):
    """Keys of the entries of a result's bibliography, read back."""
    return keys_of(mo.cite(result))


def test_a_run_cites_what_it_used():
    """By hand: the laws of chili-earth with the column, the polynomials, the opacities."""
    of_laws = {
        "Sossi2022",
        "Dixon1995",
        "ONeill2002",
        "Bower2022",
        "Abe1985",
        "Hamano2013",
        "Andrault2011",
        "Wolf2018",
        "deKoker2009",
        "Mosenfelder2009",
        "Bower2018",
        "Abe1995",
    }
    results = cited(small_run())
    assert set(results) == of_laws | {"McBride1993"} | {"mocoupled", *references.SOFTWARE}
    assert results[0] == "mocoupled" and results[-5:] == list(references.SOFTWARE)
    text = mo.cite(small_run())
    assert bibliography()["Dixon1995"].text in text
    assert "% solubility of CO2: basalt-Dixon1995" in text
    assert f"version = {{{mo.__version__}}}" in text and "version = {3." in text


def test_other_laws_are_cited_instead():
    lumped = {"mantle.model": "lumped", "run.after_lid": "end", "run.end_melt_fraction": "none"}
    case = mo.Case.read("R").replace(
        lumped
        | {"chemistry.fugacity": "PengRobinson1976", "volatiles.solubility": {"H2O": "basalt-WilsonHead1981"}}
    )
    results = set(cited(mo.run(case)))
    assert {
        "Zahnle2019",
        "Peng1976",
        "Wilson1981",
        "Chase1998",
        "Schaefer2017",
        "Dixon1995",
    } <= results  # fits of Bower et al. to JANAF
    assert not results & {"Sossi2022", "Abe1995", "McBride1993"}
    dry = set(cited(mo.run(mo.Case.read("E1").replace(lumped | {"volatiles.hydrogen": "0 kg"}))))
    assert not dry & {"Sossi2022", "Dixon1995", "McBride1993"}


def test_an_equilibrium_cites_too():
    state = mo.equilibrium(mo.Case.read("earth"), temperature=2173.0, melt_fraction=1.0)
    assert {"Sossi2022", "Dixon1995", "ONeill2002", "McBride1993"} <= set(
        cited(state)
    ) and "Abe1985" not in cited(state)
    assert "McBride1993" in cited(
        mo.gas_equilibrium(temperature=1400.0, pressure=1e7, moles={"H": 2.0, "O": 1.0})
    )


def test_what_the_bibliography_does_not_know_stays_a_comment():
    """References of a mechanism of one's own, with what could break out of a comment."""
    attrs = {
        "laws": '{"solubility of X": {"name": "a\\n@article{x,", "reference": "Nobody 1999,\\n}@evil{y, '
        'title = {z}}"}}',
        "data": '{"opacity": "my\\nnotebook"}',
        "case_name": "a\nb",
    }
    text = mo.cite(small_run().assign_attrs(attrs))
    assert keys_of(text) == ["mocoupled", *references.SOFTWARE]
    assert "Nobody1999: no entry" in text and "my notebook" in text


@pytest.mark.parametrize(
    "attrs", [{}, {"laws": "not JSON"}, {"laws": "[]"}, {"laws": '{"a": {}}'}, {"laws": '{"a": 1}'}]
)
def test_a_result_that_does_not_say_is_refused(attrs):
    bare = small_run().copy()
    bare.attrs = attrs
    with pytest.raises(InputError):
        mo.cite(bare)
