import json
import random
import re
import shutil
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from daily_papers.clock import SystemClock
from daily_papers.commands.site import site
from daily_papers.site.serve_site import site_server
from daily_papers.store.entry_types import Entry, ModelText
from daily_papers.topics.words_and_stems import name_words, terms
from factories import NIGHT, make_entry, make_paper, make_papers, make_store
from standins.arxiv import FakeArxiv, sample_records
from test_seeds import night
from test_site_data import write_site

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")

HOSTILE = '<img src=x onerror="document.title=1"> & [a](javascript:alert(1)) $\\frac12$ | {{x}}'


def entries() -> list[Entry]:
    """Return 65 papers of three months with what a search can tell apart."""
    papers = make_papers(60)
    for number, facts in {
        1: {"title": "Slow thinking in language models", "comment": "Accepted at CVPR 2026"},
        2: {"title": "A survey of slow thinkers", "authors": ("Klaus Müller", "Li Wei")},
        3: {"abstract": "Models of language. https://github.com/a/b has code."},
        4: {"title": HOSTILE, "authors": (HOSTILE,), "comment": HOSTILE},
        5: {"title": "大语言模型的研究", "abstract": "基盤モデルについて"},
        6: {"abstract": r"The bound $\frac{a}{b}$ of large, and language-models of text to image."},
        7: {"title": "Naïve text and image models"},
    }.items():
        papers[number - 1] = replace(papers[number - 1], **facts)
    old = make_paper(
        99, arxiv_id="2609.00001", title="Old slow thinking", published=NIGHT - timedelta(days=70)
    )
    more = [replace(old, arxiv_id=f"2609.0000{n}", title=f"Old paper {n}") for n in range(2, 6)]
    found = [make_entry(paper) for paper in [*papers, old, *more]]
    found[1] = replace(found[1], topics=("Agents",))
    texts = {"translation": {"title": "Sprachmodelle"}, "summary": {"summary": "Of <b>models</b>."}}
    found[2] = replace(
        found[2],
        texts=tuple(ModelText(task, 1, "en", 1, "m", 1, fields=one) for task, one in texts.items()),
    )
    return [replace(found[0], first_seen=NIGHT + timedelta(days=1)), *found[1:]]


@dataclass(frozen=True)
class Site:
    """A served site, with a browser to look at it."""

    address: str
    folder: Path
    context: BrowserContext
    requests: list[str]

    def open(self, address: str = "", *, context: BrowserContext | None = None) -> Page:
        """Open a page of the site and wait until it has searched everything."""
        page = (context or self.context).new_page()
        page.goto(self.address + address)
        page.wait_for_selector("[data-complete]")
        return page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return the machine's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a site."""
    return write_site(tmp_path_factory.mktemp("site"), make_store(entries()))


@pytest.fixture
def served(browser: Browser, folder: Path) -> Iterator[Site]:
    """Return a site in a browser that knows nothing yet."""
    with serving(browser, folder) as found:
        yield found


@contextmanager
def serving(browser: Browser, folder: Path) -> Iterator[Site]:
    """Serve a folder to a browser that knows nothing yet; no error may come up in its console."""
    problems: list[str] = []
    requests: list[str] = []
    context = browser.new_context(viewport={"width": 900, "height": 700}, accept_downloads=True)
    context.set_default_timeout(60_000)
    context.on("request", lambda request: requests.append(request.url))
    context.on("weberror", lambda error: problems.append(str(error.error)))
    context.on("console", lambda one: one.type == "error" and problems.append(one.text))
    with site_server(folder, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Site(f"http://127.0.0.1:{server.server_port}/", folder, context, requests)
        context.close()
        server.shutdown()
    assert not [one for one in problems if "ERR_INTERNET_DISCONNECTED" not in one]
    assert all(url.startswith(("http://127.0.0.1:", "blob:")) for url in requests), requests


def found(page: Page) -> list[str]:
    """Return the numbers of the papers shown, once everything is searched."""
    page.wait_for_selector("[data-complete]")
    ids = page.locator("article[data-paper]").evaluate_all("all => all.map(a => a.dataset.paper)")
    count = page.locator("[data-count]").get_attribute("data-count")
    assert int(str(count)) == len(ids) or len(ids) == 30
    return [str(one).removeprefix("2611.0000") for one in ids]


def until(page: Page, script: str) -> None:
    """Wait for a condition; Playwright's own way needs `eval`, which the page's policy forbids."""
    for _ in range(300):
        if page.evaluate(script):
            return
        page.wait_for_timeout(20)
    raise AssertionError(script)


def stems(text: str) -> str:
    """Return the matcher's terms of a text, without the accents of Latin letters."""
    plain = re.sub("(?<=[A-Za-z])[\u0300-\u036f]+", "", unicodedata.normalize("NFD", text))
    return " " + "".join(f"{term} " for term in terms(unicodedata.normalize("NFC", plain)))


def code_of(page: Page) -> str:
    """Return the path of the page's code."""
    return str(page.locator("script[type=module]").get_attribute("src")).rpartition("/")[0]


SEARCHES = {
    "slow thinking": ["1", "2609.00001"],
    "slow thinkers": ["2"],
    "SLOW & language": ["1"],
    '"slow thinking" language': ["1"],
    "slow -thinking": ["2"],
    "slow NOT survey": ["1", "2609.00001"],
    "“slow thinking”": ["1", "2609.00001"],
    "title: slow thinking | title: survey": ["1", "2", "2609.00001"],
    "title: (survey | naïve)": ["2", "7"],
    "title: code": [],
    "abstract: code": ["3"],
    "language models": ["1", "6"],
    "models language": [],
    "models of language": ["3"],
    "text image": [],
    "text to image": ["6", "7"],  # a stop word is any one word
    "author: Muller": ["2"],
    "author: Wei Li": ["2"],
    "author: Mueller Klaus -thinker": [],
    "Müller": ["2"],
    "naive": ["7"],
    "CVPR": ["1"],
    "语言模型": ["5"],
    "基盤モデル": ["5"],
    "2611.00009": ["9"],
    "https://arxiv.org/abs/2611.00009v1": ["9"],
    "frac": ["6"],
    'slow "': ["1", "2", "2609.00001"],
    "slow | (": ["1", "2", "2609.00001"],
    "of the": [],
}
"""What is searched for, and the numbers of the papers that have it."""


def test_searches(served: Site) -> None:
    """A search finds what the same line of keywords.txt does, in comments and authors too."""
    page = served.open()
    result = {}
    for query in SEARCHES:
        page.fill("#q", query)
        result[query] = found(page)
    assert result == SEARCHES
    page.fill("#q", "-paper")
    assert not {"8", "9"} & set(found(page))
    page.fill("#q", ")")
    assert len(found(page)) == 30


def test_words_are_those_of_the_matcher(served: Site) -> None:
    """The browser splits any text into the stems of the matcher, and any name into its words."""
    chance = random.Random(1)
    letters = "abeioustyz '’.,:_-é가ж\u0e01\u0301\u200d\u3042\u30ab\u4e2d\U0001d49c10"
    endings = "s ed ing ational izer logi logy ies eed ement ion y ll bly ousness ance ical ness"
    texts = [
        *("".join(chance.choices(letters, k=chance.randint(1, 12))) for _ in range(3000)),
        *("".join(chance.choices("aeiobcdlmnrst", k=4)) + one for one in endings.split() * 60),
        *(f"{one.title} {one.abstract}" for one in sample_records(NIGHT)),
    ]
    names = ["Klaus Müller", "Ø. Åse-Straße", "O’Neill, J.", "Zhao Zha", "Łukasz Æther", "  "]
    page = served.open()
    both = page.evaluate(
        """async ([code, texts, names]) => {
          const { terms, nameWords } = await import(`./${code}/words.js`);
          return [texts.map(terms), names.map(nameWords)];
        }""",
        [code_of(page), texts, names],
    )
    pairs = zip(texts, map(stems, texts), both[0], strict=True)
    assert not [one for one in pairs if one[1] != one[2]]
    assert [set(words) for words in both[1]] == [name_words(name) for name in names]


def test_what_was_searched_for_is_marked(served: Site) -> None:
    """The words found are marked where they stand, in title, authors and abstract."""
    page = served.open("?q=language+models+|+author:+muller")
    marked = "all => all.map(one => one.textContent)"
    assert page.locator("h2 mark").evaluate_all(marked) == ["language models"]
    assert page.locator(".authors mark").evaluate_all(marked) == ["Klaus Müller"]
    page.locator("article[data-paper='2611.00006'] summary").click()
    page.locator(".abstract mark").first.wait_for()
    assert page.locator(".abstract mark").evaluate_all(marked) == ["language-models"]
    assert page.locator(".abstract mfrac").count() == 1


def test_filters_and_addresses(served: Site) -> None:
    """Each filter is in the address, which finds the same again; the list says how much it is."""
    page = served.open()
    for field, value, expected in (
        ("topic", "Agents", ["2"]),
        ("venue", "*", ["1"]),
        ("to", "2026-09-30", [f"2609.0000{n}" for n in (5, 4, 3, 2, 1)]),
    ):
        page.evaluate("document.querySelector('#filters').open = true")
        control = page.locator(f"[name={field}]")
        control.fill(value) if field == "to" else control.select_option(value)
        assert found(page) == expected
        again = served.open(page.url.removeprefix(served.address))
        assert found(again) == expected
        assert again.locator(f"[name={field}]").input_value() == value
        again.close()  # clicks are slow in a tab that is not in front
        page.click("#clear")
        assert len(found(page)) == 30
    page.locator("[name=code]").check()
    assert found(page) == ["3"]
    assert page.url.endswith("?code=1")
    months = served.open("?q=thinking&from=2026-09&to=2026-09")
    assert found(months) == ["2609.00001"]
    assert "1 paper of 65" in months.locator("#status").inner_text()
    best = served.open("?q=language&sort=best")
    assert found(best)[0] == "1"


def test_the_back_button(served: Site) -> None:
    """Back leads to the search before, not to its beginning."""
    page = served.open()
    page.locator("#q").press_sequentially("survey")
    assert found(page) == ["2"]
    page.wait_for_timeout(0)
    page.fill("#q", "CVPR")
    assert found(page) == ["1"]
    page.go_back()
    until(page, "document.querySelector('#q').value === 'survey'")
    assert found(page) == ["2"]
    page.go_back()
    until(page, "document.querySelector('#q').value === ''")


def test_stars_and_export(served: Site, tmp_path: Path) -> None:
    """Stars stay, filter, and leave as identifiers, BibTeX and a file that brings them back."""
    page = served.open("?q=slow")
    page.locator("article").nth(1).locator(".star").click()
    page.close()
    page = served.open("?starred=1")
    other = served.open("?q=slow")
    other.locator("article").nth(2).locator(".star").click()  # not lost by what this tab does
    other.close()
    page.reload()
    assert found(page) == ["2", "2609.00001"]
    page.locator("article .star").last.click()
    assert found(page) == ["2"]
    texts = {}
    page.locator("#export summary").click()
    for kind in ("identifiers", "seeds", "bibtex", "marks"):
        with page.expect_download() as download:
            page.click(f"[data-export={kind}]")
        texts[kind] = Path(download.value.path()).read_text("utf-8")
    assert texts["identifiers"] == texts["seeds"] == "2611.00002\n"
    assert texts["bibtex"].startswith("@misc{2611.00002,")
    assert list(json.loads(texts["marks"])["stars"]) == ["2611.00002"]
    page.locator("article .star").click()
    assert found(page) == []
    (tmp_path / "marks.json").write_text(texts["marks"])
    page.evaluate("document.querySelector('#export').open = true")
    page.set_input_files("#import", tmp_path / "marks.json")
    page.wait_for_selector("article[data-paper='2611.00002']")


def test_what_was_read_and_what_is_new(served: Site) -> None:
    """An opened abstract counts as read; new is what came after the night that was seen last."""
    page = served.open("?q=survey")
    page.locator("article summary").click()
    page.wait_for_selector("article.read")
    page.evaluate("document.querySelector('#filters').open = true")
    page.locator("[name=unread]").check()
    assert found(page) == []
    page.locator("[name=unread]").uncheck()
    page.wait_for_selector("article.read")
    assert found(served.open("?q=survey&unread=1")) == []
    assert found(served.open("?new=1")) == []  # the first visit
    night = NIGHT.isoformat()[:16]
    seen = json.dumps({"sees": night, "saw": night, "stars": {}, "read": {}})
    page.evaluate("seen => localStorage.setItem('daily-papers', seen)", seen)
    assert found(served.open("?new=1")) == ["1"]


def test_texts_of_a_model_say_so(served: Site) -> None:
    """A translated title and a summary stand beside the paper's own, with the model's name."""
    page = served.open("?q=2611.00003")
    assert "Sprachmodelle (written by m)" in page.locator("article").inner_text()
    page.locator("article summary").click()
    page.get_by_text("Of <b>models</b>. (written by m)").wait_for()


def test_stars_are_the_seeds_of_the_next_night(browser: Browser, tmp_path: Path) -> None:
    """Three starred papers, saved as seeds.txt, mark what is near, and order the search page."""
    (tmp_path / "keywords.txt").write_text("Neural Widgets\n")
    output = tmp_path / "site"
    with FakeArxiv(announced=True) as arxiv:
        night(tmp_path, arxiv, 0)
        site(tmp_path, output, SystemClock())
        with serving(browser, output) as served:
            page = served.open("?q=steam+engines")
            assert page.locator("[value=near]").count() == 0
            for star in page.locator(".star").all()[:3]:
                star.click()
            page.locator("#export summary").click()
            with page.expect_download() as download:
                page.click("[data-export=seeds]")
            download.value.save_as(tmp_path / "seeds.txt")
        assert len((tmp_path / "seeds.txt").read_text().splitlines()) == 3
        readme = night(tmp_path, arxiv, 1)["README.md"].decode()
    marked = [line for line in readme.splitlines() if "🎯" in line]
    assert "study of steam engines, part 160" in marked[0]
    site(tmp_path, output, SystemClock())
    with serving(browser, output) as served:
        page = served.open("?sort=near")
        titles = page.locator("h2").all_inner_texts()
        count = sum("steam" in title for title in titles)
        assert all("steam" in title for title in titles[:count])
        assert page.locator("[name=sort]").input_value() == "near"


def test_hostile_texts_stay_texts(served: Site) -> None:
    """A title, a name or a comment with markup is shown as it is, and runs nothing."""
    page = served.open("?q=2611.00004")
    page.locator("article summary").click()
    article = page.locator("article")
    assert "<img src=x" in article.locator("h2").inner_text()
    assert article.locator("img, a[href^=javascript]").count() == 0
    assert page.title() == "Daily Papers"
    for path in served.folder.glob("code-*/*.js"):
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacent|document.write|eval", path.read_text()
        )


def test_offline(served: Site) -> None:
    """What was visited works without a connection, with any search, and its BibTeX."""
    page = served.open()
    page.evaluate("navigator.serviceWorker.ready")
    served.context.set_offline(offline=True)
    offline = served.open("?q=survey")
    assert found(offline) == ["2"]
    offline.locator("#export summary").click()
    with offline.expect_download() as download:
        offline.click("[data-export=bibtex]")
    assert Path(download.value.path()).read_text("utf-8").startswith("@misc{2611.00002,")


def test_a_month_that_cannot_be_loaded(served: Site) -> None:
    """A piece that is missing is told, and the search does not pass for complete."""
    # What the service worker loads cannot be replaced.
    browser = served.context.browser
    assert browser
    page = browser.new_context(service_workers="block").new_page()
    page.route("**/data/2026-09*", lambda route: route.fulfill(status=200, body="broken"))
    page.goto(f"{served.address}?q=thinking")
    page.get_by_text("could not be loaded").wait_for()
    assert page.locator("[data-complete]").count() == 0
    assert page.locator("article").count() == 1


def test_thirty_at_a_time(served: Site) -> None:
    """Thirty papers are drawn, and more as the reader gets there."""
    page = served.open()
    assert page.locator("article").count() == 30
    page.locator("article").last.scroll_into_view_if_needed()
    until(page, "document.querySelectorAll('article').length > 30")


def test_keys(served: Site) -> None:
    """The search and the papers are reached by keys alone."""
    page = served.open()
    page.keyboard.press("/")
    page.keyboard.type("slow")
    assert len(found(page)) == 3
    focused = "document.activeElement.closest('article')?.dataset.paper"
    for key, expected in {
        "ArrowDown": "2611.00001",
        "j": "2611.00002",
        "k": "2611.00001",
        "ArrowUp": None,
    }.items():
        page.keyboard.press(key)
        assert page.evaluate(focused) == expected
    page.keyboard.press("ArrowDown")
    page.keyboard.press("s")
    assert page.locator("article").first.locator(".star").get_attribute("aria-pressed") == "true"
    page.keyboard.press("o")
    page.locator("article .abstract").first.wait_for()
    assert page.locator("h2 a").first.get_attribute("href") == "https://arxiv.org/abs/2611.00001v1"


def test_accessible_on_a_phone(served: Site, browser: Browser) -> None:
    """Axe finds nothing in either colour, nothing is wider than a phone, scripts may be off."""
    phone: dict[str, Any] = {"viewport": {"width": 390, "height": 800}, "bypass_csp": True}
    context = browser.new_context(**phone)
    page = served.open("?q=slow+|+2611.00004", context=context)
    for one in page.locator("details").all():
        one.evaluate("one => one.open = true")
    page.locator("article .abstract").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        violations = Axe().run(page).response["violations"]
        assert not [(scheme, one["id"], one["nodes"][0]["html"]) for one in violations]
    context.close()
    without = browser.new_context(java_script_enabled=False)
    plain = without.new_page()
    plain.goto(served.address)
    assert plain.locator("article").count() == 30
    without.close()
