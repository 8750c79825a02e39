"""papers/badges/*.svg: the badges of the topics' pages, so that no page loads a third party's."""

from unicodedata import east_asian_width

from anybadge import Badge

from daily_papers.atomic_files import GENERATED
from daily_papers.pages.fixed_words import Words

FOLDER = "papers/badges"
UPDATED = f"{FOLDER}/updated.svg"
_COLORS = {"Papers": "#2688EB", "last_updated": "#E0843B"}
"""Of each word that is a label."""
_PADDING = 0.5
"""The letters of room on both sides of a label."""
# anybadge's own template has a mask with another name in each badge.
_TEMPLATE = (
    f"{GENERATED}\n"
    """\
<svg xmlns="http://www.w3.org/2000/svg" width="{{ badge width }}" height="20" role="img">
  <title>{{ label }}: {{ value }}</title>
  <rect width="{{ badge width }}" height="20" rx="3" fill="{{ color }}"/>
  <path fill="#555" d="M3 0H{{ color split x }}v20H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z"/>
  <g fill="#fff" text-anchor="middle" font-family="{{ font name }}" font-size="{{ font size }}">
    <text x="{{ label anchor }}" y="14">{{ label }}</text>
    <text x="{{ value anchor }}" y="14">{{ value }}</text>
  </g>
</svg>
"""
)


def papers_badge(page_name: str) -> str:
    """Return the path of the badge with a topic's number of papers, from the root."""
    return f"{FOLDER}/{page_name}-papers.svg"


def render_badge(word: str, value: str, say: Words) -> str:
    """Return a badge as SVG; its label is a fixed word."""
    label = say(word)
    badge = Badge(
        label,
        value,
        default_color=_COLORS[word],
        num_label_padding_chars=_PADDING + sum(map(_missing, label)) / 2,
        template=_TEMPLATE,
    )
    return str(badge.badge_svg_text)


def _missing(letter: str) -> float:
    """Return by how much of a letter anybadge takes one for too narrow: it knows Latin ones."""
    if east_asian_width(letter) in "WF":
        return 0.6
    return 0.0 if letter.isascii() else 0.2
