"""Check keywords.txt, the settings and the README's markers."""

from pathlib import Path

from daily_papers.arxiv.start_jitter import own_cron
from daily_papers.progress import add_to_summary, warn
from daily_papers.publish.missing_switches import missing_switches
from daily_papers.read_user_files import read_project
from daily_papers.settings import Environment, load_environment
from daily_papers.text import markdown
from daily_papers.topics.keywords import KEYWORDS
from daily_papers.topics.phrase_advice import remarks


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
    print("keywords, settings and README markers are in order")
    tell_missing(root, environment)
    if environment.github_repository:
        cron = own_cron(environment.github_repository)
        print(f'a time of this copy\'s own for .github/workflows/nightly.yml: cron: "{cron}"')


def tell_missing(root: Path, environment: Environment) -> None:
    """Say, on the run's page too, what is still switched off at GitHub."""
    missing = missing_switches(root, environment)
    for sentence in missing:
        warn(sentence, environment)
    if missing:
        listed = "".join(f"- {markdown.inline(sentence)}\n" for sentence in missing)
        add_to_summary(f"## Still switched off\n\n{listed}\n", environment)
