"""The disciplines of domain.md §4.2, once: profiles, the case form and its rules use this list."""

from typing import Final

from server.kit.text import N_

DISCIPLINES: Final = {
    "physician": N_("Physician (MD/DO)"),
    "np": N_("Nurse practitioner"),
    "pa": N_("Physician assistant"),
    "rn": N_("Nurse"),
    "pharmacist": N_("Pharmacist"),
    "psychologist": N_("Psychologist"),
    "social_worker": N_("Social worker"),
    "bhc": N_("Behavioural health consultant"),
    "counsellor": N_("Counsellor"),
    "case_manager": N_("Case manager"),
    "chw": N_("Community health worker"),
    "peer": N_("Peer supporter"),
    "student": N_("Student"),
    "resident": N_("Resident"),
    "other": N_("Other"),
}
"""Code → label. Frozen cases hold these codes and their hashes cover them: none ever changes."""

TRAINEES: Final = ("student", "resident")
"""Who presents with a named supervising clinician (domain.md §2)."""
