"""papers/weekly/: a page for each topic and week, with a section for each of arXiv's listings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from daily_papers import announcement_calendar
from daily_papers.pages import shared
from daily_papers.store.records import Entry
from daily_papers.text import markdown

FOLDER = "papers/weekly"
# A week has five listings.
_DAY_BUDGET = shared.PAGE_BUDGET // 5
_SECTION = re.compile(r"^## (\d{4}-\d\d-\d\d)$", re.MULTILINE)
_LISTED = re.compile(r"^  - \*\*link:\*\* https://arxiv\.org/pdf/(.*)$", re.MULTILINE)
_WRITTEN = re.compile(r"^  - _written by ", re.MULTILINE)
_ITEM = re.compile(r"^- \*\*\[arXiv\d{6}\]", re.MULTILINE)


def week_of(day: date) -> str:
    """Return the name of the week of a day, from Monday to Sunday: `20251215-20251221`."""
    monday = day - timedelta(days=day.weekday())
    return f"{monday:%Y%m%d}-{monday + timedelta(days=6):%Y%m%d}"


def page(topic: str, day: date) -> str:
    """Return the path of the page of a topic and of the week of a day, from the root."""
    return f"{FOLDER}/{shared.page_name(topic)}/{week_of(day)}.md"


def render_week(
    before: str,
    topic: str,
    sections: Mapping[date, Sequence[Entry]],
    opened: date,
    language: str,
    after: date = date.min,
) -> str:
    """Return the page of the week of the days that `sections` has, at least one.

    It is the page as it was `before`, if it was, with the sections that it lacks, and with those
    from the day `opened` on made anew; the sections of days before are past and stay as they are,
    but for what a language model wrote of their papers since. `after` is the day up to which the
    topic's papers are not known whole.
    """
    head, *found = _SECTION.split(before)
    texts = dict(zip(map(date.fromisoformat, found[::2]), found[1::2], strict=True))
    for one, entries in sections.items():
        past = texts.get(one, "") if one < opened else ""
        if past and not any(entry.text("summary", language) for entry in entries):
            continue
        shown = _LISTED.findall(past)
        own = [entry for entry in entries if not past or entry.paper.arxiv_id in shown]
        text = f"\n\n{_section(own, one, language)}\n"
        if not past or (len(own) == len(shown) and _written(text) > _written(past)):
            texts[one] = text
    if not before:
        head = _head(topic, sections, after)
    return head + "".join(f"## {one}{texts[one]}" for one in sorted(texts))


def _head(topic: str, sections: Mapping[date, Sequence[Entry]], after: date) -> str:
    day = min(sections)
    note = shared.sample_note(entry.paper for rows in sections.values() for entry in rows)
    if day - timedelta(days=day.weekday()) <= after < day:
        note += f"> [!NOTE]\n> Not every paper up to {after} is known; those days are left out.\n\n"
    sunday = day + timedelta(days=6 - day.weekday())
    if not announcement_calendar.is_known(sunday):
        note += (
            "> [!NOTE]\n> The days of announcement are computed without arXiv's list of holidays, "
            f"which this program knows up to {announcement_calendar.known_until()}.\n\n"
        )
    heading = markdown.heading(1, f"{week_of(day)} ({topic})")
    return f"{heading}\n\n{shared.up('All weeks')}\n\n{note}"


def count(text: str) -> int:
    """Return how many papers a week's page has."""
    return len(_ITEM.findall(text))


def _written(section: str) -> int:
    """Return how many papers of a section have a text by a language model."""
    return len(_WRITTEN.findall(section))


def _section(entries: Sequence[Entry], day: date, language: str) -> str:
    """Return a day's papers; those that GitHub would not show are there with title and link."""
    heads = [f"- **[arXiv{day:%y%m%d}] {markdown.label(entry.paper.title)}**" for entry in entries]
    links = [f"  - **link:** https://arxiv.org/pdf/{entry.paper.arxiv_id}" for entry in entries]
    items = [
        "\n".join((head, *_fields(entry, link, language))) + "\n"
        for entry, head, link in zip(entries, heads, links, strict=True)
    ]
    spare = _DAY_BUDGET - sum(map(shared.size, (*heads, *links))) - 3 * len(heads)
    shown, _ = shared.affordable(items, spare)
    short = map("{}\n{}\n".format, heads[shown:], links[shown:])
    return "\n".join((*items[:shown], *short))


def _fields(entry: Entry, link: str, language: str) -> list[str]:
    paper = entry.paper
    summary = entry.text("summary", language)
    fields = summary.fields if summary else {}
    code = fields.get("code") or paper.code_links
    told = [
        ("tags", _tags(fields)),
        ("authors", markdown.label(", ".join(paper.authors))),
        ("institution", markdown.label(", ".join(fields.get("institutions", ())))),
        ("link", link),
        ("code", ", ".join(map(markdown.inline, code))),
        ("contributions", shared.numbered(fields.get("contributions", ()))),
        ("Simple LLM Summary", markdown.label(fields.get("summary", ""))),
    ]
    lines = [text if name == "link" else f"  - **{name}:** {text}" for name, text in told if text]
    if summary:
        lines.append(f"  - _{shared.written_by([summary])}_")
    return lines


def _tags(fields: Mapping[str, object]) -> str:
    """Return field, subfield and keywords, each in brackets; those that are known."""
    keywords = fields.get("keywords", ())
    groups = [fields.get("field"), fields.get("subfield")]
    if isinstance(keywords, Iterable):
        groups.append(", ".join(map(str, keywords)))
    return ", ".join(f"[{markdown.label(str(group))}]" for group in groups if group)
