"""The fields of each task's answer: their JSON schema, and the check of an answer against it."""

from typing import Annotated, Any, Literal

import msgspec

from daily_papers.llm.check_answers import Reason, Rejection

_LONGEST_DETAIL = 200

Score = Literal[1, 2, 3]
PaperId = Annotated[str, msgspec.Meta(description="the paper's id")]


def _text(description: str) -> msgspec.Meta:
    return msgspec.Meta(description=description)


class _Answer(msgspec.Struct):
    """The fields of every answer. Fields that were not asked for are ignored."""

    id: Annotated[str, _text("the id of the paper or the papers, as it was given")]


class Translation(_Answer):
    """Title and abstract in another language."""

    title: str
    abstract: str


class Summary(_Answer):
    """A paper for a list that is skimmed."""

    field: Annotated[str, _text("the broad field, in English, such as ai or systems")]
    subfield: Annotated[str, _text("the subfield, in English, such as image generation")]
    keywords: Annotated[list[str], _text("three to six, in English")]
    institutions: Annotated[list[str], _text("of the authors, as the first page writes them")]
    code: Annotated[list[str], _text("addresses of the paper's own code, as it writes them")]
    contributions: list[str]
    summary: Annotated[str, _text("two to three sentences")]


class Analysis(_Answer):
    """A paper for a reader who decides whether to read it."""

    contributions: list[str]
    method: Annotated[str, _text("the key innovation or method")]
    impact: str
    applications: list[str]
    limitations: list[str]


class Relevance(msgspec.Struct):
    """How much a paper belongs to a topic."""

    topic: str
    score: Score


class Ranking(_Answer):
    """How much a paper matters, 1 to 3 each."""

    significance: Score
    relevance: Annotated[list[Relevance], _text("one for each topic that was given")]


class Highlight(msgspec.Struct):
    """What stands out in one paper."""

    paper: PaperId
    text: str


class Recommendation(msgspec.Struct):
    """Why to read one paper."""

    paper: PaperId
    reason: str


class Digest(_Answer):
    """What a day's papers come to."""

    themes: str
    highlights: list[Highlight]
    directions: list[str]
    read: Annotated[list[Recommendation], _text("what to read in full")]


ANSWERS: dict[str, type[_Answer]] = {
    answer.__name__.lower(): answer for answer in (Translation, Summary, Analysis, Ranking, Digest)
}
"""The type of the answer by task."""


def schema_of(task: str) -> dict[str, Any]:
    """Return the JSON schema of a task's answer, as endpoints want it that follow it strictly.

    They want every field required, no others, and an object at the root:
    https://platform.openai.com/docs/guides/structured-outputs
    """
    _, parts = msgspec.json.schema_components([ANSWERS[task]], ref_template="#/$defs/{name}")
    strict = {name: part | {"additionalProperties": False} for name, part in parts.items()}
    root: dict[str, Any] = strict.pop(ANSWERS[task].__name__)
    return root | {"$defs": strict} if strict else root


def shaped(
    task: str, answer: dict[str, Any], asked: str, topics: tuple[str, ...] = ()
) -> dict[str, Any] | Rejection:
    """Return the fields of an answer to the question with the id `asked`, or what is wrong.

    A ranking must have one score for each of `topics`, and is returned with a dictionary of them.
    """
    try:
        fields: dict[str, Any] = msgspec.to_builtins(msgspec.convert(answer, ANSWERS[task]))
    except msgspec.ValidationError as error:
        return Rejection(Reason.SHAPE, str(error)[:_LONGEST_DETAIL])
    except UnicodeEncodeError:
        return Rejection(Reason.UNREADABLE)
    if fields.pop("id").strip() != asked:
        return Rejection(Reason.OTHER_PAPER, f"the id is {asked}")
    if task == "ranking":
        relevance = {one["topic"]: one["score"] for one in fields["relevance"]}
        if set(relevance) != set(topics):
            return Rejection(Reason.SHAPE, f"relevance: one score for each of {', '.join(topics)}")
        fields["relevance"] = {topic: relevance[topic] for topic in topics}
    return fields
