"""`make bench-media`: what forwarding costs, beside Janus, on equal ground (media.md §1, §5)."""
