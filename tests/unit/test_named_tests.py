"""Pages, reports and sources that name a test file name one that exists."""

import re

from support.places import ROOT, TESTS

NAMED = re.compile(r"\btests/((?:\w+/)*test_\w+\.py)")


def test_every_test_file_that_a_text_names_exists():
    texts = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    for folder in ("docs", "validation", "mocoupled", "mechanisms"):
        for kind in ("*.md", "*.py", "*.toml", "*.yaml"):
            texts += (ROOT / folder).rglob(kind)
    named = {}
    for path in texts:
        if path.is_file():
            for name in NAMED.findall(path.read_text(encoding="utf-8")):
                named[name] = path
    assert {name: path for name, path in named.items() if not (TESTS / name).is_file()} == {}
    assert named or not (ROOT / "docs").is_dir()
