"""The counts of a night's questions to a language model, for the run's summary."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field

ABOUT = {
    "ranking": 900,
    "analysis": 1800,
    "digest": 8000,
    "translation": 1500,
    "summary": 3000,
}
"""The tokens of a question and its answer, as docs/model.md tells them; of a digest for all of its
papers."""


@dataclass(slots=True)
class TaskReport:
    """The texts of one task, counted while the night asks for them."""

    asked: int = 0
    kept: int = 0
    cached: int = 0
    """Found in the store."""
    unfit: int = 0
    """Without an acceptable answer, after a second question."""
    left: int = 0
    """Not asked for, or not answered; to be asked for on another night."""
    given_up: int = 0
    """Asked for on as many nights as allowed."""

    @property
    def counts(self) -> tuple[int, ...]:
        """The counts in the order of the fields."""
        return astuple(self)


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a night's questions. Without `model`, no model was asked."""

    warning: str = ""
    """What is wrong with the configuration, and how to fix it."""
    model: str = ""
    stopped: str = ""
    """Why some texts were not asked for."""
    failed: bool = False
    """Whether the endpoint failed."""
    tasks: Mapping[str, TaskReport] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    """Rejected answers by reason; first and second answers both count."""
    requests: int = 0
    """Sent to the endpoint, with second questions and retries."""
    papers: int = 0
    """Papers that the night asked about, of at most `most_papers`."""
    most_papers: int = 0
    tokens: int = 0
    """Tokens of the night's questions and answers, of at most `most_tokens`."""
    most_tokens: int = 0

    @property
    def kept(self) -> int:
        """The number of new texts."""
        return sum(task.kept for task in self.tasks.values())
