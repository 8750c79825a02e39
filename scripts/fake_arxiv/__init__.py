"""A stand-in for arXiv on loopback: its search API, its announcement feed, and their faults.

For the demo, the tests and the benchmarks. `python -m fake_arxiv` runs it by hand.
"""

from fake_arxiv.faults import Fault, Faults
from fake_arxiv.records import Record, load_records
from fake_arxiv.samples import sample_records
from fake_arxiv.server import FakeArxiv, LogEntry

__all__ = [
    "FakeArxiv",
    "Fault",
    "Faults",
    "LogEntry",
    "Record",
    "load_records",
    "sample_records",
]
