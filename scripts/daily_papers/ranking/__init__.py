"""What to read first: the readers' own papers and authors, and what is rising."""
