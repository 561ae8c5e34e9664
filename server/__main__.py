"""`python -m server`."""

from server.cli import main

if __name__ == "__main__":  # processes that this one starts read this file, too
    main()
