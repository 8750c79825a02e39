"""Run the whole job on invented papers, served by a stand-in for arXiv, in a separate folder."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from daily_papers.atomic_files import write_file
from daily_papers.clock import SystemClock
from daily_papers.commands.notify import pending_notice
from daily_papers.commands.site import site
from daily_papers.commands.update import Update
from daily_papers.errors import DailyPapersError, InputError
from daily_papers.readme_markers import NEW_README, README
from daily_papers.settings import SETTINGS, Environment, Settings
from daily_papers.site.build_site import PAGE
from daily_papers.store.write_all_or_none import FOLDER
from daily_papers.topics.keywords import KEYWORDS

try:
    from standins.arxiv import FakeArxiv, sample_records
    from standins.llm import FakeLlm
except ModuleNotFoundError as error:
    # The wheel contains the package only.
    raise DailyPapersError(
        "the demo needs a checkout of the project, with its folder scripts/standins"
    ) from error

TOPICS = (
    "Video Anomaly Detection",
    "Video Understanding",
    "Vision Language Model",
    "Multimodal Large Language Model",
)
NIGHTS = (datetime(2026, 11, 19, 5, 37, tzinfo=UTC), datetime(2026, 11, 20, 5, 37, tzinfo=UTC))
NOTICE = "notice.md"
SAMPLE = "docs/sample"
"""Where the project shows its pages. No night writes there, so that updates meet no conflict."""
_OURS = ".daily-papers-demo"
_MODEL = "an invented model"

_ALL_PAGES = (
    "[tool.daily-papers.pages]\nweekly = true\ndigest = true\nbilingual = true\nfeeds = true\n"
    '[tool.daily-papers.llm]\nlanguage = "zh"\nfirst-page = false\n'
    'tasks = ["ranking", "analysis", "digest", "translation", "summary"]\n'
)
SAMPLE_SETTINGS = (
    '[tool.daily-papers]\ncolumns = ["Paper"]\n[tool.daily-papers.pages]\narchive = false\n'
)


def run(*, output: Path) -> None:
    """Print where the demo's search page is, and how to open it; last, the path of its README."""
    readme = demo(output)
    page = output / "site"
    site(output, page, SystemClock())
    look = f"daily-papers site --root {output} --output {page} --serve"
    print(f"search page: {page / PAGE}; to look at it: {look}")
    print(readme)


def demo(output: Path, *, settings: str = _ALL_PAGES) -> Path:
    """Run two nights in `output` with this daily-papers.toml; return the path of the README.

    Raises InputError if `output` contains anything but an earlier demo.
    """
    foreign = output.exists() and not (output / _OURS).is_file()
    if foreign and (not output.is_dir() or any(output.iterdir())):
        raise InputError([f"{output}: it contains other files; give another folder with --output"])
    for page in sorted(output.glob("papers/**/*")):
        if page.is_file():
            page.unlink()
    write_file(output / _OURS, "made by daily-papers demo\n")
    write_file(output / KEYWORDS, "".join(f"{topic}\n" for topic in TOPICS))
    write_file(output / SETTINGS, settings)
    write_file(output / README, NEW_README)
    with FakeArxiv(sample_records(NIGHTS[-1])) as server, FakeLlm() as llm:
        environment = Environment(
            arxiv_api_url=server.api_url,
            arxiv_oai_url=server.oai_url,
            openai_api_key="invented-key",
            openai_base_url=llm.base_url,
            llm_model=_MODEL,
        )
        for night in NIGHTS:
            server.now = night - timedelta(hours=1)
            update = Update(output, environment, SystemClock(), now=night, pace=0.0)
            result = update.run()
    store = replace(result.store, notified=NIGHTS[0])
    notice = pending_notice(store, Settings(), environment)
    if notice is not None:
        write_file(output / NOTICE, f"# {notice.title}\n\n{notice.body}")
    return output / README


def write_sample(repository: Path, output: Path) -> None:
    """Replace the sample in the repository's docs by the demo's pages."""
    shown = demo(output, settings=SAMPLE_SETTINGS)
    sample = repository / SAMPLE
    for page in sorted(sample.glob("**/*.*")):
        page.unlink()
    for page in (shown, *sorted(output.glob("papers/**/*.*"))):
        if not page.is_relative_to(output / FOLDER):
            write_file(sample / page.relative_to(output), page.read_text("utf-8"))
