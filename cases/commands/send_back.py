"""The desk's answers that end at the author: changes, a failed check, a refusal, a recall."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cases.commands.desk import Desk, move, open_desk, record, session_facts, tell_author
from cases.queries.forms import form_of
from cases.rules import intake
from cases.rules.fields import Form
from cases.rules.lifecycle import Deed, Guard
from cases.rules.models import Answers, Case, CaseState, CaseVersion
from cases.store import cases as store
from cases.store import desk as notes
from server.deid import verdict
from server.deid.models import Held, ScreenedText
from server.kit.actor import Actor
from server.kit.errors import Invalid
from server.kit.text import clean_text
from server.store.unit import Unit
from sessions import api as sessions

SHORTEST_WORDS = 5
LONGEST_WORDS = 1000
MOST_COMMENTS = 60

_WORDS = "words"


@dataclass(frozen=True, slots=True)
class Message:
    """What is written to the author: words about the whole, and comments by field or text."""

    words: str = ""
    comments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Said:
    words: str
    comments: Mapping[str, ScreenedText]


async def return_case(
    unit: Unit,
    actor: Actor,
    key: str,
    *,
    row_version: int,
    message: Message,
    erase: frozenset[str] = frozenset(),
) -> Case | Held:
    """Send a checked case back for changes: words, comments at fields, or both.

    The author's next submission goes through the identifier check again. `erase` as in `reject`:
    a second reader may find what the first has not. Returns Held when the words themselves hold
    an identifier (under `words` or the path); then nothing is stored. Raises Invalid
    `case.reason_needed` without a word, `case.comment_unknown` for no such field. A director may
    do it as well: who reads a case as its second person does not only say yes.
    """
    desk = await open_desk(unit, actor, key, row_version)
    letter = await _letter(unit, desk, message, erase)
    if isinstance(letter, Held):
        return letter
    case = desk.case
    if case.state is CaseState.SUBMITTED:
        case = move(unit, desk, case, Deed.OPEN)
    after = move(unit, desk, case, Deed.RETURN, Guard.COMMENTS, **letter.counts)
    return await _to_author(unit, desk, after, letter, "needs_changes")


async def reject(
    unit: Unit,
    actor: Actor,
    key: str,
    *,
    row_version: int,
    message: Message,
    erase: frozenset[str] = frozenset(),
) -> Case | Held:
    """Fail the identifier check: the case becomes the author's draft again, hidden from others.

    `erase` names the texts that hold an identifier: the frozen version is purged (a tombstone
    remains) and the author keeps everything but those. Unknown paths raise Invalid
    `case.erase_unknown`; Held and Invalid else as in `return_case`.
    """
    desk = await open_desk(unit, actor, key, row_version)
    letter = await _letter(unit, desk, message, erase)
    if isinstance(letter, Held):
        return letter
    after = move(unit, desk, desk.case, Deed.REJECT, Guard.REASON, **letter.counts)
    return await _to_author(unit, desk, after, letter, "rejected")


async def recall(
    unit: Unit,
    actor: Actor,
    key: str,
    *,
    row_version: int,
    message: Message,
    erase: frozenset[str] = frozenset(),
) -> Case | Held:
    """Call a case that was let through back to its author: an identifier was found late.

    Every frozen version is purged; the author keeps what `erase` does not name, and writes on. A
    slot is freed. Raises Invalid `case.nothing_erased` unless a text is named, Conflict
    `case.session_running` while it is being presented (`erasing.purge` is for that), and as
    `return_case` does, which also says what Held means.
    """
    desk = await open_desk(unit, actor, key, row_version)
    letter = await _letter(unit, desk, message, erase)
    if isinstance(letter, Held):
        return letter
    if not erase and letter.version.answers is not None:
        raise Invalid("case.nothing_erased", {"erase": "case.nothing_erased"})
    case = desk.case
    facts = (Guard.REASON, *await session_facts(unit, case))
    after = move(unit, desk, case, Deed.RECALL, *facts, **letter.counts)
    if case.session is not None:
        await sessions.remove_case_from_slot(unit, None, session=case.session, case=case.id)
        after = replace(after, session=None, agenda_item=None)
    return await _to_author(unit, desk, after, letter, "recalled")


@dataclass(frozen=True, slots=True)
class _Letter:
    """What goes back to the author with the text: words, comments, and what is erased of it."""

    form: Form
    version: CaseVersion
    said: _Said
    erase: frozenset[str]

    @property
    def counts(self) -> dict[str, int]:
        return {"erased": len(self.erase), "comments": len(self.said.comments)}


async def _letter(
    unit: Unit, desk: Desk, message: Message, erase: frozenset[str]
) -> _Letter | Held:
    version = await store.load_version(unit, desk.case.id, desk.case.content_version)
    form = await form_of(unit, desk.case.programme, version.form_version)
    said = _screened(unit, message, version, form)
    if isinstance(said, Held):
        return said
    if not erase <= frozenset(intake.texts(form, version.answers or Answers({}))):
        raise Invalid("case.erase_unknown")
    return _Letter(form, version, said, erase)


async def _to_author(unit: Unit, desk: Desk, after: Case, letter: _Letter, outcome: str) -> Case:
    """Hand the case back: the words stored, what was erased gone, the author told."""
    case, said, erase = desk.case, letter.said, letter.erase
    question = "" if "main_question" in erase else case.main_question
    saved = await store.save(
        unit, case, replace(after, message=said.words, main_question=question)
    )
    if erase:
        await _purge(unit, desk, letter.version, keep_pages=True)
    if erase or saved.state is CaseState.DRAFT:
        saved = await store.set_draft(unit, saved, await _rest(unit, case, letter))
    notes.add_comments(unit, case.id, case.content_version, said.comments, desk.actor.person)
    tell_author(unit, case, outcome)
    await unit.commit()
    return saved


async def _rest(unit: Unit, case: Case, letter: _Letter) -> Answers:
    """Return what the author goes on with: what was sent or written since, less what is erased."""
    sent = letter.version.answers or Answers({})
    draft = await store.load_draft(unit, case.id)
    if draft is None:
        return intake.without_texts(letter.form, sent, letter.erase)
    # Rows of a table may have moved since: the words count as well as the place.
    texts = intake.texts(letter.form, sent)
    words = {texts[path] for path in letter.erase}
    written = intake.texts(letter.form, draft[0])
    gone = {path for path, text in written.items() if path in letter.erase or text in words}
    return intake.without_texts(letter.form, draft[0], frozenset(gone))


async def decline(
    unit: Unit, actor: Actor, key: str, *, row_version: int, reason: str, purge: bool = False
) -> Case | Held:
    """Refuse a case with a reason the author sees; Held as in `return_case`.

    With `purge` every text of it is erased for good; hash, who and when remain (domain.md,
    invariant 4).
    """
    desk = await open_desk(unit, actor, key, row_version)
    version = await store.load_version(unit, desk.case.id, desk.case.content_version)
    form = await form_of(unit, desk.case.programme, version.form_version)
    said = _screened(unit, Message(reason), version, form)
    if isinstance(said, Held):
        return said
    case = desk.case
    if case.state is CaseState.SUBMITTED:
        case = move(unit, desk, case, Deed.OPEN)
    after = move(unit, desk, case, Deed.DECLINE, Guard.REASON, purged=int(purge))
    question = "" if purge else case.main_question
    saved = await store.save(
        unit, desk.case, replace(after, message=said.words, main_question=question)
    )
    if purge:
        await _purge(unit, desk, version)
        saved = await store.set_draft(unit, saved, None)
    tell_author(unit, case, "declined")
    await unit.commit()
    return saved


async def _purge(
    unit: Unit, desk: Desk, version: CaseVersion, *, keep_pages: bool = False
) -> None:
    erased = await store.purge(unit, desk.case.id, desk.actor.person, keep_pages=keep_pages)
    facts: dict[str, int | str] = {"versions": erased, "content_hash": version.content_hash}
    record(unit, desk, desk.case, "purged", facts)


def _screened(unit: Unit, message: Message, version: CaseVersion, form: Form) -> _Said | Held:
    """Return what was written as it may be stored; Held when it holds an identifier itself."""
    texts = {path: clean_text(text) for path, text in message.comments.items()}
    texts = {path: text for path, text in texts.items() if text}
    known = {asked.key for asked in form.fields()} | set(
        intake.texts(form, version.answers) if version.answers else ()
    )
    if len(texts) > MOST_COMMENTS or not set(texts) <= known:
        raise Invalid("case.comment_unknown")
    words = clean_text(message.words)
    if words or not texts:
        texts[_WORDS] = words
    for path, text in texts.items():
        if len(text) > LONGEST_WORDS:
            raise Invalid("case.words_long", {path: "case.words_long"})
        if len(text) < SHORTEST_WORDS:
            raise Invalid("case.reason_needed", {path: "case.reason_needed"})
    outcome = verdict.screen_fields(texts, today=unit.now.date())
    if isinstance(outcome, Held):
        return outcome
    passed = dict(outcome.screened.fields)
    said = passed.pop(_WORDS, None)
    return _Said(said.text if said else "", passed)
