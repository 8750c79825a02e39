"""Nights that ask the stand-in for a language model."""

from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from conftest import VirtualClock
from daily_papers.arxiv.paced_requests import PoliteSession
from daily_papers.llm.answer_journal import Journal
from daily_papers.llm.enrich_papers import Enriched, enrich
from daily_papers.settings import Environment, Llm, Pages, Settings
from daily_papers.store.entry_types import Store
from factories import NIGHT
from standins.llm import FakeLlm

KEY = "sk-invented-0123456789abcdef"
MODEL = "invented-model"
MINUTES = 20.0


class Bench:
    """The stand-in for an endpoint, and nights that ask it."""

    def __init__(self, root: Path, clock: VirtualClock) -> None:
        self.root = root
        self.clock = clock
        self.llm = FakeLlm()
        self.pdf_url = "http://127.0.0.1:9/pdf"

    def __enter__(self) -> Self:
        self.llm.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.llm.__exit__(kind, error, traceback)

    def environment(self, **changes: Any) -> Environment:  # noqa: ANN401 - any of its fields
        """Return the variables that switch the model on."""
        found: dict[str, Any] = {
            "openai_api_key": KEY,
            "openai_base_url": self.llm.base_url,
            "llm_model": MODEL,
            "arxiv_pdf_url": self.pdf_url,
        }
        return Environment(**(found | changes))

    def run(
        self,
        store: Store,
        *,
        night: datetime = NIGHT,
        environment: Environment | None = None,
        journal: Journal | None = None,
        minutes: float = MINUTES,
        settle: bool = True,
        **llm: Any,  # noqa: ANN401 - any of the settings for the model
    ) -> Enriched:
        """Ask for one night; `settle` deletes the journal, as after the store was written."""
        session = PoliteSession(
            user_agent="test", clock=self.clock, deadline=self.clock.monotonic() + minutes * 60
        )
        journal = journal or Journal(self.root)
        with session:
            done = enrich(
                store,
                Settings(pages=Pages(digest=True), llm=Llm(**({"parallel_requests": 1} | llm))),
                environment or self.environment(),
                session,
                night,
                journal=journal,
                deadline=self.clock.monotonic() + minutes * 60,
            )
        if settle:
            journal.settle()
        return done
