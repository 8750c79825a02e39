import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.facts.code_links import code_links
from daily_papers.text.markdown import clean


def links(abstract: str, comment: str = "") -> list[str]:
    """Return the links of a paper with these texts."""
    return list(code_links(abstract, comment))


REPOSITORY = "https://github.com/owner/name"


@pytest.mark.parametrize(
    "text",
    [
        f"Code is available at {REPOSITORY}.",
        f"({REPOSITORY})",
        f"Code: {REPOSITORY}.git.",
        f"Code: {REPOSITORY}/",
        "Code: http://github.com/owner/name",
        "Code:github.com/owner/name, data on request",
        "https:// github.com/owner/name",
        "https://GitHub.com/owner/name",
        rf"Code at \url{{{REPOSITORY}}}.",
        rf"Our \href{{{REPOSITORY}}}{{code}} is open.",
        rf"\href{{{REPOSITORY}}}{{{REPOSITORY}}}",
        rf"$\href{{{REPOSITORY}}}{{here}}$",
        rf"Code\footnote{{{REPOSITORY}}} is open.",
        rf"\texttt{{{REPOSITORY}}}",
        f"{REPOSITORY}, {REPOSITORY}.git and http://github.com/Owner/Name/",
        f"{REPOSITORY}; see {REPOSITORY}/tree/main/data",
    ],
)
def test_a_repository_is_found_however_it_is_written(text: str) -> None:
    """Its URL is clean, complete and unique, whether from the abstract or the comment."""
    assert links(text) == [REPOSITORY]
    assert links("It is.", text) == [REPOSITORY]
    assert links(text, text) == [REPOSITORY]


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://gitlab.com/a/b.", "https://gitlab.com/a/b"),
        ("https://gitlab.lab.example.org/a/b/c", "https://gitlab.lab.example.org/a/b/c"),
        ("https://bitbucket.org/a/b", "https://bitbucket.org/a/b"),
        ("codeberg.org/a/b", "https://codeberg.org/a/b"),
        ("https://anonymous.4open.science/r/a-1F2E/.", "https://anonymous.4open.science/r/a-1F2E"),
        ("huggingface.co/datasets/a/b\\_c}", "https://huggingface.co/datasets/a/b_c"),
        ("https://hf.co/a", "https://hf.co/a"),
        ("http://a-b.github.io/Page/", "https://a-b.github.io/Page"),
        ("https:// a.github.io/x", "https://a.github.io/x"),
        ("https://a.gitlab.io", "https://a.gitlab.io"),
        ("Project page: https://example.org/a.", "https://example.org/a"),
        ("Our project webpage is http://example.org/a/", "http://example.org/a"),
        ("Code can be found at https://example.org/a?b=c", "https://example.org/a?b=c"),
        ("Code: https://github.com/owner.", "https://github.com/owner"),
        ("The dataset (https://zenodo.org/records/1)", "https://zenodo.org/records/1"),
        ("Data: https://doi.org/10.5281/zenodo.1.", "https://doi.org/10.5281/zenodo.1"),
        ("Accepted at X. Website: https://example.org", "https://example.org"),
        ("Short paper, project page: https://example.org", "https://example.org"),
    ],
)
def test_other_hosts_are_known_or_introduced(text: str, link: str) -> None:
    """Code hosts and their pages are known; for other URLs the words before them decide."""
    assert links(text) == [link]


@pytest.mark.parametrize(
    "text",
    [
        "Code: this https URL",
        "The code is available on GitHub.",
        "Mined from GitHub and Hugging Face repositories.",
        "https://github.com https://github.com/ github.com",
        "Found at https://github.com/owner",
        "https://github.com/topics/x https://huggingface.co/papers/1 https://huggingface.co",
        "code@github.com/a/b",
        "Code: https://open-upon-acceptance.",
        "Published version: https://doi.org/10.1000/1",
        "Data: https://doi.org/10.1000/1",
        "Preprint on Zenodo: https://doi.org/10.5281/zenodo.1",
        "Accepted at X (https://example.org)",
        "Conference site: https://example.org",
        "Demo video: https://youtu.be/x https://www.youtube.com/watch?v=x",
        "Code and reviews: https://openreview.net/forum?id=x",
        "The code is new. Read https://example.org",
        "https://arxiv.org/abs/2401.00001",
    ],
)
def test_nothing_is_invented(text: str) -> None:
    """A word, a placeholder, or the URL of something else is not a link to code."""
    assert links(text, text) == []


def test_addresses_joined_by_and_are_introduced_together() -> None:
    """The words before the first URL also introduce the next one."""
    assert links("Code is at https://a.org/b and https://c.org/d.") == [
        "https://a.org/b",
        "https://c.org/d",
    ]


def test_repositories_come_first_and_three_are_enough() -> None:
    """Then models and data, then pages; this order also decides which three remain."""
    assert links(
        "Page: https://a.github.io/p. Data: https://huggingface.co/datasets/a/d.",
        "Code: https://github.com/a/c",
    ) == [
        "https://github.com/a/c",
        "https://huggingface.co/datasets/a/d",
        "https://a.github.io/p",
    ]
    many = [f"https://github.com/a/{number}" for number in range(5)]
    assert links(" ".join(many)) == many[:3]


pieces = st.sampled_from(
    [
        *("https://", "http://", "www.", "github.com/", "gitlab.com/", "a.github.io/", "a/b"),
        *("huggingface.co/", "example.org/", "doi.org/10.5281/zenodo.1", "?q=1#x", ":8080"),
        *("Code: ", "\\url{", "}", " and ", "\n", *" ./_@[]é中"),
    ]
)


@given(st.lists(pieces, max_size=15).map("".join), st.lists(pieces, max_size=15).map("".join))
def test_every_link_stands_in_the_text(abstract: str, comment: str) -> None:
    """For any text, each link is a complete URL on one line whose host and path are in the text."""
    found = links(abstract, comment)
    assert len(found) == len({link.casefold() for link in found}) <= 3
    text = f"{clean(abstract)} {clean(comment)}".casefold()
    for link in found:
        assert link.startswith(("https://", "http://"))
        assert link == clean(link)
        assert link.partition("://")[2].casefold() in text
