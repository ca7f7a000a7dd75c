"""What MkDocs asks of us: pages made from the program join those that are written, and links of the repository become links of the site."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[1]
os.environ.setdefault("COLUMNS", "100")


def on_files(files, config):
    """The pages made from the program, and the reports of the validation."""
    sys.path[:0] = [
        str(ROOT),
        str(ROOT / "docs"),
    ]  # here: MkDocs puts the path back after it has read this file
    from made import declaration, laws, names, reference, species

    pages = {
        "equations.md": declaration.page(),
        "reference/keys.md": reference.keys_page(),
        "reference/cases.md": reference.cases_page(),
        "reference/variables.md": reference.variables_page(),
        "reference/commands.md": reference.commands_page(),
        "reference/species.md": species.species_page(),
        "api.md": names.names_page(),
        **laws.pages(),
    }
    for path, text in pages.items():
        files.append(File.generated(config, path, content=text))
    for path, file in names.reports().items():
        files.append(File.generated(config, path, abs_src_path=str(file)))
    return files


def on_page_markdown(markdown, page, config, files):
    """Links between docs/ and the reports of the repository stay within the site, where the reports stand at validation/reports/."""
    return re.sub(
        r"\]\(((?:\.\./)+)docs/",
        r"](\1",
        markdown.replace("](../validation/reports/", "](validation/reports/"),
    )
