"""Fetch papers from arXiv, politely."""
