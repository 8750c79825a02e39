"""Nights with faults by chance; many more by `make soak`."""

import os
import sys
from pathlib import Path

import pytest

from soak import Soak
from standins.arxiv.served_papers import load_records

SEED = os.environ.get("DAILY_PAPERS_SOAK_SEED", "2026")
NIGHTS = int(os.environ.get("DAILY_PAPERS_SOAK_NIGHTS", "12"))
RUNS = int(os.environ.get("DAILY_PAPERS_SOAK_RUNS", "1"))
RECORDS = os.environ.get("DAILY_PAPERS_SOAK_RECORDS", "")
"""A file of records in place of invented ones, see `load_records`."""


@pytest.mark.parametrize("run", range(RUNS))
def test_after_any_nights_every_paper_is_there_and_was_told_once(tmp_path: Path, run: int) -> None:
    """Whatever the nights meet, nothing is lost, told twice, or said that is not known."""
    seed = f"{SEED}-{run}" if run else SEED
    sys.stderr.write(f"soak: seed {seed}, {NIGHTS} nights\n")
    Soak(tmp_path, seed, NIGHTS, load_records(RECORDS) if RECORDS else ()).play()
