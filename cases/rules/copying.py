"""What a new draft takes over from a case that was declined (domain.md §4.6).

A case that was presented goes on as a follow-up; what that takes over is `queries.intake`'s.
"""

from cases.rules.fields import Form
from cases.rules.models import Answers, Case, CaseState
from server.kit.errors import Conflict


def ensure_declined(source: Case) -> None:
    """Raise Conflict `case.wrong_state` unless the case was declined."""
    if source.state is not CaseState.DECLINED:
        raise Conflict("case.wrong_state")


def copied(form: Form, answers: Answers) -> Answers:
    """Return the answers that the form of today asks for as well."""
    known = {field.key for field in form.fields()} | {"case_type"}
    return Answers({key: value for key, value in answers.values.items() if key in known})
