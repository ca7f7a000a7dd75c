"""The folders that tests read from: the project, its package, its tests."""

from pathlib import Path

import mocoupled

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
PACKAGE = Path(mocoupled.__file__).resolve().parent
# written by version 0.1.0 (commit 855a579): "complete", and "cut" after 8 steps
STORED_0_1 = TESTS / "stored_0_1"
