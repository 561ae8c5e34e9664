"""The media plane: seats, packets and slots. It knows nothing of clinics, cases or people.

Read `plane.py` first: it is the only file the rest of the house may import. `local.py` is the
plane in this process, `engine.py` its rooms and seats. A packet's way through: `mux` → `uplink` →
`forwarding` → `downlink` → `dataplane`. Nothing here decodes or encodes a picture or a voice.
"""
