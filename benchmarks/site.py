"""Measure the search page on real records: build, bytes, and times in a browser, beside Pagefind.

    python benchmarks/site.py --records FILE.jsonl.gz --counts 400 5000 20000 [--browser PATH]

A record is a JSON object a line with arXiv's fields, as `Paper` names them. "Phone" is 1.6 Mbit/s,
150 ms and a CPU of a quarter of the speed. Pagefind takes part if it is installed:
`uv run --with pagefind …`.
"""

import argparse
import gzip
import html
import importlib.util
import json
import mimetypes
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from daily_papers.announcement_calendar import announced_at
from daily_papers.atomic_files import write_file
from daily_papers.clock import parse_time
from daily_papers.store.entry_types import Entry, Store, TopicState, newest_first
from daily_papers.store.paper import Paper
from daily_papers.store.store_file import save_store
from daily_papers.text.white_space import one_line, paragraphs

TOPIC = "Everything"
QUERY = "language model"
KEYS = ("diffusion", "reinforcement learning", "title: survey", "robot & language", "agent -survey")
PHONE = {"latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 94_000}
_TEXT = (".html", ".js", ".css", ".json", ".txt", ".xml", ".svg")
_COST = """
import resource, runpy, sys, time
sys.argv = sys.argv[1:]
try:
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
finally:
    use = resource.getrusage(resource.RUSAGE_SELF)
    # ru_maxrss has what the process had as a copy of its parent.
    peak = open("/proc/self/status").read().split("VmHWM:")[1].split()[0]
    print(f"cost {use.ru_utime + use.ru_stime} {peak}", file=sys.stderr)
"""


def entry_of(record: dict[str, Any]) -> Entry:
    """Return a record as an entry of the store."""
    texts = {name: one_line(record[name]) for name in ("title", "comment", "journal_ref")}
    times = {name: parse_time(record[name]) for name in ("published", "updated")}
    lists = {name: tuple(record[name]) for name in ("authors", "categories")}
    names = ("arxiv_id", "version", "primary_category")
    others = {name: record[name] for name in names}
    abstract, doi = paragraphs(record["abstract"]), record["doi"] or ""
    paper = Paper(**texts, **times, **lists, **others, abstract=abstract, doi=doi)
    return Entry(paper, (TOPIC,), announced_at(paper.published) + timedelta(hours=5))


def write_store(root: Path, entries: list[Entry]) -> None:
    """Write a store with these papers."""
    night = max(entry.first_seen for entry in entries)
    table = tuple(one.paper.arxiv_id for one in newest_first(entries, "updated")[:100])
    state = TopicState(TOPIC, "all", night, watermark=night, table=table)
    papers = {entry.paper.arxiv_id: entry for entry in entries}
    store = Store(night, night, "updated", topics={TOPIC: state}, entries=papers)
    write_file(root / "keywords.txt", f"{TOPIC}: cs.LG\n")
    save_store(root, None, store)


def build(root: Path) -> tuple[Path, dict[str, float]]:
    """Write the site of a store in a process of its own; return its folder and the cost."""
    output = root / "site"
    command = (sys.executable, "-c", _COST, "daily_papers", "site")
    began = time.perf_counter()
    done = subprocess.run(
        [*command, "--root", root, "--output", output], capture_output=True, text=True, check=True
    )
    seconds, kilobytes = done.stderr.split("cost ")[1].split()
    wall = time.perf_counter() - began
    return output, {"wall": wall, "cpu": float(seconds), "memory": int(kilobytes) / 1024}


def build_pagefind(root: Path, entries: list[Entry]) -> tuple[Path, float]:
    """Write a page for each paper and Pagefind's index of them; return the folder and seconds."""
    folder = root / "pagefind-site"
    for entry in entries:
        paper = entry.paper
        text = "".join(f"<p>{html.escape(one)}</p>" for one in (paper.abstract, paper.comment))
        title = html.escape(paper.title)
        page = f"<!doctype html><html lang=en><title>{title}</title><h1>{title}</h1>{text}</html>"
        path = folder / f"{paper.arxiv_id.replace('/', '_')}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    began = time.perf_counter()
    command = [sys.executable, "-m", "pagefind", "--site", folder]
    subprocess.run(command, capture_output=True, check=True)
    wall = time.perf_counter() - began
    (folder / "search.html").write_text(
        "<!doctype html><div id=list></div><script type=module>"
        "const pagefind = await import('/pagefind/pagefind.js');"
        "globalThis.lookUp = async (query) => {"
        " const found = await pagefind.search(query);"
        " const ten = await Promise.all(found.results.slice(0, 10).map((one) => one.data()));"
        " list.replaceChildren(...ten.map((one) => Object.assign("
        "   document.createElement('article'), { innerHTML: one.excerpt })));"
        "};"
        "const query = new URLSearchParams(location.search).get('q');"
        "if (query) await lookUp(query); else await pagefind.init();"
        "</script>",
        encoding="utf-8",
    )
    return folder, wall


class _Handler(SimpleHTTPRequestHandler):
    """Serves files as GitHub Pages does: texts compressed."""

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        data = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", mimetypes.guess_type(path.name)[0] or "application/x")
        if path.suffix in _TEXT:
            data = gzip.compress(data, 6)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder; the value is its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def opened(browser: Browser, *, phone: bool) -> Iterator[tuple[Page, Callable[[], int]]]:
    """Open a page with an empty cache; the second value returns the bytes that came so far."""
    context = browser.new_context(service_workers="block")
    page = context.new_page()
    session = context.new_cdp_session(page)
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda one: sizes.append(one["encodedDataLength"]))
    session.send("Network.enable")
    if phone:
        session.send("Network.emulateNetworkConditions", {"offline": False, **PHONE})
        session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.add_init_script(
        "new MutationObserver(() => { if (document.querySelector('#list article') &&"
        " (document.querySelector('[data-count]') || globalThis.lookUp)) "
        "globalThis.first ??= performance.now(); })"
        ".observe(document, { childList: true, subtree: true, attributes: true });"
    )
    yield page, lambda: int(sum(sizes))
    context.close()


def times(browser: Browser, address: str, path: str, *, phone: bool) -> dict[str, float]:
    """Return when there is something to read, and the first results; and the bytes until then."""
    with opened(browser, phone=phone) as (page, bytes_so_far):
        page.goto(f"{address}{path}?q={QUERY.replace(' ', '+')}", wait_until="commit")
        # The page's policy forbids `eval`, with which Playwright would wait.
        while (first := page.evaluate("globalThis.first")) is None:
            page.wait_for_timeout(50)
        found = {"first": first, "bytes": bytes_so_far()}
    with opened(browser, phone=phone) as (page, _):
        page.goto(f"{address}{path}", wait_until="load")
        paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
        return {**found, "paint": page.evaluate(paint)}


def keys(browser: Browser, address: str, *, phone: bool) -> dict[str, float]:
    """Return the seconds until everything is searched, and the milliseconds of a key."""
    with opened(browser, phone=False) as (page, _):
        began = time.perf_counter()
        page.goto(f"{address}/?q={QUERY.replace(' ', '+')}")
        page.wait_for_selector("[data-complete]", timeout=600_000)
        loaded = time.perf_counter() - began
        if phone:
            session = page.context.new_cdp_session(page)
            session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        script = """async (query) => {
          const box = document.querySelector("#q"), list = document.querySelector("#list");
          const began = performance.now();
          const drawn = new Promise((done) => {
            const seen = new MutationObserver(() => (seen.disconnect(), done(performance.now())));
            seen.observe(list, { childList: true });
          });
          box.value = query;
          box.dispatchEvent(new Event("input", { bubbles: true }));
          const first = (await drawn) - began;
          const isDone = () => document.querySelector("[data-complete]");
          while (!isDone()) await new Promise(requestAnimationFrame);
          return [first, performance.now() - began];
        }"""
        both = [page.evaluate(script, query) for query in KEYS for _ in range(3)]
        first, whole = (sorted(one)[len(both) // 2] for one in zip(*both, strict=True))
        return {"loaded": loaded, "key": first, "whole": whole}


def sizes(folder: Path) -> tuple[int, int]:
    """Return the files of a folder and their bytes."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return len(files), sum(path.stat().st_size for path in files)


def changed_bytes(before: Path, after: Path) -> int:
    """Return the bytes of the files that a night added or changed."""
    return sum(
        path.stat().st_size
        for path in after.rglob("*")
        if path.is_file()
        and not (
            (old := before / path.relative_to(after)).is_file()
            and old.read_bytes() == path.read_bytes()
        )
    )


def measure(entries: list[Entry], folder: Path, browser: Browser, *, pagefind: bool) -> None:
    """Print everything about so many papers, newest first."""
    night = [one for one in entries if one.first_seen == max(e.first_seen for e in entries)]
    write_store(folder / "before", entries[len(night) :])
    write_store(folder / "after", entries)
    before, _ = build(folder / "before")
    site, cost = build(folder / "after")
    count, size = sizes(site)
    data = sizes(site / "data")[1]
    print(
        f"\n{len(entries):,} papers: built in {cost['wall']:.1f} s ({cost['cpu']:.1f} s CPU), "
        f"{cost['memory']:.0f} MB; {count:,} files, {size / 1e6:.1f} MB, data {data / 1e6:.2f} MB; "
        f"a night of {len(night)} papers changes {changed_bytes(before, site) / 1e3:,.0f} KB, "
        f"of the page {changed_bytes(before / 'data', site / 'data') / 1e3:,.0f} KB"
    )
    rows = [("this page", site, "/")]
    if pagefind:
        other, wall = build_pagefind(folder, entries)
        count, size = sizes(other)
        print(f"Pagefind: built in {wall:.1f} s; {count:,} files, {size / 1e6:.1f} MB")
        rows.append(("Pagefind", other, "/search.html"))
    for name, root, path in rows:
        with served(root) as address:
            for device in ("desktop", "phone"):
                found = times(browser, address, path, phone=device == "phone")
                print(
                    f"{name}, {device}: to read {found['paint']:.0f} ms, first results "
                    f"{found['first']:.0f} ms, {found['bytes'] / 1e3:.0f} KB until then"
                )
            for device in ("desktop", "phone") if root == site else ():
                found = keys(browser, address, phone=device == "phone")
                print(
                    f"{name}, {device}: a key {found['key']:.0f} ms until results, "
                    f"{found['whole']:.0f} ms until everything is searched; "
                    f"loaded in {found['loaded']:.1f} s without throttling"
                )


def main() -> None:
    """Measure each number of papers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=Path, required=True)
    parser.add_argument("--counts", type=int, nargs="+", default=[400, 5000, 20_000])
    parser.add_argument("--pagefind-up-to", type=int, default=5000)
    parser.add_argument("--browser", default=shutil.which("chromium"))
    options = parser.parse_args()
    with gzip.open(options.records, "rt", encoding="utf-8") as file:
        entries = [entry_of(json.loads(line)) for line in file]
    entries.sort(key=lambda one: (one.paper.published, one.paper.arxiv_id), reverse=True)
    has_pagefind = importlib.util.find_spec("pagefind") is not None
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=options.browser, args=["--no-sandbox"])
        for count in options.counts:
            pagefind = has_pagefind and count <= options.pagefind_up_to
            measure(entries[:count], Path(folder) / str(count), browser, pagefind=pagefind)
        browser.close()


if __name__ == "__main__":
    main()
