"""Hooks of MkDocs: generated pages join the written ones; links to the repository stay within the site."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
os.environ.setdefault("COLUMNS", "100")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages, and the reports of the validation."""
    # Here, and not above: MkDocs resets the path after it has read this file.
    sys.path[:0] = [str(ROOT), str(ROOT / "docs")]
    from generated_pages import laws, python_names, reference, run_equations, species

    pages = {
        "equations.md": run_equations.page(),
        "reference/keys.md": reference.keys_page(),
        "reference/cases.md": reference.cases_page(),
        "reference/variables.md": reference.variables_page(),
        "reference/commands.md": reference.commands_page(),
        "reference/species.md": species.species_page(),
        "api.md": python_names.names_page(),
        "changelog.md": (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").replace("](docs/", "]("),
        **laws.pages(),
    }
    for path, text in pages.items():
        files.append(File.generated(config, path, content=text))
    for path, file in python_names.reports().items():
        files.append(File.generated(config, path, abs_src_path=str(file)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Make links between docs/, the reports of the repository and its changelog stay within the site.

    In the site the reports are at validation/reports/.
    """
    inside = markdown.replace("](../validation/reports/", "](validation/reports/")
    inside = inside.replace("](../CHANGELOG.md)", "](changelog.md)")
    return re.sub(r"\]\(((?:\.\./)+)docs/", r"](\1", inside)
