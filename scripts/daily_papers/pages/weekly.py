"""papers/weekly/: a page per topic and week, with a section for each announcement of arXiv."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import chain

from daily_papers import announcement_calendar
from daily_papers.pages import mind_map, pieces
from daily_papers.pages.fixed_words import Words
from daily_papers.store.entry_types import Entry, Rising
from daily_papers.store.paper import Paper
from daily_papers.text import markdown

# A week has five announcements.
_DAY_BUDGET = pieces.PAGE_BUDGET // 5


def week_of(day: date) -> str:
    """Return the name of the week of a day, from Monday to Sunday: `20251215-20251221`."""
    monday = announcement_calendar.monday_of(day)
    return f"{monday:%Y%m%d}-{monday + timedelta(days=6):%Y%m%d}"


def week_page(topic: str, day: date) -> str:
    """Return the path of the page of a topic and the week of a day, from the root."""
    return f"papers/weekly/{pieces.page_name(topic)}/{week_of(day)}.md"


def render_week(
    topic: str,
    sections: Mapping[date, Sequence[Entry]],
    begins: date,
    language: str,
    rising: Sequence[Rising] = (),
) -> str:
    """Return a week's page; the topic `begins` on the first day that lists papers of it."""
    texts = (f"## {day}{_section(found, day, language)}" for day, found in sorted(sections.items()))
    papers = {one.paper.arxiv_id: one.paper for one in chain.from_iterable(sections.values())}
    found = _rising(rising, papers, Words(language))
    return _head(topic, sections, begins) + found + "".join(texts)


def _rising(rising: Sequence[Rising], papers: Mapping[str, Paper], say: Words) -> str:
    """Return the section on the terms that grew, empty if there are none."""
    if not rising:
        return ""
    lines = [
        f"- **{markdown.label(one.term)}**: {_counts(one, say)}: "
        + ", ".join(
            markdown.link(arxiv_id, pieces.abs_url(papers[arxiv_id]))
            for arxiv_id in one.papers
            if arxiv_id in papers
        )
        for one in rising
    ]
    head = f"## {say('rising')}\n\n_{say('rising_about')}_\n\n"
    return head + "\n".join(lines) + "\n\n"


def _counts(one: Rising, say: Words) -> str:
    return say(
        "rising_counts",
        now=f"{len(one.papers):,}",
        of=f"{one.of:,}",
        before=f"{one.before:,}",
        of_before=f"{one.of_before:,}",
    )


def _head(topic: str, sections: Mapping[date, Sequence[Entry]], begins: date) -> str:
    day = min(sections)
    monday = announcement_calendar.monday_of(day)
    note = pieces.sample_note(chain.from_iterable(sections.values()))
    if monday < begins <= day:
        note += f"> [!NOTE]\n> This topic's pages begin with {begins}.\n\n"
    if not announcement_calendar.is_known(monday + timedelta(days=6)):
        note += (
            "> [!NOTE]\n> The days of announcement are computed without arXiv's list of holidays, "
            f"which this program knows up to {announcement_calendar.known_until()}.\n\n"
        )
    heading = markdown.heading(1, f"{week_of(day)} ({topic})")
    return f"{heading}\n\n{pieces.up('All weeks')}\n\n{note}"


def _section(entries: Sequence[Entry], day: date, language: str) -> str:
    """Return the text below a day's heading: its papers, the last ones shortened if it is long.

    Those that a model ranked come first, the most significant at the top.
    """
    entries = sorted(entries, key=lambda entry: -pieces.significance(entry, language))
    titles = (pieces.marked(markdown.label(one.paper.title), one.paper) for one in entries)
    heads = [f"- **[arXiv{day:%y%m%d}] {title}**" for title in titles]
    links = [f"  - **link:** https://arxiv.org/pdf/{entry.paper.arxiv_id}" for entry in entries]
    items = [
        "\n".join((head, *_fields(entry, link, language))) + "\n"
        for entry, head, link in zip(entries, heads, links, strict=True)
    ]
    spare = _DAY_BUDGET - sum(map(pieces.size, (*heads, *links))) - 3 * len(heads)
    shown = pieces.fit(spare, [""] * len(items), items)
    short = map("{}\n{}\n".format, heads, links)
    papers = "\n".join(item or rest for item, rest in zip(shown, short, strict=True))
    return f"\n\n{papers}\n"


def _fields(entry: Entry, link: str, language: str) -> list[str]:
    paper = entry.paper
    summary = entry.text("summary", language)
    fields = summary.fields if summary else {}
    code = fields.get("code") or paper.code_links
    ranking = entry.text("ranking", language)
    significance = pieces.significance(entry, language)
    named = [
        ("tags", _tags(fields)),
        ("authors", markdown.label(", ".join(pieces.authors(paper)))),
        ("institution", markdown.label(", ".join(fields.get("institutions", ())))),
        ("link", link),
        ("code", ", ".join(map(markdown.inline, code))),
        ("contributions", pieces.numbered(fields.get("contributions", ()))),
        ("Simple LLM Summary", markdown.label(fields.get("summary", ""))),
        ("significance", f"{significance} of 3" if significance else ""),
    ]
    lines = [text if name == "link" else f"  - **{name}:** {text}" for name, text in named if text]
    if drawn := mind_map.mind_map(paper.title, fields, mind_map.SUMMARY):
        lines += ["  - **Mindmap:**\n", *(f"    {line}" for line in drawn)]
    if texts := [one for one in (summary, ranking) if one]:
        lines.append(f"  - _{pieces.written_by(texts)}_")
    return lines


def _tags(fields: Mapping[str, object]) -> str:
    """Return field, subfield and keywords in brackets, as far as they are known."""
    keywords = fields.get("keywords", ())
    joined = ", ".join(map(str, keywords)) if isinstance(keywords, Iterable) else ""
    groups = (fields.get("field"), fields.get("subfield"), joined)
    return ", ".join(f"[{markdown.label(str(group))}]" for group in groups if group)
