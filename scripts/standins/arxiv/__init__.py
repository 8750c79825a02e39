"""A stand-in for arXiv on loopback: search API, OAI-PMH and faults.

For the demo, the tests and the benchmarks. `python -m standins.arxiv` runs it by hand.
"""

from standins.arxiv.faults import Fault, Faults
from standins.arxiv.sample_papers import sample_records
from standins.arxiv.served_papers import Record, load_records
from standins.arxiv.server import FakeArxiv, LogEntry

__all__ = [
    "FakeArxiv",
    "Fault",
    "Faults",
    "LogEntry",
    "Record",
    "load_records",
    "sample_records",
]
