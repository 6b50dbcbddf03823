"""``memctl memory``: what a user said, what is so, and since when."""
