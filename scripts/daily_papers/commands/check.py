"""Check keywords.txt, the settings and the README's markers."""

from pathlib import Path

from daily_papers.arxiv.start_jitter import own_cron
from daily_papers.llm.enrich_papers import configuration_error, model_doubts
from daily_papers.llm.token_counts import ABOUT
from daily_papers.pages.pieces import plural
from daily_papers.progress import add_to_summary, warn
from daily_papers.publish.missing_switches import missing_switches
from daily_papers.read_user_files import read_project
from daily_papers.settings import Environment, Llm, load_environment
from daily_papers.text import markdown
from daily_papers.topics.keywords import KEYWORDS
from daily_papers.topics.phrase_advice import remarks


def _about_the_model(llm: Llm, environment: Environment) -> None:
    """Say what a model is asked for, what that costs, and what is missing on this machine."""
    if not llm.tasks:
        return
    tokens = sum(ABOUT[task] for task in llm.tasks if task != "digest")
    digest = f", and {ABOUT['digest']:,} for each digest" if "digest" in llm.tasks else ""
    print(
        f"texts by a model: {', '.join(llm.tasks)}; about {tokens:,} tokens for each paper"
        f"{digest}. A night asks about {llm.max_papers_per_night:,} papers and uses "
        f"{llm.max_tokens_per_night:,} tokens at most"
    )
    if error := configuration_error(llm, environment):
        print(f"  on this machine no model can be asked: {error}")
    else:
        print("  `daily-papers try-model` shows the texts about one paper")


def run(*, root: Path) -> None:
    """Print the topics, and the time proposed for this copy's workflow. Raises InputError."""
    environment = load_environment()
    project = read_project(root)
    count = len(project.topics)
    print(f"{count} {'topic' if count == 1 else 'topics'}:")
    for topic in project.topics:
        print(f"  {topic.name}")
    for topic in project.topics:
        for remark in remarks(topic.query):
            warn(f"{KEYWORDS}:{topic.line}: {remark}", environment)
    if project.seeds or project.authors.names:
        seeds, authors = len(project.seeds), len(project.authors.names)
        print(f"to read first: {plural(seeds, 'paper')} of your own, {plural(authors, 'author')}")
    _about_the_model(project.settings.llm, environment)
    for doubt in model_doubts(project.settings):
        warn(doubt, environment)
    print("keywords, settings and README markers are in order")
    tell_missing(root, environment, pages=project.settings.pages.site)
    if environment.github_repository:
        cron = own_cron(environment.github_repository)
        print(f'a time of this copy\'s own for .github/workflows/nightly.yml: cron: "{cron}"')


def tell_missing(root: Path, environment: Environment, *, pages: bool) -> None:
    """Say, on the run's page too, what is still switched off at GitHub."""
    missing = missing_switches(root, environment, pages=pages)
    for sentence in missing:
        warn(sentence, environment)
    if missing:
        listed = "".join(f"- {markdown.inline(sentence)}\n" for sentence in missing)
        add_to_summary(f"\n## Still switched off\n\n{listed}\n", environment)
