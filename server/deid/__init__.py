"""The identifier check: pure, shared with the browser; never logs, never raises with content."""
