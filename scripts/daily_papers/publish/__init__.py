"""Pages to disk, commit, push and issue."""
