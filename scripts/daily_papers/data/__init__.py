"""Tables that change more often than code: venues, categories, holidays, languages, as TOML."""

import functools
import tomllib
from importlib import resources
from typing import Any


@functools.cache
def load(name: str) -> dict[str, Any]:
    """Return the table in `name`.toml of this folder."""
    return tomllib.loads(load_text(f"{name}.toml"))


def load_text(name: str) -> str:
    """Return a file of this folder."""
    return resources.files(__name__).joinpath(name).read_text("utf-8")
