import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from daily_papers.atomic_files import write_file
from daily_papers.cli import main
from daily_papers.clock import SystemClock
from daily_papers.commands.site import site
from daily_papers.errors import DailyPapersError, InputError
from daily_papers.site.formulas import typeset
from daily_papers.site.serve_site import site_server
from daily_papers.store.entry_types import Entry, Store
from daily_papers.store.store_file import save_store
from factories import NIGHT, TOPIC, make_entry, make_paper, make_papers, make_store


def write_site(root: Path, store: Store, keywords: str = f"{TOPIC}: paper\n") -> Path:
    """Write the site of a store; return its folder."""
    write_file(root / "keywords.txt", keywords)
    save_store(root, None, store)
    site(root, root / "site", SystemClock())
    return root / "site"


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the bytes of each file by its path."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def papers_in(folder: Path) -> dict[str, dict[str, Any]]:
    """Return what the page gets of each paper."""
    found = [
        paper
        for path in folder.glob("data/*.json.gz")
        for paper in json.loads(gzip.decompress(path.read_bytes()))
    ]
    assert len({paper["id"] for paper in found}) == len(found)
    return {paper["id"]: paper for paper in found}


def many(count: int) -> list[Entry]:
    """Return papers of some months, several a day."""
    times = [datetime(2026, 11, 15, tzinfo=UTC) - timedelta(hours=4 * n) for n in range(count)]
    return [
        make_entry(make_paper(n, arxiv_id=f"{time:%y%m}.{n:05}", published=time, updated=time))
        for n, time in enumerate(times)
    ]


def test_every_paper_is_there_once(tmp_path: Path) -> None:
    """Every paper of the store is in one piece, in the data for programs, and counted."""
    entries = many(500)
    # Held back by arXiv: submitted a month before its identifier was given out.
    late = make_paper(7777, arxiv_id="2611.07777", published=NIGHT - timedelta(days=40))
    entries.append(make_entry(late))
    folder = write_site(tmp_path, make_store(entries))
    ids = {entry.paper.arxiv_id for entry in entries}
    assert set(papers_in(folder)) == ids
    files = [json.loads(path.read_text()) for path in folder.glob("api/v1/papers/*.json")]
    assert {paper["id"] for file in files for paper in file["papers"]} == ids
    assert '"count":501' in (folder / "index.html").read_text()


def test_the_next_night_changes_little(tmp_path: Path) -> None:
    """A new paper, and a change of an old one, change a piece each; equal stores, equal bytes."""
    entries = many(300)
    store = make_store(entries)
    before = files_of(write_site(tmp_path / "a", store))
    assert files_of(write_site(tmp_path / "b", store)) == before
    old = entries[200]
    changed = replace(old, paper=replace(old.paper, comment="Accepted at CVPR 2026"))
    new = make_entry(make_paper(1, arxiv_id="2611.09999"))
    after = files_of(
        write_site(tmp_path / "c", make_store([new, *entries[:200], changed, *entries[201:]]))
    )
    pieces = [path for path in before if path.startswith("data/")]
    assert all(before[path] == after[path] for path in pieces if path in after)
    fresh = [path for path in after if path not in before]
    assert len([path for path in fresh if path.startswith("data/")]) == 2


def test_data_for_programs_keep_their_schema(tmp_path: Path) -> None:
    """Each file of api/v1 is valid, says that texts are untrusted, and a day says what matched."""
    withdrawn = make_paper(3, comment="This paper has been withdrawn", abstract="")
    papers = [make_paper(1, title="On paper"), make_paper(2), withdrawn]
    old = make_paper(4, arxiv_id="cs/9912001", published=datetime(1999, 12, 1, tzinfo=UTC))
    folder = write_site(tmp_path, make_store(map(make_entry, [*papers, old])))
    schema = json.loads((folder / "api/v1/schema.json").read_text())
    assert schema == json.loads(
        (resources.files("daily_papers.site") / "schema.json").read_text("utf-8")
    )
    jsonschema.Draft202012Validator.check_schema(schema)
    files = {
        path.relative_to(folder).as_posix(): json.loads(path.read_text("utf-8"))
        for path in folder.rglob("api/v1/**/*.json")
        if path.name != "schema.json"
    }
    for path, file in files.items():
        jsonschema.validate(file, schema, format_checker=jsonschema.FormatChecker())
        assert "untrusted" in file["note"], path
    index = files["api/v1/index.json"]["index"]
    assert all(path in files for path in index["days"])
    assert index["topics"][0]["file"] in files
    assert files["api/v1/papers/cs/99120.json"]["papers"][0]["id"] == "cs/9912001"
    day = files[index["days"][-1]]["day"]
    assert day["withdrawn"] == ["2611.00003"]
    told = {paper["id"]: paper["matched_because"] for paper in day["papers"]}
    assert told["2611.00001"][TOPIC][0] == '"paper" in the title: paper'
    text = (folder / "llms.txt").read_text()
    assert "untrusted" in text
    assert f"api/v1/days/{day['day']}.json" in text


def test_the_schema_refuses_what_is_none(tmp_path: Path) -> None:
    """The schema tells a good file from one with a field missing, or of another kind."""
    folder = write_site(tmp_path, make_store([make_entry()]))
    schema = json.loads((folder / "api/v1/schema.json").read_text())
    (path,) = folder.glob("api/v1/papers/*.json")
    file = json.loads(path.read_text())
    for change in ({"version": 2}, {"day": {}}, {"papers": [{"id": "x"}]}, {"papers": None}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**file, **change}, schema)


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    """A site replaces an earlier one, and nothing else: not even with a page of its name."""
    folder = write_site(tmp_path, make_store([make_entry()]))
    (folder / "data" / "old.json.gz").write_bytes(b"")
    site(tmp_path, folder, SystemClock())
    assert not (folder / "data" / "old.json.gz").exists()
    for other in (tmp_path, tmp_path / "keywords.txt"):
        with pytest.raises(InputError, match="another"):
            site(tmp_path, other, SystemClock())
    mine = tmp_path / "mine"
    write_file(mine / "index.html", "<!doctype html>\n<p>mine\n")
    with pytest.raises(InputError, match="other files"):
        site(tmp_path, mine, SystemClock())
    assert (mine / "index.html").read_text() == "<!doctype html>\n<p>mine\n"


def test_a_folder_or_port_that_cannot_be_is_told(tmp_path: Path) -> None:
    """A folder below a file, and a number that no port has, end in a sentence."""
    write_site(tmp_path, make_store([make_entry()]))
    with pytest.raises(DailyPapersError, match="give another folder"):
        site(tmp_path, tmp_path / "keywords.txt" / "site", SystemClock())
    for port in (-1, 99_999):
        with pytest.raises(DailyPapersError, match="from 0 to 65535"):
            site_server(tmp_path, port)


def test_before_the_first_night(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a store the command says what to do."""
    write_file(tmp_path / "keywords.txt", "x y\n")
    assert main(["site", "--root", str(tmp_path), "--output", str(tmp_path / "out")]) == 1
    assert "run daily-papers update first" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_an_empty_store_has_a_page(tmp_path: Path) -> None:
    """Topics without papers make a page without papers."""
    folder = write_site(tmp_path, make_store([]))
    assert '"count":0' in (folder / "index.html").read_text()


def test_nothing_in_a_text_ends_its_place(tmp_path: Path) -> None:
    """Titles, topics and names cannot leave the page's markup, its JSON or its attributes."""
    nasty = "</script><script>alert(1)</script><!--\"'&"
    paper = make_paper(1, title=nasty, authors=(nasty,), abstract=nasty)
    store = make_store([make_entry(paper, topics=[nasty])])
    folder = write_site(tmp_path, store)
    page = (folder / "index.html").read_text()
    assert page.count("<script") == 3  # the page's own
    assert "alert(1)</script>" not in page
    assert papers_in(folder)["2611.00001"]["title"] == nasty


def test_the_policy_admits_nothing_from_elsewhere(tmp_path: Path) -> None:
    """The page's policy names no other host, and its only inline script and style by hashes."""
    page = (write_site(tmp_path, make_store([make_entry()])) / "index.html").read_text()
    policy = page.split('Content-Security-Policy" content="')[1].split('"')[0]
    assert policy.startswith("default-src &#x27;none&#x27;; script-src &#x27;self&#x27; ")
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (r"We get $\frac{a}{b}$ of it", ["mfrac"]),
        (r"bound $\sum_{i} x^{\alpha+q}$", ["msub", "msup"]),
        (r"costs $5 and $6", []),
        (r"$O(n)$ is plain", []),
        (r"$\text{<b>x</b>}\frac12$", []),
        (r"$\frac{a}{$", []),
    ],
)
def test_formulas(text: str, names: list[str]) -> None:
    """What Unicode cannot show well is MathML; money is text, and so is what holds HTML."""
    found = typeset(text)
    shown = json.dumps(found)
    assert isinstance(found, list) == bool(names)
    assert all(f'["{name}"' in shown or f'["{name}", ' in shown for name in names)
    assert "href" not in json.dumps(typeset(r"$\href{javascript:alert(1)}{\frac12}$"))


def test_arxivs_text_comes_along_where_latex_is_shown_otherwise(tmp_path: Path) -> None:
    """A paper whose texts are shown otherwise has those with it that arXiv searches."""
    plain, latex = make_papers(2)
    latex = replace(latex, title=r"The $\alpha$-divergence of $\frac{a}{b}$")
    found = papers_in(write_site(tmp_path, make_store(map(make_entry, [plain, latex]))))
    assert "searched" not in found["2611.00001"]
    assert found["2611.00002"]["searched"] == [latex.title, None, None]
