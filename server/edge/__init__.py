"""HTTP and socket plumbing: no product words live here."""
