"""Write the pages to disk, commit, push and open the issue."""
