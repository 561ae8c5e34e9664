"""Encrypt and send: the part of forwarding that touches every packet of every viewer.

`base.py` is the protocol; `pure.py` needs no compiler. Another backend must pass the same tests.
"""
