"""The dated pages, written by one night after the other."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from conftest import VirtualClock
from daily_papers.cli import main
from daily_papers.commands.render import render
from daily_papers.commands.update import Update
from daily_papers.pages.bilingual_day import render_bilingual
from daily_papers.pages.pieces import page_name
from daily_papers.pages.weekly import render_week
from daily_papers.settings import Environment
from daily_papers.topics.keywords import slugify
from factories import TOPIC, make_entry, make_paper
from standins.arxiv import FakeArxiv, Fault, Record

MONDAY = datetime(2026, 11, 16, 5, 37, tzinfo=UTC)
HOUR = timedelta(hours=1)
ON = "[tool.daily-papers.pages]\nweekly = true\ndigest = true\nbilingual = true\n"
TOPICS = {"Neural Widgets": "neural widgets", "Quantum Teapots": "quantum teapots"}
WEEK = "papers/weekly/neural-widgets/20261116-20261122.md"


def paper(
    number: int, submitted: datetime, text: str = "neural widgets", **facts: object
) -> Record:
    """Return an invented paper."""
    return Record(
        arxiv_id=f"2611.{number:05}",
        title=f"Paper {number}",
        authors=("A. Sample",),
        abstract=f"We propose {text}.",
        categories=("cs.LG",),
        published=submitted,
        **facts,  # type: ignore[arg-type]
    )


def evening_before(day: datetime) -> datetime:
    """Return a submission time that is announced on `day`, a Tuesday to Friday."""
    return day.replace(hour=12) - timedelta(days=1)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a repository of two topics with every page on."""
    (tmp_path / "keywords.txt").write_text("".join(f"{name}\n" for name in TOPICS))
    (tmp_path / "pyproject.toml").write_text(ON)
    return tmp_path


@pytest.fixture
def arxiv() -> Iterator[FakeArxiv]:
    """Return the stand-in, with an old paper and one for each announcement of the week."""
    records = [paper(1, MONDAY - timedelta(days=60))]
    for at in range(5):
        day = MONDAY + timedelta(days=at)
        # Papers announced on Monday were submitted on Friday.
        records.append(paper(10 + at, evening_before(day) - (at == 0) * timedelta(days=2)))
    with FakeArxiv(records, announced=True) as server:
        yield server


def night(root: Path, arxiv: FakeArxiv, clock: VirtualClock, moment: datetime) -> None:
    """Run the night of `moment`."""
    arxiv.now = moment
    environment = Environment(arxiv_api_url=arxiv.api_url, arxiv_oai_url=arxiv.oai_url)
    Update(root, environment, clock, now=moment).run()


def nights(root: Path, arxiv: FakeArxiv, clock: VirtualClock, *days: int) -> None:
    """Run the nights of these days after Monday."""
    for day in days:
        night(root, arxiv, clock, MONDAY + timedelta(days=day))


def dated(root: Path) -> dict[str, str]:
    """Return the text of every page of a day or week by its path."""
    return {
        page.relative_to(root).as_posix(): page.read_text()
        for kind in ("weekly", "digest", "bilingual", "days")
        for page in sorted((root / "papers" / kind).rglob("*.md"))
        if page.name != "README.md"
    }


def files_of(root: Path) -> dict[str, str]:
    """Return the text of every file by its path."""
    found = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_text() for path in found}


def sections(week: str) -> dict[str, list[str]]:
    """Return the papers' numbers of each section of a week."""
    parts = re.split(r"(?m)^## (.*)$", week)
    return {
        day: re.findall(r"pdf/2611\.0*(\d+)$", text, re.MULTILINE)
        for day, text in zip(parts[1::2], parts[2::2], strict=True)
    }


def test_a_checkout_with_crlf_gives_the_same_pages(
    root: Path, tmp_path_factory: pytest.TempPathFactory, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """Rendered, and after another night, it has the pages of a checkout with LF, byte for byte."""
    own = "Neural Widgets\n====\n\n"
    (root / "README.md").write_text(
        f"{own}<!-- daily-papers:start -->\n<!-- daily-papers:end -->\n"
    )
    nights(root, arxiv, clock, 0, 1, 2, 3)
    copy = tmp_path_factory.mktemp("crlf")
    for file in filter(Path.is_file, root.rglob("*")):
        path = copy / file.relative_to(root)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))

    def pages(folder: Path) -> dict[Path, bytes]:
        found = sorted(folder.rglob("*.md"))
        return {page.relative_to(folder): page.read_bytes() for page in found}

    render(copy, clock)
    assert pages(copy) == pages(root)
    for each in (root, copy):
        nights(each, arxiv, clock, 4)
    assert pages(copy) == pages(root)


def test_each_night_adds_the_day_of_its_listing(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """A week has a section for each day, in order; each day has its digest and bilingual page."""
    nights(root, arxiv, clock, 0, 1, 2, 3, 4)
    days = [f"2026-11-{day}" for day in range(16, 21)]
    found = sections((root / WEEK).read_text())
    assert found == {day: [str(10 + at)] for at, day in enumerate(days)}
    for kind in ("digest", "bilingual"):
        pages = [path for path in dated(root) if f"/{kind}/" in path]
        assert pages == [f"papers/{kind}/2026/{day}/neural-widgets.md" for day in days]


def test_a_day_that_is_past_is_never_written_again(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """Later nights do not change a past day's pages, even if its papers have changed."""
    nights(root, arxiv, clock, 0, 1)
    before = dated(root)
    arxiv.records = [
        *(one for one in arxiv.records if one.arxiv_id != "2611.00010"),
        paper(10, evening_before(MONDAY), comment="Accepted at CVPR 2027"),
    ]
    nights(root, arxiv, clock, 2)
    assert "CVPR 2027" in (root / "papers/topics/neural-widgets.md").read_text()
    after = dated(root)
    assert {path: after[path] for path in before if path != WEEK} == {
        path: text for path, text in before.items() if path != WEEK
    }
    assert after[WEEK].startswith(before[WEEK].rstrip("\n"))


def test_the_same_night_again_replaces_its_own_section(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """A second run adds what it finds of the open day to its section, digest and page."""
    nights(root, arxiv, clock, 0, 1)
    arxiv.records = [*arxiv.records, paper(30, evening_before(MONDAY + 24 * HOUR))]
    night(root, arxiv, clock, MONDAY + 25 * HOUR)
    assert sections((root / WEEK).read_text())["2026-11-17"] == ["30", "11"]
    for kind in ("digest", "bilingual"):
        page = root / f"papers/{kind}/2026/2026-11-17/neural-widgets.md"
        assert len(re.findall(r"pdf/2611", page.read_text())) == 2


def test_nights_that_failed_leave_no_day_out(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """The first night after an outage writes the days that were missed, each under its own date."""
    nights(root, arxiv, clock, 0, 3)
    found = sections((root / WEEK).read_text())
    assert found == {f"2026-11-{16 + at}": [str(10 + at)] for at in range(4)}
    assert (root / "papers/digest/2026/2026-11-17/neural-widgets.md").exists()


def test_a_missed_friday_joins_the_week_that_is_past(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """A missing section is added to a past week, and the rest stays byte for byte."""
    nights(root, arxiv, clock, 0, 1, 2, 3)
    before = (root / WEEK).read_text()
    nights(root, arxiv, clock, 7)
    after = (root / WEEK).read_text()
    assert after.startswith(before)
    assert sections(after)["2026-11-20"] == ["14"]


def test_a_paper_that_was_held_back_stands_under_the_day_it_came(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """Its own day is past and does not change; the paper is in one section and one digest."""
    nights(root, arxiv, clock, 0, 1)
    before = dated(root)
    held = paper(40, evening_before(MONDAY + 24 * HOUR) + HOUR)
    arxiv.records = [*arxiv.records, held]
    nights(root, arxiv, clock, 2)
    after = dated(root)
    assert sections(after[WEEK])["2026-11-17"] == ["11"]
    assert sections(after[WEEK])["2026-11-18"] == ["12", "40"]
    assert [path for path, text in after.items() if "/digest/" in path and "00040" in text] == [
        "papers/digest/2026/2026-11-18/neural-widgets.md"
    ]
    assert all(after[path] == text for path, text in before.items() if path != WEEK)


def test_a_replacement_is_in_no_week(root: Path, arxiv: FakeArxiv, clock: VirtualClock) -> None:
    """A replacement is not listed, whether the paper was known before or not."""
    nights(root, arxiv, clock, 0)
    tuesday = evening_before(MONDAY + 24 * HOUR)
    arxiv.records = [
        *arxiv.records,
        paper(10, evening_before(MONDAY) - 48 * HOUR, version=2, updated=tuesday),
        paper(50, MONDAY - timedelta(days=300), version=4, updated=tuesday),
    ]
    nights(root, arxiv, clock, 1)
    found = sections((root / WEEK).read_text())
    assert found == {"2026-11-16": ["10"], "2026-11-17": ["11"]}


def test_a_paper_of_two_topics_is_in_one_digest(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """The first of its topics in keywords.txt has it in its digest; both have it in their weeks."""
    both = paper(60, evening_before(MONDAY + 24 * HOUR), "neural widgets and quantum teapots")
    arxiv.records = [*arxiv.records, both]
    nights(root, arxiv, clock, 1)
    having = [path for path, text in dated(root).items() if "2611.00060" in text]
    assert [path for path in having if "/digest/" in path] == [
        "papers/digest/2026/2026-11-17/neural-widgets.md"
    ]
    assert len([path for path in having if "/weekly/" in path]) == 2


def test_a_topic_that_failed_that_day_does_not_take_a_paper_from_another_digest(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """A digest that is written later does not have the papers of another topic's digest."""
    nights(root, arxiv, clock, 0)
    tuesday = evening_before(MONDAY + 24 * HOUR)
    arxiv.records = [*arxiv.records, paper(60, tuesday, "neural widgets and quantum teapots")]
    night_of = MONDAY + 24 * HOUR
    arxiv.now = night_of
    environment = Environment(arxiv_api_url=arxiv.api_url, arxiv_oai_url=arxiv.oai_url)
    Update(root, environment, clock, ["Quantum Teapots"], now=night_of).run()
    nights(root, arxiv, clock, 2)
    having = [path for path, text in dated(root).items() if "2611.00060" in text]
    assert [path for path in having if "/digest/" in path] == [
        "papers/digest/2026/2026-11-17/quantum-teapots.md"
    ]


def test_ten_of_many_stand_in_a_digest_the_newest(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """A digest has ten papers and shows the number of all."""
    tuesday = evening_before(MONDAY + 24 * HOUR)
    many = [paper(100 + at, tuesday + timedelta(minutes=at)) for at in range(12)]
    arxiv.records = [*arxiv.records, *many]
    nights(root, arxiv, clock, 1)
    page = (root / "papers/digest/2026/2026-11-17/neural-widgets.md").read_text()
    titles = re.findall(r"(?m)^## \[Paper (\d+)\]", page)
    assert titles == [str(111 - at) for at in range(10)]
    assert "10 of the day's 13 papers on this topic" in page


def test_the_indexes_lead_to_every_page(root: Path, arxiv: FakeArxiv, clock: VirtualClock) -> None:
    """Links lead from README.md to each page, and each index has the right counts."""
    nights(root, arxiv, clock, 0, 1, 2)
    reached = set()
    waiting = [root / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page.resolve())
        for target in re.findall(r"\]\(((?!https?:|#)[^)#]+\.md)(?:#[^)]*)?\)", page.read_text()):
            other = (page.parent / target).resolve()
            assert other.exists(), f"{page}: {target}"
            if other not in reached:
                waiting.append(other)
    assert {root / path for path in dated(root)} <= reached
    index = (root / "papers/digest/2026/README.md").read_text()
    assert re.findall(r"(?m)^\| (2026-11-\d\d) \| .* \| (\d+) \|$", index) == [
        (f"2026-11-{day}", "1") for day in (18, 17, 16)
    ]


def test_pages_that_were_switched_on_later_are_made_for_the_week(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """Every day gets its pages at once, and the next night chooses the last days' digests."""
    (root / "pyproject.toml").write_text("[tool.daily-papers.pages]\narchive = false\n")
    nights(root, arxiv, clock, 0, 1, 2)
    assert dated(root) == {}
    (root / "pyproject.toml").write_text(ON)
    render(root, clock)
    assert sections((root / WEEK).read_text()) == {
        f"2026-11-{16 + at}": [str(10 + at)] for at in range(3)
    }
    found = dated(root)
    assert {path.split("/")[1] for path in found} == {"weekly", "bilingual", "days"}
    nights(root, arxiv, clock, 3)
    assert [path for path in dated(root) if "/digest/" in path] == [
        f"papers/digest/2026/2026-11-{day}/neural-widgets.md" for day in range(16, 20)
    ]


def test_a_topic_with_a_new_name_does_not_list_its_past_again(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """Past days and the open day's earlier papers keep the old name; later ones get the new one."""
    nights(root, arxiv, clock, 0, 1)
    before = dated(root)
    (root / "keywords.txt").write_text("Doors: neural widgets\n")
    arxiv.records = [*arxiv.records, paper(30, evening_before(MONDAY + 24 * HOUR))]
    night(root, arxiv, clock, MONDAY + 25 * HOUR)
    nights(root, arxiv, clock, 2)
    main(["render", "--root", str(root), "--since", "2026-09-01"])
    after = dated(root)
    open_day = "papers/days/2026/2026-11-17.md"
    assert after[open_day].endswith(before[open_day].split("\n\n", 2)[2])
    assert after[open_day].index("## Doors") < after[open_day].index("## Neural Widgets")
    assert {path: after[path] for path in before if path != open_day} == {
        path: text for path, text in before.items() if path != open_day
    }
    assert sections(after[WEEK.replace("neural-widgets", "doors")]) == {
        "2026-11-17": ["30"],
        "2026-11-18": ["12"],
    }


@pytest.mark.parametrize("heading", ["AUX", "Größe und " * 12])
def test_pages_of_a_name_that_is_no_longer_used_move(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock, heading: str
) -> None:
    """Pages that an earlier version wrote get the name of now, and the indexes lead there."""
    (root / "keywords.txt").write_text(f"{heading.strip()}: neural widgets\n")
    nights(root, arxiv, clock, 0, 1, 2)
    written = files_of(root)
    old, new = slugify(heading), page_name(heading)
    assert sum(new in path for path in written) == 12
    for path, text in written.items():
        if not path.startswith(("papers/store/", "papers/months/")):
            (root / path).unlink()
            former = root / path.replace(new, old)
            former.parent.mkdir(exist_ok=True)
            former.write_text(text.replace(quote(new), quote(old)))
    render(root, clock)
    assert files_of(root) == written


def test_a_paper_of_a_removed_topics_digest_is_in_no_other(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """An added topic lists its last week, but its digests have no paper of another digest."""
    nights(root, arxiv, clock, 0, 1)
    (root / "keywords.txt").write_text("Proposals: widgets | sprockets\n")
    nights(root, arxiv, clock, 2)
    having = [path for path, text in dated(root).items() if "2611.00010" in text]
    assert [path for path in having if "/digest/" in path] == [
        "papers/digest/2026/2026-11-16/neural-widgets.md"
    ]


def test_weeks_that_were_missed_get_their_own_days(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """After any outage, papers are listed under the days of their announcement."""
    nights(root, arxiv, clock, 0)
    arxiv.records = [*arxiv.records, paper(30, evening_before(MONDAY + timedelta(days=40)))]
    nights(root, arxiv, clock, 40)
    found = sections((root / WEEK).read_text())
    assert found == {f"2026-11-{16 + at}": [str(10 + at)] for at in range(5)}


def test_a_week_that_begins_in_its_middle_says_so(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """If a topic's first day is not the first of its week, the page has a note."""
    (root / "pyproject.toml").write_text(f"[tool.daily-papers]\nmax-papers = 2\n{ON}")
    nights(root, arxiv, clock, 3)
    text = (root / WEEK).read_text()
    assert sections(text) == {"2026-11-19": ["13"]}
    assert "This topic's pages begin with 2026-11-19" in text


def test_since_writes_the_pages_of_these_days_only(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--since` writes whole weeks from that of the date on; without it every page is written."""
    arxiv.records = [*arxiv.records, paper(30, evening_before(MONDAY + timedelta(days=8)))]
    nights(root, arxiv, clock, 0, 1, 2, 3, 4, 8)
    before = dated(root)
    for path in before:
        (root / path).unlink()
    assert main(["render", "--root", str(root), "--since", "2026-11-26"]) == 0
    later = dated(root)
    assert later == {
        path: text
        for path, text in before.items()
        if "2026-11-24" in path or "20261123-20261129" in path
    }
    assert later
    capsys.readouterr()
    assert main(["render", "--root", str(root)]) == 0
    assert dated(root) == before
    told = capsys.readouterr().out.splitlines()
    # Each once, also an index that lists what was written for several weeks.
    assert sorted(told) == sorted(before.keys() - later.keys())
    assert main(["render", "--root", str(root), "--since", "2026-09-01"]) == 0
    assert capsys.readouterr().out == "every page is as it should be\n"


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "20", ""])
def test_since_takes_a_date(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Anything else is an error with an example."""
    with pytest.raises(SystemExit) as stop:
        main(["render", "--since", text])
    assert stop.value.code == 2
    assert "not a date such as 2026-11-20" in capsys.readouterr().err


def test_rendering_again_changes_nothing(root: Path, arxiv: FakeArxiv, clock: VirtualClock) -> None:
    """Rendering twice gives the same pages."""
    nights(root, arxiv, clock, 0, 1, 2)
    assert render(root, clock) == []


def test_what_a_page_lost_between_store_and_pages_comes_with_the_next_night(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """A page that was lost after the store was saved is written by the next night."""
    nights(root, arxiv, clock, 0, 1)
    for kind in ("digest", "bilingual"):
        (root / f"papers/{kind}/2026/2026-11-17/neural-widgets.md").unlink()
    nights(root, arxiv, clock, 2)
    for kind in ("digest", "bilingual"):
        page = root / f"papers/{kind}/2026/2026-11-17/neural-widgets.md"
        assert "2611.00011" in page.read_text()


def test_harvested_papers_stand_under_their_day(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """If the search fails, the harvest fills the day, and papers are listed once."""
    nights(root, arxiv, clock, 0)
    arxiv.faults.add(Fault("status", times=None, path="api"))
    nights(root, arxiv, clock, 1)
    arxiv.faults.clear()
    nights(root, arxiv, clock, 2)
    found = sections((root / WEEK).read_text())
    assert found == {f"2026-11-{16 + at}": [str(10 + at)] for at in range(3)}


def test_past_the_known_holidays_pages_and_nights_say_so(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """Pages and nights have a note if arXiv's holidays are not known for their days."""
    moment = datetime(2027, 3, 3, 5, 37, tzinfo=UTC)
    arxiv.records = [paper(70, evening_before(moment))]
    arxiv.now = moment
    environment = Environment(arxiv_api_url=arxiv.api_url, arxiv_oai_url=arxiv.oai_url)
    found = Update(root, environment, clock, now=moment).run()
    assert "known up to 2026-12-31" in found.warnings[0]
    week = root / "papers/weekly/neural-widgets/20270301-20270307.md"
    assert "knows up to 2026-12-31" in week.read_text()
    (root / "pyproject.toml").write_text("[tool.daily-papers.pages]\narchive = false\n")
    assert Update(root, environment, clock, now=moment).run().warnings == ()


@pytest.mark.parametrize(
    ("submitted", "day"),
    [
        ("2026-11-17T18:59:59Z", date(2026, 11, 18)),  # 13:59:59 in winter
        ("2026-11-17T19:00:00Z", date(2026, 11, 19)),
        ("2026-07-14T17:59:59Z", date(2026, 7, 15)),  # 13:59:59 in summer
        ("2026-07-14T18:00:00Z", date(2026, 7, 16)),
        ("2026-11-20T19:00:00Z", date(2026, 11, 24)),  # Friday afternoon to Sunday
        ("2026-11-25T18:00:00Z", date(2026, 11, 26)),  # the day before Thanksgiving
        ("2026-11-25T19:30:00Z", date(2026, 11, 30)),  # and the Friday after it
        ("2026-03-06T18:59:59Z", date(2026, 3, 9)),  # the weekend on which summer time begins
        ("2026-03-09T17:59:59Z", date(2026, 3, 10)),
    ],
)
def test_a_day_is_that_of_the_listing(
    root: Path, clock: VirtualClock, submitted: str, day: date
) -> None:
    """The submission time sets the day, by arXiv's calendar and across daylight saving."""
    moment = datetime.fromisoformat(submitted)
    with FakeArxiv([paper(1, moment)]) as server:
        night(root, server, clock, moment + timedelta(days=6))
        render(root, clock, since=day)
    (week,) = (root / "papers/weekly/neural-widgets").glob("2*.md")
    assert sections(week.read_text()) == {str(day): ["1"]}
    assert f"[arXiv{day:%y%m%d}]" in week.read_text()


def test_a_week_of_thousands_is_shown_by_github() -> None:
    """On a day with more than GitHub shows, the last papers have only title and link."""
    day = date(2026, 11, 20)
    entries = [make_entry(make_paper(at, authors=("A. Body",) * 100)) for at in range(1, 1500)]
    page = render_week(TOPIC, {day: entries}, day, "")
    assert 250_000 < len(page.encode()) <= 300_000
    assert page.count("**authors:**") < page.count("**link:**") == len(entries)


def test_a_bilingual_page_of_thousands_is_shown_by_github() -> None:
    """On a page longer than GitHub shows, the last papers have no abstract."""
    entries = [make_entry(make_paper(at, abstract="word " * 400)) for at in range(1, 1500)]
    page = render_bilingual(TOPIC, date(2026, 11, 20), entries, "")
    assert 1_400_000 < len(page.encode()) <= 1_500_000
    assert page.count("**Abstract**") < page.count("**Link**") == len(entries)


def test_an_added_topic_gets_no_page_of_a_day_that_it_knows_in_part(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """Papers shared with another topic's news do not make a page of that day."""
    (root / "pyproject.toml").write_text(f"[tool.daily-papers]\nmax-papers = 2\n{ON}")
    nights(root, arxiv, clock, 0, 1, 2)
    (root / "keywords.txt").write_text("Neural Widgets\nProposals: we propose & widgets\n")
    nights(root, arxiv, clock, 3)
    week = (root / "papers/weekly/proposals/20261116-20261122.md").read_text()
    assert sections(week) == {"2026-11-19": ["13"]}
