"""What the process that servers are forked from does once: import the program, read its files."""

import gc

from server import app, cli
from server.deid import verdict

__all__ = ["cli"]

app._files()
# The first text that is checked reads the rules of every language.
verdict.screen_line("Screen for bipolar disorder before the dose goes up.")
# A fork shares these objects with the others: a collection would write to each of them.
gc.freeze()
