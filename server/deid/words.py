"""What a finding is called for the person who typed the text: one sentence a category."""

from collections.abc import Mapping
from typing import Final

from server.kit.text import N_

WORDS: Final[Mapping[str, str]] = {
    "name": N_("This looks like a name. Say the role instead."),
    "geography": N_("This looks like a place or facility. Say what kind of place instead."),
    "date": N_("This looks like a date. Say how long ago instead."),
    "age_over_89": N_("Ages over 89 are written 90+."),
    "phone": N_("This looks like a telephone number. Take it out."),
    "fax": N_("This looks like a fax number. Take it out."),
    "email": N_("This looks like an e-mail address. Take it out."),
    "ssn": N_("This looks like a social security number. Take it out."),
    "mrn": N_("This looks like a record number. Take it out."),
    "plan": N_("This looks like a plan number. Take it out."),
    "account": N_("This looks like an account number. Take it out."),
    "license": N_("This looks like a licence number. Take it out."),
    "vehicle": N_("This looks like a number plate. Take it out."),
    "device": N_("This looks like a serial number. Take it out."),
    "url": N_("This looks like a web address. Take it out."),
    "ip": N_("This looks like a network address. Take it out."),
    "biometric": N_("This looks like a biometric mark. Take it out."),
    "photo": N_("This looks like a picture of a person. Take it out."),
    "other": N_("This could identify the person. Say it more generally."),
}
"""One sentence a category: what it looks like, what to do."""
