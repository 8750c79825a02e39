"""The shape of each task's answer. Imported only where a model is switched on."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from daily_papers.llm.gate import Fault, Reason

Score = Literal[1, 2, 3]
_MOST_FAULTS = 5


class _Shape(BaseModel):
    """An answer says which question it answers; what it has beyond its fields is not looked at."""

    # Endpoints that follow a schema strictly want this said, and every field to be required.
    model_config = ConfigDict(json_schema_extra={"additionalProperties": False})

    id: str = Field(description="the id of the paper or the papers, as it was given")


class Translation(_Shape):
    """Title and abstract in another language."""

    title: str
    abstract: str


class Summary(_Shape):
    """A paper for a list that is skimmed."""

    field: str = Field(description="the broad field, in English, such as ai or systems")
    subfield: str = Field(description="the subfield, in English, such as image generation")
    keywords: list[str] = Field(description="three to six, in English")
    institutions: list[str] = Field(description="of the authors, as the first page writes them")
    code: list[str] = Field(description="addresses of the paper's own code, as it writes them")
    contributions: list[str]
    summary: str = Field(description="two to three sentences")


class Analysis(_Shape):
    """A paper for a reader who decides whether to read it."""

    contributions: list[str]
    method: str = Field(description="the key innovation or method")
    impact: str
    applications: list[str]
    limitations: list[str]


class _Relevance(BaseModel):
    model_config = ConfigDict(json_schema_extra={"additionalProperties": False})

    topic: str
    score: Score


class Ranking(_Shape):
    """How much a paper matters, 1 to 3 each."""

    significance: Score
    relevance: list[_Relevance] = Field(description="one for each topic that was given")


class _Highlight(BaseModel):
    model_config = ConfigDict(json_schema_extra={"additionalProperties": False})

    paper: str = Field(description="the paper's id")
    text: str


class _Read(BaseModel):
    model_config = ConfigDict(json_schema_extra={"additionalProperties": False})

    paper: str = Field(description="the paper's id")
    reason: str


class Digest(_Shape):
    """What a day's papers come to."""

    themes: str
    highlights: list[_Highlight]
    directions: list[str]
    read: list[_Read] = Field(description="what to read in full")


SHAPES: dict[str, type[_Shape]] = {
    "translation": Translation,
    "summary": Summary,
    "analysis": Analysis,
    "ranking": Ranking,
    "digest": Digest,
}


def schema_of(task: str) -> dict[str, Any]:
    """Return the JSON schema of a task's answer."""
    return SHAPES[task].model_json_schema()


def shaped(
    task: str, answer: dict[str, Any], asked: str, topics: tuple[str, ...] = ()
) -> dict[str, Any] | Fault:
    """Return the fields of an answer to the question with the id `asked`, or what is wrong.

    `topics` are those that a ranking must speak of.
    """
    try:
        fields = SHAPES[task].model_validate(answer).model_dump()
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[:_MOST_FAULTS]
        told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in wrong)
        return Fault(Reason.SHAPE, told)
    if fields.pop("id").strip() != asked:
        return Fault(Reason.OTHER_PAPER, f"the id is {asked}")
    if task == "ranking":
        relevance = {one["topic"]: one["score"] for one in fields["relevance"]}
        if set(relevance) != set(topics):
            return Fault(Reason.SHAPE, f"relevance: one score for each of {', '.join(topics)}")
        fields["relevance"] = {topic: relevance[topic] for topic in topics}
    return fields
