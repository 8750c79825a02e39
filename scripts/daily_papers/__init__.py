"""Keeps a repository's README up to date with the newest arXiv papers on its topics."""

__version__ = "1.0.0"
