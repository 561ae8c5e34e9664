"""Pages and forms of cases."""
