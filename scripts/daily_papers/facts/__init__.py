"""Facts from a paper's own text: venue, links to code, key sentences."""
