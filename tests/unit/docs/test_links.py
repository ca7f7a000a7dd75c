"""Links of the pages lead to a file of a clone, or to a page that the index says is in the site alone."""

import re

import pytest
from support.pages import DOCS

ROOT = DOCS.parent
LINK = re.compile(r"\]\((?![a-z]+:|#)([^)#\s]+)(?:#[^)\s]*)?\)")
PAGES = sorted(
    [
        *DOCS.glob("*.md"),
        *ROOT.glob("*.md"),
        *(ROOT / "validation").rglob("*.md"),
    ]
)


def generated():
    """Pages and folders that the line at the top of the index names."""
    line = (DOCS / "index.md").read_text(encoding="utf-8").split("\n\n")[1]
    names = re.search(r"links to (.+?) lead nowhere", line)[1]
    return re.findall(r"`([^`]+)`", names)


def targets(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    return LINK.findall(re.sub(r"`[^`\n]*`", "", text))


def in_site_alone(page, target):
    if page.parent != DOCS:
        return False
    return any(target == name or (name.endswith("/") and target.startswith(name)) for name in generated())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page(page):
    dead = [t for t in targets(page) if not (page.parent / t).exists() and not in_site_alone(page, t)]
    assert not dead


def test_what_the_index_says_of_the_site_is_true():
    """None of these pages is in a clone; each is linked and made by the hooks of the site."""
    names = generated()
    assert len(names) == 4 and not any((DOCS / name).exists() for name in names)
    hooks = (DOCS / "mkdocs_hooks.py").read_text(encoding="utf-8")
    hooks += (DOCS / "generated_pages" / "laws.py").read_text(encoding="utf-8")
    linked = {target for page in DOCS.glob("*.md") for target in targets(page)}
    for name in names:
        assert f'"{name}' in hooks and any(target.startswith(name) for target in linked)


def test_a_dead_link_is_found():
    page = DOCS / "radiation.md"
    assert not (page.parent / "validation/reports/radiation.md").exists()
    assert not in_site_alone(page, "validation/reports/radiation.md")
    assert in_site_alone(page, "laws/index.md") and not in_site_alone(page, "lawless.md")
    assert "validation.md" in targets(DOCS / "index.md")
