import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import VirtualClock
from daily_papers.commands.notify import pending_notice
from daily_papers.commands.render import render
from daily_papers.commands.update import Update
from daily_papers.errors import InputError
from daily_papers.ranking.followed_authors import FollowedAuthors, read_authors
from daily_papers.ranking.nearness import Nearness, Words
from daily_papers.ranking.seed_bibtex import parse_bibtex
from daily_papers.ranking.seed_file import Seed, parse_seeds, read_seeds
from daily_papers.settings import Environment, Settings
from daily_papers.store.entry_types import SeedPaper
from daily_papers.store.store_file import SEEDS
from factories import make_paper, make_topics, whole_store
from standins.arxiv import FakeArxiv, Fault, Record
from test_update import snapshot

TOPICS = make_topics("Neural Widgets", "Quantum Teapots")
FIRST = datetime(2026, 11, 24, 5, 37, tzinfo=UTC)  # a Tuesday


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("2412.19178", "2412.19178"),
        ("  2412.19178v3  # read it", "2412.19178"),
        ("arXiv:2412.19178 [cs.CV]", "2412.19178"),
        ("https://arxiv.org/pdf/2412.19178v1.pdf", "2412.19178"),
        ("https://www.alphaxiv.org/abs/2412.19178", "2412.19178"),
        ("https://huggingface.co/papers/2412.19178#comments", "2412.19178"),
        ("math.GT/0309136", "math/0309136"),
        ("10.48550/arXiv.2412.19178", "2412.19178"),
        ("https://doi.org/10.1103/PhysRevLett.116.061102", "10.1103/physrevlett.116.061102"),
    ],
)
def test_a_line_is_an_identifier_an_address_or_a_doi(line: str, key: str) -> None:
    """What people copy from pages names the paper."""
    assert parse_seeds(line, TOPICS) == [Seed(key, place="seeds.txt:1")]


def test_minus_and_headings() -> None:
    """A minus stands for what is not wanted, a heading for the topic of what follows."""
    text = "# mine\n2412.00001\n- 2412.00002\n\n[quantum  teapots]\n-2412.00003\n2412.00001\n"
    assert [(one.key, one.is_negative, one.topic) for one in parse_seeds(text, TOPICS)] == [
        ("2412.00001", False, ""),
        ("2412.00002", True, ""),
        ("2412.00003", True, "Quantum Teapots"),
        ("2412.00001", False, "Quantum Teapots"),
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("2412.00001\n  Ada Lovelace\n", "seeds.txt:2:3: this is no arXiv identifier"),
        ("[Teapots of Quantum]\n", "seeds.txt:1:1: keywords.txt has no topic"),
        ("[Quantum Teapot]\n", "did you mean [Quantum Teapots]?"),
        ("2412.00001\n-2412.00001v2\n", "seeds.txt:2:1: it is wanted and unwanted; line 1"),
        ("-\n", "seeds.txt:1:1: this is no arXiv identifier"),
        ("<script>\x00\u202e" + "x" * 5000, "seeds.txt:1:1: this is no arXiv identifier"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(text: str, problem: str) -> None:
    """An error has file, line and column, and says what to write."""
    with pytest.raises(InputError) as caught:
        parse_seeds(text, TOPICS)
    assert problem in str(caught.value)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever is in the file, it has seeds or errors with a line."""
    seeds: list[Seed] = []
    problems: tuple[str, ...] = ()
    try:
        seeds = parse_seeds(text, TOPICS)
    except InputError as error:
        problems = error.problems
    assert all(one.startswith("seeds.txt:") for one in problems)
    assert all(one.key for one in seeds)


ZOTERO = r"""
@misc{vaswani_attention_2023,
	title = {Attention {Is} {All} {You} {Need}},
	url = {http://arxiv.org/abs/1706.03762},
	doi = {10.48550/arXiv.1706.03762},
	abstract = {The dominant sequence models.},
	month = aug,
	note = {arXiv:1706.03762 [cs]},
}
@article{lecun_2015,
	title = {Deep learning of Schr{\"o}dinger's cats},
	doi = {10.1038/nature14539},
	abstract = {50\% of {CATs}.},
}
"""
JABREF = r"""% Encoding: UTF-8
@Article{Kipf2016,
  author        = {Thomas N. Kipf and Max Welling},
  title         = {Semi-Supervised Classification},
  eprint        = {1609.02907v4},
  archiveprefix = {arXiv},
}
@Article{Kipf2016, title = {Of the same key}, journal = {arXiv preprint arXiv:1611.07308}}
@Article{a, title = {Twice}, title = {Again}, doi = {https://doi.org/10.1103/PhysRevLett.116.06}}
@Comment{jabref-meta: databaseType:bibtex;}
"""


def test_exports_of_zotero_and_jabref_are_read() -> None:
    """An identifier may stand in any of the fields that programs use; else the text counts."""
    assert [one[:1] + one[1:2] for one in parse_bibtex(ZOTERO)] == [
        ("1706.03762", "Attention Is All You Need"),
        ("", "Deep learning of Schrödinger's cats"),
    ]
    assert parse_bibtex(ZOTERO)[1][2] == "50% of CATs."
    keys = [one[0] for one in parse_bibtex(JABREF)]
    assert keys == ["1609.02907", "1611.07308", "10.1103/physrevlett.116.06"]


def test_what_seeds_txt_says_of_a_paper_counts(tmp_path: Path) -> None:
    """A paper of seeds.bib that seeds.txt has, with a minus or without, is there once."""
    (tmp_path / "seeds.txt").write_text("-1706.03762\n")
    (tmp_path / "seeds.bib").write_text(
        ZOTERO + ZOTERO.replace("{vasw", "{again").replace("@art", "@b")
    )
    seeds = read_seeds(tmp_path, TOPICS)
    assert [(one.key or one.title, one.is_negative) for one in seeds] == [
        ("1706.03762", True),
        ("Deep learning of Schrödinger's cats", False),
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("@article{a, title={x}}\n@article{b, title={x\n@article{c, title={x}}", "seeds.bib:2:1:"),
        ("@article{a, year={2000}}", "seeds.bib:1:1: 'a' has neither an identifier"),
        ("<html>", "seeds.bib:1:1: there is no entry"),
    ],
)
def test_an_entry_that_cannot_be_read_is_named(text: str, problem: str) -> None:
    """A broken export has an error with the line of its entry."""
    with pytest.raises(InputError) as caught:
        parse_bibtex(text)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("followed", "author", "matches"),
    [
        ("Geoffrey Hinton", "Geoffrey E. Hinton", True),
        ("Geoffrey Hinton", "G.E. Hinton", True),
        ("Geoffrey Everest Hinton", "G. Hinton", True),
        ("Hinton, Geoffrey", "Geoffrey Hinton", True),
        ("Wei Zhang", "Zhang Wei", True),
        ("Jun-Yan Zhu", "Junyan Zhu", True),
        ("Bernhard Schölkopf", "Bernhard Schoelkopf", True),
        ("Bernhard Scholkopf", "Bernhard Schölkopf", True),
        ("Jan van der Berg", "van der Berg, Jan", True),
        ("Martin Luther King Jr.", "Martin King", True),
        ("Geoffrey Hinton", "George Hinton", False),
        ("Geoffrey Hinton", "Hinton", False),
        ("Wei Zhao", "Wei Zha", False),
        ("Wei Zhang", "Wei Zhong", False),
    ],
)
def test_a_name_matches_its_usual_variants(followed: str, author: str, matches: bool) -> None:
    """Initials, order, accents and names left out are no difference; other names are."""
    found = FollowedAuthors([followed]).of(make_paper(authors=("Another One", author)))
    assert found == ((followed,) if matches else ())


def test_a_name_that_cannot_be_followed_is_named(tmp_path: Path) -> None:
    """A single word, or no name, is an error with its place."""
    (tmp_path / "authors.txt").write_text(
        "Ada Lovelace # of course\n  Hinton\n42\n-Ada Lovelace\nA One, B Two, C Three, D Four\n"
    )
    with pytest.raises(InputError) as caught:
        read_authors(tmp_path)
    assert "authors.txt:2:3: this is one word" in str(caught.value)
    assert "authors.txt:3:1: this is no name" in str(caught.value)
    assert "authors.txt:4:1: this file has only names" in str(caught.value)
    assert "authors.txt:5:1: these are several names" in str(caught.value)


def test_the_nearest_seeds_count_and_unwanted_ones_are_taken_off() -> None:
    """A paper on the seeds' subject is nearer than another, unless it is that of unwanted ones."""
    texts = [
        make_paper(number, title=f"{what} number {number}", abstract=f"All about {what} again.")
        for number, what in enumerate(("widgets", "teapots", "sprockets", "lanterns") * 5)
    ]
    words = Words(texts)
    widgets, teapots, sprockets = (words.vector(one) for one in texts[:3])
    nearness = Nearness(words, [widgets, teapots])
    assert nearness.score(words.vector(texts[4])) > nearness.score(sprockets)
    assert Nearness(words, [widgets], [widgets]).score(widgets) == 0
    assert nearness.reason(texts[4])[0] == "widgets"
    assert Nearness(words, []).score(widgets) == 0


def record(number: int, published: datetime, what: str, **facts: object) -> Record:
    """Return an invented paper."""
    return Record(
        arxiv_id=f"{published:%y%m}.{number:05}",
        title=f"A study of {what}, part {number}",
        authors=("A. Sample", "Ada Lovelace" if number % 5 == 0 else "B. Sample"),
        abstract=f"We study {what} and report {number} results on neural widgets.",
        categories=("cs.LG",),
        published=published,
        **facts,  # type: ignore[arg-type]
    )


KINDS = ("steam engines", "printing presses", "weaving looms", "glass lanterns")


def records_until(day: int) -> list[Record]:
    """Return what arXiv has on a night: each day one paper of each kind, and an old one."""
    old = record(1, datetime(2020, 5, 1, tzinfo=UTC), "steam engines of old")
    return [replace(old, abstract="On steam engines.")] + [
        record(100 + 10 * (at + 5) + number, FIRST + timedelta(days=at, hours=-14 - number), kind)
        for at in range(-5, day + 1)
        for number, kind in enumerate(KINDS)
    ]


def night(root: Path, arxiv: FakeArxiv, day: int) -> dict[str, bytes]:
    """Run a night, and return the files after it."""
    now = arxiv.now = FIRST + timedelta(days=day)
    arxiv.records = records_until(day)
    environment = Environment(arxiv_api_url=arxiv.api_url, arxiv_oai_url=arxiv.oai_url)
    Update(root, environment, VirtualClock(now), now=now).run()
    return snapshot(root)


def asked_for(arxiv: FakeArxiv, arxiv_id: str) -> list[str]:
    """Return the lists of identifiers that the stand-in was asked for, of those with a paper."""
    lists = [entry.query.get("id_list", "") for entry in arxiv.log]
    return [one for one in lists if arxiv_id in one]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a repository with a topic."""
    (tmp_path / "keywords.txt").write_text("Neural Widgets\n")
    return tmp_path


def test_a_night_notes_what_is_near_and_past_days_keep_it(root: Path) -> None:
    """Seeds are fetched once; what was near stays when the seeds change; render writes the same."""
    with FakeArxiv(announced=True) as arxiv:
        without = night(root, arxiv, 0)
        assert SEEDS not in without
        (root / "seeds.txt").write_text("2005.00001\n- 2411.99999\n")
        (root / "authors.txt").write_text("Lovelace, A.\n")
        night(root, arxiv, 1)
        asked = asked_for(arxiv, "2005.00001")
        store = whole_store(root)
        today = date(2026, 11, 25)
        near = [one.paper for one in store.days[today].near]
        assert near[0] == "2611.00160"
        assert store.entries[near[0]].paper.title == "A study of steam engines, part 160"
        assert {"engines", "steam"} < set(store.days[today].near[0].words)
        assert [one.names for one in store.days[today].followed] == [("Lovelace, A.",)]
        assert store.seeds["2411.99999"] == SeedPaper("2411.99999", today)
        page = (root / "papers/days/2026/2026-11-25.md").read_text()
        assert page.index("## By authors you follow") < page.index("## Close to your papers")
        assert page.count("part 160") >= 2
        readme = (root / "README.md").read_text()
        marked = [row for row in readme.splitlines() if "🎯" in row]
        assert "part 160" in "".join(marked)
        assert "🎯 " in (root / "papers/topics/neural-widgets.md").read_text()
        assert readme.count("👤 Lovelace, A.") > 1  # also of earlier days
        told = replace(store, notified=store.created)
        notice = pending_notice(told, Settings(), Environment())
        assert notice is not None
        body = notice.body
        lists = body.index("## Neural W")
        assert body.index("## By authors") < body.index("## Close to") < lists
        item = body.index("part 160", lists)
        assert body.index("🎯", lists) - item < 100
        assert "👤 Lovelace, A." in body[lists:]
        (root / "seeds.txt").write_text("- 2005.00001\n")
        after = night(root, arxiv, 2)
        assert asked_for(arxiv, "2005.00001") == asked == ["2005.00001,2411.99999"]
        assert after["papers/days/2026/2026-11-25.md"].decode() == page
        assert not whole_store(root).days[date(2026, 11, 26)].near
        (root / "seeds.txt").unlink()
        (root / "authors.txt").unlink()
        without = night(root, arxiv, 3)
        assert "🎯" not in without["README.md"].decode()
    assert render(root, VirtualClock(FIRST)) == []


def test_tables_show_the_nearest_first(root: Path) -> None:
    """With `sort = "seeds"` the same papers are shown, in another order."""
    with FakeArxiv(announced=True) as arxiv:
        night(root, arxiv, 0)
        readme = (root / "README.md").read_text()
        (root / "pyproject.toml").write_text('[tool.daily-papers]\nsort = "seeds"\n')
        assert night(root, arxiv, 0)["README.md"].decode() == readme
        (root / "seeds.txt").write_text("2005.00001\n")
        after = night(root, arxiv, 0)
    by_date = re.findall(r"\*\*\[A study of ([^,]*), part", readme)
    nearest_first = re.findall(r"\*\*\[A study of ([^,]*), part", after["README.md"].decode())
    assert sorted(nearest_first) == sorted(by_date)
    count = by_date.count("steam engines")
    assert nearest_first[:count] == ["steam engines"] * count != by_date[:count]
    assert "### 2026" not in after["papers/topics/neural-widgets.md"].decode()
    assert render(root, VirtualClock(FIRST)) == []


def test_without_arxivs_answer_the_night_goes_on(root: Path) -> None:
    """A night whose seeds cannot be fetched is green, and the next fetches them."""
    with FakeArxiv(announced=True) as arxiv:
        night(root, arxiv, 0)
        (root / "seeds.txt").write_text("2005.00001\n")
        arxiv.faults.add(
            Fault("status", times=None, where=lambda query: bool(query.get("id_list")))
        )
        night(root, arxiv, 1)
        assert not whole_store(root).seeds
        arxiv.faults.clear()
        night(root, arxiv, 2)
    assert whole_store(root).seeds["2005.00001"].title == "A study of steam engines of old, part 1"
