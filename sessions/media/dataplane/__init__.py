"""The work done for every packet: decrypt, count, renumber, encrypt and send.

`base.py` is the protocol; `pure.py` needs no compiler; `native.py` drives the C in `c/`. Both pass
the same tests (tests/sessions/media/dataplane_contract.py).
"""
