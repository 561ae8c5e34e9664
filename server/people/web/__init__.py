"""Pages about people: sign-in, invitations, profile, the roster."""
