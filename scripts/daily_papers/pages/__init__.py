"""The store to text: pure functions, whose result depends on the facts alone."""
