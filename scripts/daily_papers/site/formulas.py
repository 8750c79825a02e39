"""Typeset the formulas of titles and abstracts as MathML, where one line of Unicode reads worse."""

import functools
import re
from typing import Any

from latex2mathml.converter import convert
from lxml import etree

from daily_papers.text.latex import split_formulas
from daily_papers.text.markdown import clean

Tree = list[Any]
"""An element of MathML: its name, its attributes if it has any, then texts and elements."""

# Fractions, roots, big operators and matrices, in the source.
_BUILT = re.compile(
    r"\\(?:[dtc]?frac|sqrt|i*nt|oint|sum|prod|d?binom|begin|over|under|wide|left|stackrel|lim)"
)
# What Unicode has no raised or lowered letter for, after the conversion.
_MARKS = re.compile(r"[\^_\\]")
_MATHML = "{http://www.w3.org/1998/Math/MathML}"
# MathML Core, without what may hold HTML or a link: https://www.w3.org/TR/mathml-core/
_ELEMENTS = re.compile(
    "math|m(?:row|[ions]|text|space|frac|sqrt|root|sub|sup|subsup|under|over|underover"
    "|multiscripts|prescripts|table|tr|td|style|padded|phantom)"
)
_ATTRIBUTES = re.compile(
    "display|accent|accentunder|stretchy|fence|separator|lspace|rspace|linethickness|mathvariant"
    "|displaystyle|scriptlevel|minsize|maxsize|width|height|depth|columnalign"
)


def typeset(text: str) -> str | list[str | Tree]:
    """Return a text as one line for reading; as a list with its formulas, if it has any to typeset.

    A formula that cannot be converted, or converts to anything but plain MathML, stays as text.
    """
    if "$" not in text and "\\(" not in text and "\\[" not in text:
        return clean(text)
    parts: list[str | Tree] = [""]
    source = ""
    for part, is_formula in split_formulas(text):
        tree = _mathml(part) if is_formula else None
        if tree is None:
            source += f"${part}$" if is_formula else part
        else:
            parts += _spaced(source), tree
            source = ""
    if len(parts) == 1:
        return clean(text)
    return [one for one in (*parts, _spaced(source)) if one]


def _spaced(source: str) -> str:
    """Return a part of a text for reading, with the blank at either of its ends."""
    line = clean(source)
    before, after = source[:1].isspace(), source[-1:].isspace()
    return f"{' ' * before}{line}{' ' * after}" if line else " " * before


@functools.lru_cache(4096)
def _mathml(formula: str) -> Tree | None:
    if not _BUILT.search(formula) and not _MARKS.search(clean(f"${formula}$")):
        return None
    try:
        root = etree.fromstring(convert(formula), etree.XMLParser(resolve_entities=False))
    except Exception:  # noqa: BLE001 - the library has no base class for what a formula may lack
        return None
    is_plain = all(
        isinstance(one.tag, str) and _ELEMENTS.fullmatch(_name(one)) for one in root.iter()
    )
    return _tree(root) if is_plain else None


def _name(element: etree._Element) -> str:
    return str(element.tag).removeprefix(_MATHML)


def _tree(element: etree._Element) -> Tree:
    attributes = {
        str(name): str(value) for name, value in element.items() if _ATTRIBUTES.fullmatch(str(name))
    }
    inner: list[Any] = [element.text] if element.text else []
    for child in element:
        inner.append(_tree(child))
        inner += [child.tail] if child.tail else []
    return [_name(element), *([attributes] if attributes else []), *inner]
