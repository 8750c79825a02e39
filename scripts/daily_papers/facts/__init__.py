"""What a paper's own text tells: venue, links to code, key sentences."""
