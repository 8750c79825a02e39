"""Foreign text to Markdown, HTML, XML and BibTeX: the one place where it is escaped."""
