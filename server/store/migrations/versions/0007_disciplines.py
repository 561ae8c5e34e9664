"""One list of disciplines: profiles take over the codes of the case form (domain.md §4.2).

The form's codes stay: frozen cases hold them, and their hashes cover them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_CODES = {
    "nurse_practitioner": "np",
    "physician_assistant": "pa",
    "nurse": "rn",
    "behavioural_health_consultant": "bhc",
    "community_health_worker": "chw",
    "peer_supporter": "peer",
    # A coordinator is a role; as a discipline the handbook's list has no word for it.
    "coordinator": "other",
}


def upgrade() -> None:
    people = sa.table("people", sa.column("discipline", sa.String(40)))
    for old, new in _CODES.items():
        op.execute(people.update().where(people.c.discipline == old).values(discipline=new))
