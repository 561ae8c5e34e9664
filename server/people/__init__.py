"""Who they are: people, organisations, roles per programme, sign-in."""
