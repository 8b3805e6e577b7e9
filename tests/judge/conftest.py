"""A folder for the packs of one test."""

from __future__ import annotations

from pathlib import Path

import pytest
from judge.builders import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Loads packs of one rule and judges little calls by them."""
    return Bench(tmp_path)
