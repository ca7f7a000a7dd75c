"""The site of the documentation, built by mkdocs."""

import re
import subprocess
import sys

import pytest
from support.pages import DOCS
from support.waiting import HANG


def test_the_site_builds(tmp_path):
    """`mkdocs build --strict`: no dead link, no page outside the menu; nothing is loaded from elsewhere;
    every law stands there."""
    pytest.importorskip("material")
    pytest.importorskip("mkdocstrings")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", tmp_path],
        cwd=DOCS.parent,
        capture_output=True,
        text=True,
        timeout=HANG,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    pages = {
        path.relative_to(tmp_path).as_posix(): path.read_text(encoding="utf-8")
        for path in tmp_path.rglob("*.html")
    }
    for name, text in pages.items():
        loaded_from = re.findall(
            r"<(?:script|link|img|iframe)[^>]*?(?:src|href)=[\"']?(https?:[^\"' >]+)", text
        )
        assert not [url for url in loaded_from if "canonical" not in url], name
    # the search works in a site opened from disk: the index is a script, and the worker has a stand-in
    assert (tmp_path / "search" / "search_index.js").read_text(encoding="utf-8").startswith("var __index")
    worker, bundle = (
        pages["index.html"].index(name) for name in ("javascripts/iframe-worker.js", "/bundle.")
    )
    assert worker < bundle and (tmp_path / "javascripts" / "iframe-worker.js").exists()
    laws = "".join(text for name, text in pages.items() if name.startswith("laws/"))
    from mocoupled.closures.registry import registered

    for law in registered():
        if not law.name.endswith("Example2026"):
            assert f">{law.name}<" in laws or f'id="{law.name.lower()}' in laws, law.name
    assert laws.count("<math") > 100
    assert "entropy" in pages["equations.html"] and "<math" in pages["equations.html"]
    assert (
        "ocean_iron" in pages["reference/variables.html"]
        and "volatiles.hydrogen" in pages["reference/keys.html"]
    )
    assert (tmp_path / "validation" / "reports" / "bower2022" / "figures" / "figure-04.png").exists()
