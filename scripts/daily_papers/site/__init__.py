"""The search page, its data, and the data for programs, for GitHub Pages."""
