"""The folders that tests read from: the project, its package, its tests."""

from pathlib import Path

import mocoupled

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
PACKAGE = Path(mocoupled.__file__).resolve().parent
