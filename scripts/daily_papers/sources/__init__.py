"""Where papers come from: the search API and the announcement feed, through one polite session."""
