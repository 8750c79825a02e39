"""Show what a line of keywords.txt would find, before it is added: from arXiv or the store."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from daily_papers.arxiv.paced_requests import PoliteSession, api_key_of, stamp_of
from daily_papers.arxiv.search_api import SearchApi
from daily_papers.clock import Clock, SystemClock
from daily_papers.errors import DailyPapersError, InputError
from daily_papers.progress import add_to_summary, progress
from daily_papers.publish.git import Git
from daily_papers.read_user_files import load_known_store
from daily_papers.settings import (
    SETTINGS_FILES,
    Environment,
    Settings,
    load_environment,
    load_settings,
    settings_in,
)
from daily_papers.store.entry_types import Entry, Store, newest_first, sort_time
from daily_papers.store.paper import Paper
from daily_papers.store.topic_states import state_for
from daily_papers.text.markdown import clean, code_block
from daily_papers.topics.arxiv_query import (
    MAX_ENCODED,
    arxiv_query,
    compile_expression,
    encoded_length,
    restricted,
)
from daily_papers.topics.keywords import KEYWORDS, Topic, parse_keywords, read_keywords
from daily_papers.topics.matching import Matcher, matcher_of
from daily_papers.topics.phrase_advice import remarks, what_to_try
from daily_papers.topics.query_tree import And, Or, Search, print_exclusion, print_expression

MOST_PARTS = 10  # alternatives, and exclusions, that get a request of their own
WEEK = timedelta(days=7)
SHOWN = 10  # papers in a list
_REMOVED = "removed by"


def run(*, root: Path, expression: str | None, diff: bool, base: str, now: datetime | None) -> None:
    """Print the preview, and add it to the step summary. Raises InputError."""
    if diff == (expression is not None):
        raise InputError(["preview: give either an expression in quotation marks, or --diff"])
    environment = load_environment()
    if expression is not None:
        stamp = stamp_of(environment.arxiv_api_url)
        text = preview(expression, root, environment, SystemClock(), now=now, stamp=stamp)
        heading = "## What the line finds"
    else:
        text = preview_diff(root, base)
        heading = "## What the change of keywords.txt brings"
    print(text)
    add_to_summary(f"{heading}\n\n{code_block(text)}\n", environment)


def preview(
    text: str,
    root: Path,
    environment: Environment,
    clock: Clock,
    *,
    now: datetime | None = None,
    stamp: Path | None = None,
) -> str:
    """Return what arXiv finds for a line of keywords.txt: in all, last week, and by each part.

    `stamp` keeps the pace between runs, see PoliteSession. Raises InputError and FetchError.
    """
    settings = load_settings(root)
    topics = parse_keywords(text, "expression")
    if len(topics) > 1:
        raise InputError(["expression:2: it has several lines; preview them one by one"])
    (topic,) = topics
    query = arxiv_query(topic, settings.categories)
    if encoded_length(query) > MAX_ENCODED:
        raise InputError(
            [f"expression:1:1: its query is longer than {MAX_ENCODED} characters; make two of it"]
        )
    now = now or clock.now()
    parts = list(_parts(topic, settings))
    queries = [
        ("newest", query),
        # The filter is in GMT, and applies to version 1:
        # https://info.arxiv.org/help/api/user-manual.html#query_details
        ("week", f"(({query}) AND submittedDate:[{now - WEEK:%Y%m%d%H%M} TO {now:%Y%m%d%H%M}])"),
        *parts,
    ]
    with PoliteSession(
        user_agent=environment.user_agent,
        clock=clock,
        deadline=clock.monotonic() + settings.deadline_minutes * 60,
        stamp=stamp,
        key=api_key_of(environment),
    ) as session:
        api = SearchApi(session, environment.arxiv_api_url, clock, now)
        newest, week, *others = (
            api.page(one, 0, SHOWN if one == query else 1, sort=settings.sort, known=0)
            for _, one in progress(queries, [label for label, _ in queries])
        )
    lines = [
        f"heading:   {clean(topic.name)}",
        f"query:     {query}",
        *(f"note:      {remark}" for remark in remarks(topic.query)),
        f"hits:      {newest.total:,}",
        f"last week: {week.total:,} submitted for the first time",
        "",
    ]
    lines += [f"{label}: {page.total:,}" for (label, _), page in zip(parts, others, strict=True)]
    if parts:
        lines.append("")
    labelled = zip(parts, others, strict=True)
    is_removed = any(label.startswith(_REMOVED) and page.total for (label, _), page in labelled)
    if newest.total == 0 and is_removed:
        lines.append("The exclusions remove all that the words find; take one out.")
    elif newest.total == 0:
        lines += [
            "Nothing was found. arXiv also says so when it is out of order; try again.",
            f"Otherwise, {what_to_try(topic.query)}.",
        ]
    else:
        lines.append(f"The newest {len(newest.papers)}:")
        lines += [_line(paper, settings.sort) for paper in newest.papers]
    return "\n".join(lines)


def _line(paper: Paper, sort: str) -> str:
    return f"  {sort_time(paper, sort):%Y-%m-%d}  {paper.versioned_id}  {clean(paper.title)}"


def _parts(topic: Topic, settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield label and query for what only one alternative finds, and what an exclusion removes."""
    search = topic.query
    if not isinstance(search, Search):
        return
    within = topic.categories(settings.categories)
    alternatives = search.alternatives
    if len(alternatives) > 1:
        for number, one in enumerate(alternatives[:MOST_PARTS]):
            others = (*alternatives[:number], *alternatives[number + 1 :], *search.exclusions)
            query = f"({compile_expression(one)} ANDNOT {compile_expression(Or(others))})"
            yield f"only through {print_expression(one)}", restricted(query, within)
    for phrase in search.exclusions[:MOST_PARTS]:
        query = compile_expression(And((search.expression, phrase)))
        yield f"{_REMOVED} {print_exclusion(phrase)}", restricted(query, within)


def preview_diff(root: Path, base: str) -> str:
    """Return which papers of the store keywords.txt gains and loses against the commit `base`.

    Raises InputError, StoreError, and DailyPapersError if there is no such commit.
    """
    settings = load_settings(root)
    topics = read_keywords(root)
    old_settings, old_topics, faults = _committed(root, base, settings)
    store = load_known_store(root)
    lines = list(faults)
    if store is None:
        lines.append("There is no store yet: the first night fills every topic.")
    old_queries = {one.name: arxiv_query(one, old_settings.categories) for one in old_topics}
    queries = {one.name: arxiv_query(one, settings.categories) for one in topics}
    renamed = {
        new: old
        for new, query in queries.items()
        if new not in old_queries
        for old, old_query in old_queries.items()
        if old not in queries and old_query == query
    }
    old_matchers = {one.name: matcher_of(one, old_settings.categories) for one in old_topics}
    same = 0
    for topic in topics:
        name = topic.name
        if old_queries.get(name) == queries[name]:
            same += 1
        elif name in renamed:
            lines.append(f"= {clean(renamed[name])} becomes {clean(name)} and keeps its papers")
        else:
            lines += _change(topic, old_matchers, queries[name], settings, store)
    for name in old_queries:
        if name not in queries and name not in renamed.values():
            count = len(store.table(name, settings.max_papers)) if store else 0
            is_known = store is not None and name in store.topics
            what = f"; its {count} papers stay in the store" if is_known else ""
            lines.append(f"- {clean(name)}: removed, with its page{what}")
    if same == len(topics) == len(old_topics) and not faults:
        lines.append(f"{KEYWORDS} asks for the same as in {base}.")
    elif same:
        lines.append(f"{same} of {len(topics)} topics stay as they are.")
    return "\n".join(lines)


def _change(
    topic: Topic,
    old_matchers: Mapping[str, Matcher | None],
    query: str,
    settings: Settings,
    store: Store | None,
) -> list[str]:
    """Return the lines about a topic that is new or has a new query.

    `old_matchers` has the topics before the change.
    """
    name = clean(topic.name)
    is_known = topic.name in old_matchers
    is_fetched = bool(store and state_for(store, topic, query, settings.sort))
    head = f"~ {name}: changed" if is_known else f"+ {name}: added"
    if store is None:
        head += "; the first night fetches it, and its notice lists the newest"
    elif is_fetched:
        head = f"= {name}: the store has it already"
    else:
        head += "; the next night fetches it anew, and the notice does not list its past"
    matcher = matcher_of(topic, settings.categories)
    if matcher is None:
        return [head, "  only arXiv can tell what it finds: it is in arXiv's own syntax"]
    if store is None:
        return [head]
    entries = newest_first(store.entries.values(), store.sort)
    had = {one.paper.arxiv_id for one in store.table(topic.name, settings.max_papers)}
    if is_fetched and (old := old_matchers.get(topic.name)):
        # The table was fetched with the new query: it does not tell what the old one had.
        had = {one.paper.arxiv_id for one in entries if old.matches(one.paper)}
    matching = {one.paper.arxiv_id for one in entries if matcher.matches(one.paper)}
    gained = [one for one in entries if one.paper.arxiv_id in matching - had]
    lost = [one for one in entries if one.paper.arxiv_id in had - matching]
    count = f"of the {len(entries):,} papers in the store"
    if not is_known:
        return [head, f"  {len(matching)} {count} match", *_listed("+", gained, store.sort)]
    return [
        head,
        f"  {count}: {len(gained)} gained, {len(lost)} lost, {len(had & matching)} stay",
        *_listed("+", gained, store.sort),
        *_listed("-", lost, store.sort),
    ]


def _listed(sign: str, entries: Sequence[Entry], sort: str) -> list[str]:
    lines = [f"  {sign} {_line(one.paper, sort).strip()}" for one in entries[:SHOWN]]
    if len(entries) > SHOWN:
        lines.append(f"  {sign} and {len(entries) - SHOWN:,} more")
    return lines


def _committed(
    root: Path, base: str, settings: Settings
) -> tuple[Settings, tuple[Topic, ...], list[str]]:
    """Return settings and topics of a commit, and remarks if they cannot be used."""
    git = Git(root)
    if git.run("rev-parse", "--git-dir").code:
        raise DailyPapersError(
            f"{root}: it is not in a git repository, so there is no earlier {KEYWORDS} to compare "
            "with; run this in a clone"
        )
    if not git.commit_id(f"{base}^{{commit}}"):
        raise DailyPapersError(f"{root}: git knows no commit {base!r} here; give another --base")
    remarks = []
    topics: tuple[Topic, ...] = ()
    try:
        topics = parse_keywords((git.show(base, KEYWORDS) or "").removeprefix("\ufeff"))
    except InputError:
        remarks.append(
            f"{KEYWORDS} in {base} is missing or cannot be used; every topic counts as new."
        )
    old = settings
    try:
        shown = {name: git.show(base, name) for name in SETTINGS_FILES}
        texts = {name: text.removeprefix("\ufeff") for name, text in shown.items() if text}
        old = settings_in(texts) if texts else settings
    except InputError as error:
        problem = str(error).partition(":")[0]
        remarks.append(f"{problem} in {base} cannot be used; the settings count as they are now.")
    return replace(old, sort=settings.sort), topics, remarks
