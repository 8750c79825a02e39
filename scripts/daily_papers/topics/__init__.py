"""keywords.txt: reading it, and telling what a topic finds at arXiv and here."""
