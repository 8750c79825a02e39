"""Render pages: pure functions from the store to text, one module per page."""
