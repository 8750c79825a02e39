"""zezhishao/DailyArXiv: the list `keywords` in main.py, read from the syntax tree.

A phrase is searched in title or abstract, one word alone in both; in versions whose main.py knows
no "AND", a word too may be in either. utils.py keeps the archives of `target_fileds`.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from daily_papers.errors import InputError
from daily_papers.topics.categories import category_fault
from daily_papers.topics.query_tree import Search, plain
from daily_papers.trackers.brought_over import BroughtOver, Wanted, phrase

_COUNTS = {"max_result": ("max-papers", 100), "issues_result": ("issue-papers", 15)}
"""Their names, our names, and the default of both."""
_COLUMNS = {
    "Title": "Title",
    "Date": "Date",
    "Abstract": "Abstract",
    "Comment": "Comment",
    "Authors": "Authors",
    "Tags": "Categories",
}
_FIRST = ("Title", "Link", "Date")
"""Columns that always come first: the link is in the title."""


def read(folder: Path) -> BroughtOver | None:
    """Return what main.py says; None if there is no such list. Raises InputError."""
    tree = _parse(folder / "main.py")
    assigned = dict(_assigned(tree))
    keywords = list(_keywords(tree))
    if not keywords:
        return None
    found = BroughtOver("zezhishao/DailyArXiv")
    is_both = any(isinstance(one, ast.Constant) and one.value == "AND" for one in ast.walk(tree))
    for node in keywords:
        place = f"main.py:{node.lineno}"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.split():
            name = found.plain_text(place, node.value)
            query = plain(name) if is_both else Search(phrase(name))
            found.topics.append(Wanted(place, name, query))
        else:
            found.left.append(f"{place}: {ast.unparse(node)}: it is not a plain text")
    for theirs, (ours, default) in _COUNTS.items():
        if (value := _value(assigned.get(theirs))) not in (None, default):
            found.settings[ours] = value
    names = _value(assigned.get("column_names"))
    if isinstance(names, list):
        others = [_COLUMNS[one] for one in names if one in _COLUMNS and one not in _FIRST]
        found.settings["columns"] = ["Title", "Date", *others]
    _read_archives(folder / "utils.py", found)
    return found


def _read_archives(path: Path, found: BroughtOver) -> None:
    for node in ast.walk(_parse(path)):
        if not isinstance(node, ast.FunctionDef) or node.name != "filter_tags":
            continue
        defaults = zip(reversed(node.args.args), reversed(node.args.defaults), strict=False)
        fields = next((_value(one) for arg, one in defaults if arg.arg.startswith("target_")), None)
        if not isinstance(fields, list) or sorted(map(str, fields)) == ["cs", "stat"]:
            continue
        patterns = [f"{one}.*" if category_fault(str(one)) else str(one) for one in fields]
        unknown = [one for one in patterns if category_fault(one)]
        found.left += [f"utils.py:{node.lineno}: arXiv has no archive {one}" for one in unknown]
        found.settings["categories"] = [one for one in patterns if one not in unknown]


def _parse(path: Path) -> ast.Module:
    if not path.is_file():
        return ast.Module([], [])
    try:
        return ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        raise InputError([f"{path}:{line}: it is not Python ({error}); mend it first"]) from None


def _assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names that the module assigns to, with their values."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            yield from ((one.id, node.value) for one in node.targets if isinstance(one, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            yield node.target.id, node.value


def _keywords(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield what the list `keywords` is made of, with what is added to it later."""
    for node in ast.walk(tree):
        match node:
            case (
                ast.Assign(targets=[ast.Name("keywords")], value=ast.expr() as value)
                | ast.AnnAssign(target=ast.Name("keywords"), value=ast.expr() as value)
                | ast.AugAssign(target=ast.Name("keywords"), value=value)
                | ast.Call(func=ast.Attribute(ast.Name("keywords"), "extend"), args=[value])
            ):
                yield from _elements(value)
            case ast.Call(func=ast.Attribute(ast.Name("keywords"), "append"), args=[value]):
                yield value


def _elements(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.List(elements) | ast.Tuple(elements) | ast.Set(elements):
            yield from elements
        case ast.BinOp(left, ast.Add(), right):
            yield from _elements(left)
            yield from _elements(right)


def _value(node: ast.expr | None) -> object:
    """Return a literal's value; None if it is not one."""
    try:
        return None if node is None else ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
