"""Find where a paper was accepted or published, from its comment and journal reference.

arXiv has no field for it, only advice (https://info.arxiv.org/help/prep.html#comments), so this
parses English prose. No label is better than a wrong one: a paper that was only submitted
somewhere, or that extends another one that was accepted, has no venue. Names, words and phrases
are in `data/venues.toml` and `data/journals.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from daily_papers.data import load
from daily_papers.text.plain import one_line

LONGEST = 40
"""The most characters of a label."""

_READ = 2000
"""Only so many characters of a text are parsed."""
_LOOSE = 4
"""From so many letters on an acronym is recognized in any case."""
_SHORT = 2
"""The digits of a year without its century."""

_TABLES = load("venues")
_MONTHS = frozenset(_TABLES["months"])
_PLAIN = _MONTHS.union(_TABLES["plain"])
_NO_VENUE = _MONTHS.union(_TABLES["no_venue"])
_NO_TITLE = _MONTHS.union(_TABLES["no_title"])


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_ADDRESS = re.compile(r"\w+://\S+|\b10\.\d{4,}/\S+")
_CLAUSE_END = re.compile(
    r"\.(?=\s|$)(?!\s+Workshop)(?<!\b[A-Z]\.)"
    + "".join(rf"(?<!\b{word}\.)" for word in _TABLES["abbreviations"])
    + r"|[;|]|\s(?:--+|–|—)\s"
)
_NOT_ACCEPTED = "".join(f"(?<!{words})" for words in _TABLES["not_accepted"])
_ACCEPTED = re.compile(f"(?:{'|'.join(_TABLES['accepted'])}){_NOT_ACCEPTED}", re.IGNORECASE)
_NOT_THIS_PAPER = _any_of(_TABLES["not_this_paper"])
_OTHER_WORK = re.compile(rf"\b(?:{'|'.join(_TABLES['other_work'])})\b", re.IGNORECASE)
_KINDS = {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in _TABLES["kinds"].items()}
_ASSEMBLY = re.compile(r"\b(?:conference|symposium|congress|meeting|proceedings)\b", re.IGNORECASE)
_SECTION = re.compile(r"\btrack\b|\bspecial (?:session|issue)\b", re.IGNORECASE)
# After a name, where it takes place: this makes no workshop of a conference.
_ASIDE = re.compile(r"\bco-?located\b|\bin conjunction with\b", re.IGNORECASE)

_YEAR_AFTER = re.compile(
    r"[\s)\]]{0,3}(?:(?:conference|main|findings|workshops?)\b\s?){0,2}[,:/(\[\s]{0,3}"
    r"[-–'’‘`´\s]{0,3}((?:19|20)\d\d|[0-2]\d|3[0-5])(?![\dA-Za-z%]|[-–/]\d|[.:]\d"
    r"|[\s-]?(?:pages?|pp|figures?|tables?|main pages|supp))",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<![\w.:/-])(?:19|20)\d\d(?![\w:]|\.\d|/\d)")
_MONTH = re.compile(
    r"(?<!\d )(?<!\d)\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\W*$",
    re.IGNORECASE,
)
_YEAR_BEFORE = re.compile(
    r"((?:19|20)\d\d)\s+(?:(?:\d+(?:st|nd|rd|th)|[A-Za-z/-]+)\s+){0,9}\W{0,2}$", re.IGNORECASE
)
_ORDINAL = re.compile(
    r"\b(?:\d+\s?(?:st|nd|rd|th)|(?:thirty|forty|fifty|sixty)\W\w+|\w+ieth)\b", re.IGNORECASE
)
# An unknown conference with its acronym in brackets, an unknown acronym with a year, ...
_NAMED = re.compile(
    r"\b(?:conference|symposium|congress|meeting|colloquium|forum|workshop)s?\b[^()]{0,150}?"
    r"[({]\s?(?:(?:IEEE|ACM|the)[\s-])?((?-i:[A-Z][A-Za-z&/-]{0,20}\d?[A-Z][A-Za-z]{0,20}|[A-Z][a-z]+"
    r"(?=[\s'’-]+\d)))[\s,'’-]*((?:19|20)?\d\d)?[)}]",
    re.IGNORECASE,
)
_SHORT_YEAR = re.compile(
    r"(?<![\w./@])(i?[A-Z][A-Za-z]{0,20}\d?[A-Z][A-Za-z]{0,20}(?:[&/-][A-Z][A-Za-z]+){0,3})\)?"
    r"(?:,?\s)?[\s('’-]{0,2}((?:19|20)\d\d|[1-3]\d(?=\W*(?:$|[,.;():])))(?!\d|[.:-]\d)"
)
# ... an unknown name with a year, and an unknown title.
_TITLE_YEAR = re.compile(
    r"\b(?:at|to|by|in|for)\s+(?:the\s+)?(?:\d+(?:st|nd|rd|th)\s+)?"
    r"([A-Z][\w&-]*(?:\s(?:(?:and|of|in|for|on|&)\s)?[A-Z][\w&-]*){0,4}),?\s\(?((?:19|20)\d\d)(?!\d|[.:-]\d)"
)
_TITLE = re.compile(
    r"\s*(?:[a-z]+\s+){0,4}?(?:in|by|to|for|at)\s+(?:(?:the|a|journals?|special issue of)[,:]?\s+"
    r"|Elsevier\s+|Springer\s+|MDPI\s+|Elsevier's\s+)*"
    r"([A-Z][\w&-]+(?:[ :]+(?:[A-Z][\w&-]*|of|and|in|on|for|the|with|&))*)\s*(?=[,.;:(\[]|$)"
)
_REFERENCE_TITLE = re.compile(
    r"(?:In:? )?([A-Z][A-Za-z.&\s-]*[A-Za-z.])[\s,:]*(?:\(|v\.|[Vv]ol|\d|$)"
)
_PUBLIC = re.compile(r"\d(?:st|nd|rd|th)\b|\binternational\b|\bIEEE\b|\bACM\b", re.IGNORECASE)
_COUNTS = re.compile(
    r"[^,()]*(?:\d|\b(?:one|two|three|four|five|six))[^\w,()]*(?:[\w-]+[\s-]){0,3}?"
    r"(?:pages?|pp|figures?|figs?|tables?|pgs?|page|appendix|supplementary|algorithms?)\b[^,()]*,?",
    re.IGNORECASE,
)
_FOLLOWING = re.compile(
    r"\s(&(?= )|(?:and|for|of|[A-Z][a-z]+|\d+(?:st|nd|rd|th))\b)|, (?:[A-Z][A-Za-z]+|and)\b"
)
# Up to the next acronym in brackets, if no workshop is named before it.
_OTHER_ACRONYM = re.compile(
    r"(?:(?![Ww]orkshop|\d)[^().;]){1,80}?\((?:IEEE |ACM )?([A-Z][A-Za-z]*[A-Z][A-Za-z]*)"
)
_PART = re.compile(r"[\s-]([A-Z][A-Za-z0-9]*[A-Za-z])(?:[\s'’-]+(?:20)?\d\d\b|\s*$|\s[a-z@])")
_JOINERS = ("and", "&", "for", "of")
_UP_TO_MARK = re.compile(r"(?:(?! [-/] )[^,():\[\]])+")
# The beginning of a longer acronym, such as XAI4CV.
_RUNS_ON = re.compile(r"\d+[A-Za-z]|\d(?!\d)")


@dataclass(frozen=True, slots=True)
class _Name:
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


@dataclass(frozen=True, slots=True)
class _Mention:
    """A known name in a text, from `start` to `end`."""

    start: int
    end: int
    name: _Name


def _name(spelling: str, label: str, *, is_journal: bool, kind: str = "") -> _Name:
    words = tuple(_TOKEN.findall(spelling))
    is_own = spelling == label and is_journal
    is_acronym = " " not in spelling
    is_ambiguous = len(spelling) < _LOOSE or spelling.lower() in _TABLES["ambiguous"]
    is_exact = is_own or kind or (is_acronym and is_ambiguous)
    return _Name(
        tuple(map(str.lower, words)),
        label,
        is_journal,
        words if is_exact else (),
        is_own and not re.search("[A-Z]{2}", label),
        kind,
    )


def _index() -> dict[str, list[_Name]]:
    """Return the known names by their first word, the longest first."""
    found: dict[tuple[str, ...], _Name] = {}
    for table, is_journal in ((_TABLES, False), (load("journals"), True)):
        alone: dict[str, list[str]] = {
            label: [] for label in table["titles" if is_journal else "acronyms"]
        }
        for label, spellings in (alone | table["spellings"]).items():
            for spelling in (label, *spellings):
                names = [_name(spelling, label, is_journal=is_journal)]
                if len(spelling) >= _LOOSE and spelling.isalpha() and not is_journal:
                    for letter, kind in (("W", "Workshop"), ("F", "Findings")):
                        names.append(_name(spelling + letter, label, is_journal=False, kind=kind))
                found |= {name.words: name for name in names}
    index: dict[str, list[_Name]] = {}
    for name in sorted(found.values(), key=lambda name: -len(name.words)):
        index.setdefault(name.words[0], []).append(name)
    return index


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
    title = _REFERENCE_TITLE.match(reference)
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
        if not mention.name.is_title or (_is_plain(between) and not _ASSEMBLY.search(between)):
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
        begin = _NAMED.search(clause) or _SHORT_YEAR.search(clause)
        is_first = begin and _is_plain(_COUNTS.sub("", clause[: begin.start()]))
        return _unknown(clause) if is_first else ""
    place = 1 if mentions[0].name.is_journal and len(mentions) > 1 else 0
    first = mentions[place]
    lead, tail = clause[: first.start], _UP_TO_MARK.match(clause, first.end)
    label = _label(clause, mentions, place)
    has_year = label[-4:].isdigit() or bool(_YEAR.search(label))
    if label.endswith(" Workshop"):
        return label if has_year or lead.endswith("@") else ""
    is_edition = len(first.name.words) > _SHORT and _ORDINAL.search(lead)
    if not (has_year or is_edition or label.endswith(" Findings")) or not _is_plain(
        _COUNTS.sub("", lead)
    ):
        return ""
    is_whole = tail is None or _is_plain(tail[0]) or tail[0].endswith(" track")
    return label if is_whole or label.endswith(" Symposium") else ""


def _unknown(text: str) -> str:
    """Return the label of a venue in no table: an acronym with a year, or a name with a year."""
    named = _NAMED.search(text)
    short = next(
        (found for found in _SHORT_YEAR.finditer(text) if found[1].lower() not in _NO_VENUE), None
    )
    found = named if named and (short is None or named.start() <= short.start()) else short
    if found is None:
        found = _TITLE_YEAR.search(text)
        words = found[1].lower().split() if found else []
        if not found or all(word in _PLAIN | _NO_VENUE for word in words) or words[-1] in _MONTHS:
            return ""
    kind = _kind(text)
    if (
        found[1].lower() in _NO_VENUE
        or _OTHER_WORK.search(text[: found.start()])
        or kind in ("Competition", "Challenge")
    ):
        return ""
    year = _full_year(found[2] or "") or _year(text, found.start(), found.end(), len(text))
    return _fit(found[1], year, kind) if year or _PUBLIC.search(text, 0, found.end()) else ""


def _unknown_title(text: str) -> str:
    """Return the title of a journal in no table, if it cannot be anything else."""
    title = _TITLE.match(text)
    words = title[1].lower().replace("-", " ").split() if title else []
    if title is None or len(words) == 1 or not _NO_TITLE.isdisjoint(words):
        return ""
    is_cut = words[-1] in _PLAIN - {"systems", "research", "journal", "resources"}
    return "" if is_cut else _fit(title[1])


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
            part = tokens[place : place + len(name.words)]
            if tuple(words[place : place + len(name.words)]) == name.words and _is_meant(
                text, part, name
            ):
                start, end = token.start(), part[-1].end()
                last = found[-1] if found else None
                if last and last.name.label == name.label and start - last.end < LONGEST // 2:
                    merged = replace(last.name, kind=last.name.kind or name.kind)
                    found[-1] = replace(last, end=end, name=merged)
                elif (
                    last
                    and len(last.name.words) > _SHORT
                    and text[last.end : start].strip() in ("(", ":", "- (")
                ):
                    found[-1] = _Mention(last.start, end, name)
                else:
                    found.append(_Mention(start, end, name))
                break
    return found


def _is_meant(text: str, tokens: list[re.Match[str]], name: _Name) -> bool:
    """Whether these words of `text`, which are those of a name, mean its venue."""
    end = tokens[-1].end()
    exact = tuple(token[0] for token in tokens)
    if len(tokens) == 1 and _RUNS_ON.match(text, end):
        return False
    is_capitals = len(tokens) == 1 and exact[0].isupper() and len(exact[0]) > _SHORT
    if name.exact and name.exact != exact and not is_capitals:
        return False
    following = _FOLLOWING.match(text, end)
    if following is None or not (len(tokens) > _SHORT or name.is_journal):
        return True
    # The name may go on as a longer one of another venue.
    acronym = _OTHER_ACRONYM.match(text, end)
    if acronym:
        return any(known.label == name.label for known in _INDEX.get(acronym[1].lower(), ()))
    word = following[1]
    return word is None or (word not in _JOINERS and word.lower() in _PLAIN)


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
        year = _YEAR_AFTER.match(text, mention.end)
        return _fit(name.label, year[1] if year and len(year[1]) > _SHORT else "")
    aside = _ASIDE.search(text, mention.end, end)
    kind = name.kind or _kind(text[start : aside.start() if aside else end])
    part = _PART.match(text, mention.end)
    if kind != "SRW" and (_is_within(between) or (part and not _is_plain(part[1]))):
        kind = "Workshop"
    return _fit(name.label, _year(text, mention.start, mention.end, end), kind)


def _is_within(between: str) -> bool:
    """Whether the words between an acceptance and a conference name something held at it."""
    words = [word for word in _TOKEN.findall(between) if word.lower() not in _PLAIN]
    has_name = any(word[0].isupper() for word in words)
    return has_name and not _ASSEMBLY.search(between) and not _SECTION.search(between)


def _year(text: str, start: int, end: int, limit: int) -> str:
    after = _YEAR_AFTER.match(text, end)
    if after:
        later = _YEAR.search(text, after.end(), limit) if len(after[1]) == _SHORT else None
        # "HPCA-32, 2026" counts its meetings.
        return later[0] if later and text[after.start(1) - 1] == "-" else _full_year(after[1])
    before = _YEAR_BEFORE.search(text[max(0, start - 120) : start])
    if before:
        return before[1]
    later = _YEAR.search(text, start, limit)
    if later and not _MONTH.search(text[end : later.start()]):
        return later[0]
    earlier = set(_YEAR.findall(text[:start]))
    return earlier.pop() if len(earlier) == 1 else ""


def _full_year(year: str) -> str:
    return f"20{year}" if len(year) == _SHORT else year


def _kind(text: str) -> str:
    return next((kind for kind, pattern in _KINDS.items() if pattern.search(text)), "")


def _fit(name: str, year: str = "", kind: str = "") -> str:
    """Return a label of these parts, or nothing if it would be too long."""
    label = one_line(f"{name} {year} {'' if kind in name else kind}")
    return label if len(label) <= LONGEST else ""
