import ast
from collections.abc import Iterator
from pathlib import Path

import daily_papers

LAYERS = (
    "__main__",
    "cli",
    "commands",
    "trackers",
    "publish",
    "site",
    "pages",
    "llm",
    "arxiv",
    "read_user_files",
    "ranking",
    "store",
    "progress",
    "settings",
    "topics",
    "facts",
    "text",
    "readme_markers",
    "atomic_files",
    "actions_commands",
    "announcement_calendar",
    "backoff",
    "bearer_token",
    "time_limit",
    "clock",
    "errors",
    "data",
)
"""Files and folders of the package: each may import those after it only."""

PACKAGE = Path(daily_papers.__file__).parent


def test_every_module_has_a_layer() -> None:
    """A new file or folder of the top level must find its place in the list."""
    found = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert found - {"__init__", "__pycache__"} == set(LAYERS)


def test_imports_point_down() -> None:
    """No module imports one of a layer above its own, nor `standins`, which only the demo may."""
    upward = [
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in PACKAGE.rglob("*.py")
        for name in _imported(path)
        if not _may_import(path.relative_to(PACKAGE), name)
    ]
    assert not upward


def _imported(path: Path) -> Iterator[str]:
    """Yield the dotted names of the project's modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module in {"daily_papers", "standins"}:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            elif node.module.startswith(("daily_papers.", "standins.")):
                yield node.module


def _may_import(path: Path, name: str) -> bool:
    package, layer = name.split(".")[:2]
    if package == "standins":
        return path == Path("commands/demo.py")
    own = path.parts[0].removesuffix(".py")
    # The package itself holds the version.
    return layer in {"__version__", own} or LAYERS.index(layer) > LAYERS.index(own)
