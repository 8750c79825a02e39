"""Find where a paper was accepted or published, from its comment and journal reference.

arXiv has no field for it, only advice (https://info.arxiv.org/help/prep.html#comments), so this
parses English prose. No label is better than a wrong one: a paper that was only submitted
somewhere, or that extends another one that was accepted, has no venue. Names, words and phrases
are in `data/venues.toml` and `data/journals.toml`.
"""

import re
from collections import defaultdict
from typing import NamedTuple

from daily_papers.data import load
from daily_papers.text.white_space import one_line

LONGEST = 40
"""The most characters of a label."""

_READ = 2000  # Only so many characters of a text are parsed.
_LOOSE = 4  # From so many letters on an acronym is recognized in any case.
_SHORT = 2  # The digits of a year without its century.
_LONG = 3  # From so many words on a name is spelled out.

_TABLES = load("venues")
_MONTHS = frozenset(_TABLES["months"])
_PLAIN = _MONTHS.union(_TABLES["plain"])
_NO_VENUE = _MONTHS.union(_TABLES["no_venue"])
_NO_TITLE = _MONTHS.union(_TABLES["no_title"])

_TOKEN = re.compile(r"[^\W\d_]+(?:\d[^\W\d_]+)*|\d+")
_ADDRESS = re.compile(r"\b\w+://\S+|\b10\.\d{4,}/\S+")
_CLAUSE_END = re.compile(
    r"\.(?=\s|$)(?!\s+Workshop)(?<!\b[A-Z]\.)"
    + "".join(rf"(?<!\b{word}\.)" for word in _TABLES["abbreviations"])
    + r"|[;|]|\s(?:--+|–|—)\s"
)
_NOT_ACCEPTED = "".join(f"(?<!{words})" for words in _TABLES["not_accepted"])
_ACCEPTED = re.compile(f"(?i)(?:{'|'.join(_TABLES['accepted'])}){_NOT_ACCEPTED}")
_NOT_THIS_PAPER = re.compile(f"(?i){'|'.join(_TABLES['not_this_paper'])}")
_OTHER_WORK = re.compile(rf"(?i)\b(?:{'|'.join(_TABLES['other_work'])})\b")
_KINDS = {kind: re.compile(f"(?i){pattern}") for kind, pattern in _TABLES["kinds"].items()}
# Words of the conference's own name, or of a part of it that is no workshop.
_OWN = re.compile(
    r"(?i)\b(?:conference|symposium|congress|meeting|proceedings|track|special (?:session|issue))\b"
)
# After a name, where it takes place: this makes no workshop of a conference.
_ASIDE = re.compile(r"(?i)\bco-?located\b|\bin conjunction with\b")

_PATTERNS = {name: re.compile(p, re.VERBOSE) for name, p in _TABLES["patterns"].items()}
_YEAR = re.compile(r"(?<![\w.:/-])(?:19|20)\d\d(?![\w:]|[.–/]\d)")
_YEAR_BEFORE = re.compile(r"\b((?:19|20)\d\d)\s[^,.;:()]{0,100}$")
_MONTH = re.compile(rf"(?i)(?<!\d )(?<!\d)\b(?:{'|'.join(_TABLES['months'])})\W*$")
_ORDINAL = re.compile(
    r"(?i)\b(?:\d+\s?(?:st|nd|rd|th)|(?:thirty|forty|fifty|sixty)\W\w+|\w+ieth)\b"
)
_FOLLOWING = re.compile(
    r"\s(&(?= )|(?:and|for|of|[A-Z][a-z]+|\d+(?:st|nd|rd|th))\b)|, (?:[A-Z][A-Za-z]+|and)\b"
)
_PART = re.compile(r"[\s-]([A-Z][A-Za-z0-9]*[A-Za-z])(?:[\s'’-]+(?:20)?\d\d\b|\s*$|\s[a-z@])")
_UP_TO_MARK = re.compile(r"(?:(?! [-/] )[^,():\[\]])*")


class _Name(NamedTuple):
    """A spelling of a venue."""

    words: tuple[str, ...]
    label: str
    is_journal: bool
    exact: tuple[str, ...] = ()
    """The words in their own case, if they mean the venue in no other."""
    is_title: bool = False
    """Whether it is a journal's title, which consists of common words."""
    kind: str = ""
    """What a letter after the acronym means: CVPRW, CVPRF."""


class _Mention(NamedTuple):
    """A known name in a text, from `start` to `end`."""

    start: int
    end: int
    name: _Name


def _name(spelling: str, label: str, *, is_journal: bool, kind: str = "") -> _Name:
    words = tuple(_TOKEN.findall(spelling))
    is_own = spelling == label and is_journal
    is_ambiguous = len(spelling) < _LOOSE or spelling.lower() in _TABLES["ambiguous"]
    exact = words if is_own or kind or (is_ambiguous and " " not in spelling) else ()
    is_title = is_own and not re.search("[A-Z]{2}", label)
    return _Name(tuple(map(str.lower, words)), label, is_journal, exact, is_title, kind)


def _index() -> dict[str, list[_Name]]:
    """Return the known names by their first word, the longest first."""
    found: list[_Name] = []
    for table, is_journal in ((_TABLES, False), (load("journals"), True)):
        names: dict[str, list[str]] = {name: [] for name in table["names"]} | table["spellings"]
        for label, spellings in names.items():
            found += (_name(name, label, is_journal=is_journal) for name in (label, *spellings))
            if len(label) >= _LOOSE and not is_journal:
                found.append(_name(f"{label}W", label, is_journal=False, kind="Workshop"))
                found.append(_name(f"{label}F", label, is_journal=False, kind="Findings"))
    index: dict[str, list[_Name]] = defaultdict(list)
    unique = {name.words: name for name in found}.values()
    for name in sorted(unique, key=lambda name: -len(name.words)):
        index[name.words[0]].append(name)
    return dict(index)


_INDEX = _index()


def venue_of(comment: str, journal_ref: str) -> str:
    """Return where a paper was accepted or published, as a short label on one line.

    A conference has its year where the text gives it, and the kind of paper: `CVPR 2025`,
    `EMNLP 2025 Findings`, `ICML 2026 Workshop`, `IEEE TPAMI`. Empty if the text does not say. The
    journal reference goes before the comment, and an acceptance before a mere name.
    """
    label = _of_reference(one_line(journal_ref[:_READ])) if journal_ref else ""
    return label or (_of_comment(comment[:_READ]) if comment else "")


def _of_comment(comment: str) -> str:
    bare = ""
    for clause in map(str.strip, _CLAUSE_END.split(one_line(_ADDRESS.sub(" ", comment)))):
        accepted, other = _ACCEPTED.search(clause), _NOT_THIS_PAPER.search(clause)
        if other and (accepted is None or other.start() < accepted.start()):
            continue
        if accepted is None:
            bare = bare or _named(clause)
            continue
        label = _accepted(clause[: other.start()] if other else clause, accepted)
        if label and not (bare and label.endswith(" Workshop")):
            return label
    return bare


def _of_reference(reference: str) -> str:
    mentions = _mentions(reference)
    if mentions and (not mentions[0].name.is_title or mentions[0].start == 0):
        return _label(reference, mentions, 0)
    title = _PATTERNS["reference_title"].match(reference)
    label = _unknown(reference)
    if label or title is None or not _NO_TITLE.isdisjoint(title[1].lower().split()):
        return label
    return _fit(re.sub(r"\.(?=\w)", ". ", title[1]))


def _accepted(clause: str, accepted: re.Match[str]) -> str:
    """Return what a clause with an acceptance names after it, or else before it."""
    mentions = _mentions(clause)
    for place, mention in enumerate(mentions):
        between = clause[accepted.end() : mention.start]
        if mention.start < accepted.end() - 1:
            continue
        if _OTHER_WORK.search(between):
            break
        if not mention.name.is_title or (_is_plain(between) and not _OWN.search(between)):
            return _label(clause, mentions, place, accepted.end() if place else 0, between)
    label = _unknown(clause[accepted.end() :])
    if label:
        return label
    lead = clause[: accepted.start()]
    is_before = mentions and mentions[0].end <= len(lead) + 1
    if is_before and not mentions[0].name.is_title and not _OTHER_WORK.search(lead):
        lead = lead[: mentions[0].start]
        return _label(clause, mentions, 0, 0, lead if "@" in lead else "")
    return _unknown(lead) or _unknown_title(clause[accepted.end() :])


def _named(clause: str) -> str:
    """Return what a clause without an acceptance names, if it does nothing else."""
    mentions = [mention for mention in _mentions(clause) if not mention.name.is_title]
    if _OTHER_WORK.search(clause[: mentions[0].start] if mentions else clause):
        return ""
    if not mentions:
        begin = _PATTERNS["named"].search(clause) or _PATTERNS["acronym_and_year"].search(clause)
        is_first = begin and _is_plain(_PATTERNS["counts"].sub("", clause[: begin.start()]))
        return _unknown(clause) if is_first else ""
    place = 1 if mentions[0].name.is_journal and len(mentions) > 1 else 0
    name, start, end = mentions[place].name, mentions[place].start, mentions[place].end
    lead, tail = clause[:start], _UP_TO_MARK.match(clause, end)
    label = _label(clause, mentions, place)
    has_year = _YEAR.search(label) is not None
    if label.endswith(" Workshop"):
        return label if has_year or lead.endswith("@") else ""
    is_edition = len(name.words) >= _LONG and _ORDINAL.search(lead)
    is_certain = has_year or is_edition or label.endswith(" Findings")
    is_whole = tail is None or _is_plain(tail[0]) or tail[0].endswith(" track")
    is_alone = _is_plain(_PATTERNS["counts"].sub("", lead)) and (
        is_whole or label.endswith(" Symposium")
    )
    return label if is_certain and is_alone else ""


def _unknown(text: str) -> str:
    """Return the label of a venue in no table: an acronym with a year, or a name with a year."""
    named = _PATTERNS["named"].search(text)
    short = next(
        (
            found
            for found in _PATTERNS["acronym_and_year"].finditer(text)
            if found[1].lower() not in _NO_VENUE
        ),
        None,
    )
    found = named if named and (short is None or named.start() <= short.start()) else short
    if found is None:
        return ""
    kind = _kind(text)
    is_other = kind in ("Competition", "Challenge") or _OTHER_WORK.search(text[: found.start()])
    if is_other or found[1].lower() in _NO_VENUE:
        return ""
    own = found[2] and f"20{found[2]}"[-4:]
    return _fit(found[1], own or _year(text, found.start(), found.end(), len(text)), kind)


def _unknown_title(text: str) -> str:
    """Return the title of a venue in no table, if it cannot be anything else."""
    title = _PATTERNS["title"].match(text)
    words = title[1].lower().replace("-", " ").split() if title else []
    if title is None or (len(words) == 1 and not title[2]) or not _MONTHS.isdisjoint(words):
        return ""
    if title[2]:
        return "" if _PLAIN.union(_NO_VENUE).issuperset(words) else _fit(title[1], title[2])
    is_cut = words[-1] in _PLAIN - {"systems", "research", "journal", "resources"}
    return "" if is_cut or not _NO_TITLE.isdisjoint(words) else _fit(title[1])


def _mentions(text: str) -> list[_Mention]:
    """Return the known venues that `text` names, in order."""
    tokens = list(_TOKEN.finditer(text))
    words = [token[0].lower() for token in tokens]
    found: list[_Mention] = []
    for place, token in enumerate(tokens):
        if found and token.start() < found[-1].end:
            continue
        is_inside = token.start() and text[token.start() - 1].isalnum() and not token[0].isdigit()
        for name in () if is_inside else _INDEX.get(words[place], ()):
            count = len(name.words)
            part = tokens[place : place + count]
            if name.words == tuple(words[place : place + count]) and _is_meant(text, part, name):
                _add(found, _Mention(token.start(), part[-1].end(), name), text)
                break
    return found


def _add(found: list[_Mention], mention: _Mention, text: str) -> None:
    """Add a mention, or merge it with the last one if both name the same venue."""
    last = found[-1] if found else mention
    gap = text[last.end : mention.start]
    if last.name.label == mention.name.label and gap and len(gap) < LONGEST // 2:
        kind = last.name.kind or mention.name.kind
        found[-1] = _Mention(last.start, mention.end, last.name._replace(kind=kind))
    elif len(last.name.words) >= _LONG and gap.strip() in ("(", ":", "- ("):
        found[-1] = mention._replace(start=last.start)
    else:
        found.append(mention)


def _is_meant(text: str, tokens: list[re.Match[str]], name: _Name) -> bool:
    """Whether these words of `text`, which are those of a name, mean its venue."""
    end = tokens[-1].end()
    exact = tuple(token[0] for token in tokens)
    is_capitals = len(tokens) == 1 and exact[0].isupper() and len(exact[0]) >= _LONG
    if name.exact and name.exact != exact and not is_capitals:
        return False
    # A name may go on as the longer one of another venue.
    is_long = name.is_title or len(tokens) >= (_SHORT if name.is_journal else _LONG)
    following = _FOLLOWING.match(text, end) if is_long else None
    acronym = _PATTERNS["acronym_follows"].match(text, end) if following else None
    if acronym:
        return any(known.label == name.label for known in _INDEX.get(acronym[1].lower(), ()))
    word = following and following[1]
    return not word or (not name.is_journal and word.lower() in _PLAIN - {"and", "for", "of"})


def _is_plain(text: str) -> bool:
    """Whether no word of `text` can be part of a name."""
    return all(word.lower() in _PLAIN or word.isdigit() for word in _TOKEN.findall(text))


def _label(
    text: str, mentions: list[_Mention], place: int, start: int = 0, between: str = ""
) -> str:
    mention = mentions[place]
    name = mention.name
    others = (other.start for other in mentions[place + 1 :] if other.name.label != name.label)
    end = next(others, len(text))
    if name.is_journal:
        year = _PATTERNS["year_after"].match(text, mention.end)
        return _fit(name.label, year[1] if year and len(year[1]) > _SHORT else "")
    aside = _ASIDE.search(text, mention.end, end)
    kind = name.kind or _kind(text[start : aside.start() if aside else end])
    part = _PART.match(text, mention.end)
    # Other names between an acceptance and a conference are of something held at it.
    capitals = " ".join(re.findall(r"\b[A-Z]\w*", between))
    is_within = not (_is_plain(capitals) or _OWN.search(between))
    if kind != "SRW" and (is_within or (part and not _is_plain(part[1]))):
        kind = "Workshop"
    return _fit(name.label, _year(text, mention.start, mention.end, end), kind)


def _year(text: str, start: int, end: int, limit: int) -> str:
    after = _PATTERNS["year_after"].match(text, end)
    if after:
        later = _YEAR.search(text, after.end(), limit) if len(after[1]) == _SHORT else None
        # "HPCA-32, 2026" counts its meetings.
        return later[0] if later and text[after.start(1) - 1] == "-" else f"20{after[1]}"[-4:]
    if before := _YEAR_BEFORE.search(text[:start]):
        return before[1]
    later = _YEAR.search(text, start, limit)
    if later and not _MONTH.search(text[end : later.start()]):
        return later[0]
    earlier = set(_YEAR.findall(text[:start]))
    return earlier.pop() if len(earlier) == 1 else ""


def _kind(text: str) -> str:
    return next((kind for kind, pattern in _KINDS.items() if pattern.search(text)), "")


def _fit(name: str, year: str = "", kind: str = "") -> str:
    """Return a label of these parts, or nothing if it would be too long."""
    label = one_line(f"{name} {year} {'' if kind in name else kind}")
    return label if len(label) <= LONGEST else ""
