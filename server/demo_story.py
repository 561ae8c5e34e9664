"""Lives the demonstration's past: cases are written, checked, presented; lines are captured."""

from datetime import datetime, timedelta

from cases.commands import recommend, send_back, sign, submit, triage
from cases.commands.send_back import Message
from cases.queries import review
from cases.rules.advice import Draft
from cases.rules.models import Case
from cases.store import cases as case_store
from cases.store import recommendations as advice_store
from server.deid import verdict
from server.deid.models import Held, ScreenedText
from server.demo_cases import CASES, RETURNED_COMMENT, DemoCase, DemoLine
from server.jobs.relay import Handler, Relay
from server.kit.actor import Actor
from server.kit.events import Event
from server.kit.ids import AgendaItemId, ProgrammeId, SessionId
from server.store.unit import Unit, Units
from sessions import api as sessions
from sessions import queries as session_queries
from sessions.commands import capture, running
from sessions.rules.models import ItemKind, ProblemArea

WRITTEN_BEFORE = timedelta(days=6)
CHECKED_BEFORE = timedelta(days=5)


class StoryError(Exception):
    """The invented data no longer fits the house's rules; `args` names the case and the step."""


class Clock:
    """A clock that the story sets, so that the past looks like a past."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """Return the time of the story."""
        return self._now

    def monotonic(self) -> float:
        """Return the same in seconds."""
        return self._now.timestamp()

    def set(self, now: datetime) -> None:
        """Go to `now`."""
        self._now = now


class Story:
    """Tells the behavioural-health programme's past and present through the real commands."""

    def __init__(
        self,
        units: Units,
        clock: Clock,
        subscribers: dict[type[Event], tuple[Handler, ...]],
        actors: dict[str, Actor],
        programme: ProgrammeId,
    ) -> None:
        self._units = units
        self._clock = clock
        self._relay = Relay(units, subscribers)
        self._actors = actors
        self._programme = programme

    async def tell(self, starts: dict[int, datetime]) -> None:
        """Live every session named in `starts` (days from today → start), oldest first."""
        for days, start in sorted(starts.items()):
            session = await self._session_at(start)
            told = [c for c in CASES if c.days == days]
            slots: list[tuple[DemoCase, Case]] = []
            for case in told:
                self._clock.set(start - WRITTEN_BEFORE)
                written = await self._submit(case)
                self._clock.set(start - CHECKED_BEFORE)
                slots.append((case, await self._accept_into(written, session)))
            if days < 0:
                await self._live(session, start, slots)
        waiting = [c for c in CASES if c.days is None]
        today = max(starts.values())
        for case in waiting:
            self._clock.set(today - timedelta(days=2))
            written = await self._submit(case)
            self._clock.set(today - timedelta(days=1))
            await self._return(written)
        await self._relay.drain()

    async def _session_at(self, start: datetime) -> SessionId:
        sam = self._actors["sam"]
        async with self._units.read() as unit:
            found = await session_queries.calendar(
                unit, sam, start - timedelta(minutes=1), start + timedelta(minutes=1)
            )
        return next(c.session.id for c in found if c.programme.id == self._programme)

    async def _submit(self, case: DemoCase) -> Case:
        author = self._actors[case.presenter]
        typed = dict(case.typed)
        if case.presenter == "aiko":
            typed["supervisor"] = self._actors["hugh"].person
        target = submit.Target(programme=self._programme)
        written = submit.Written(typed, {})
        async with self._units.write() as unit:
            outcome = await submit.submit_case(unit, author, target, written)
            if isinstance(outcome, submit.NotYet) and not outcome.held and outcome.flagged:
                reasons = {f.key: "ordinary_word" for f in outcome.flagged}
                outcome = await submit.submit_case(
                    unit, author, target, submit.Written(typed, reasons)
                )
        if not isinstance(outcome, submit.Submitted):
            raise StoryError(case.key, *outcome.errors.errors, *(f.rule for f in outcome.flagged))
        return outcome.case

    async def _accept_into(self, written: Case, session: SessionId) -> Case:
        sam = self._actors["sam"]
        async with self._units.read() as unit:
            found = await review(unit, sam, written.key)
        verdicts = {f.key: triage.CLEAR for f in found.flagged}
        async with self._units.write() as unit:
            accepted = await triage.pass_check(
                unit,
                sam,
                written.key,
                row_version=written.row_version,
                verdicts=verdicts,
                then_accept=True,
            )
        async with self._units.write() as unit:
            return await triage.give_slot(
                unit,
                sam,
                accepted.key,
                row_version=accepted.row_version,
                session=session,
                item=None,
            )

    async def _return(self, written: Case) -> None:
        sam = self._actors["sam"]
        async with self._units.read() as unit:
            found = await review(unit, sam, written.key)
        async with self._units.write() as unit:
            passed = await triage.pass_check(
                unit,
                sam,
                written.key,
                row_version=written.row_version,
                verdicts={f.key: triage.CLEAR for f in found.flagged},
            )
        async with self._units.write() as unit:
            await send_back.return_case(
                unit,
                sam,
                passed.key,
                row_version=passed.row_version,
                message=Message(comments={"presenting_problem": RETURNED_COMMENT}),
            )

    async def _live(
        self, session: SessionId, start: datetime, slots: list[tuple[DemoCase, Case]]
    ) -> None:
        imani = self._actors["imani"]
        self._clock.set(start - timedelta(minutes=15))
        async with self._units.write() as unit:
            await running.open_session(unit, imani, session)
            await unit.commit()
        self._clock.set(start)
        async with self._units.write() as unit:
            await running.start_session(unit, imani, session)
            await unit.commit()
        presented_at = start + timedelta(minutes=20)
        for told, case in slots:
            async with self._units.read() as unit:
                item = await _slot_of(unit, session, case)
            for line in told.lines:
                self._clock.set(presented_at + timedelta(seconds=line.seconds))
                await self._capture(session, item, line)
            self._clock.set(presented_at + timedelta(minutes=17))
            async with self._units.write() as unit:
                await running.mark_presented(unit, imani, session, item)
                await unit.commit()
            presented_at += timedelta(minutes=17)
        self._clock.set(start + timedelta(minutes=60))
        async with self._units.write() as unit:
            await running.end_session(unit, imani, session)
            await unit.commit()
        await self._relay.drain()
        for _, case in slots:
            self._clock.set(start + timedelta(days=1))
            await self._sign(case.key)
        await self._relay.drain()

    async def _sign(self, key: str) -> None:
        sam, imani = self._actors["sam"], self._actors["imani"]
        async with self._units.write() as unit:
            await recommend.take_over(unit, sam, key)
        async with self._units.read() as unit:
            items = (await self._draft(unit, key)).items
        for item in items:
            async with self._units.write() as unit:
                saved = await recommend.save_item(
                    unit, sam, key, item.id, item.version, content=item.content
                )
                if isinstance(saved, recommend.NotYet):
                    raise StoryError(key, *saved.errors)
        async with self._units.read() as unit:
            revision = (await self._draft(unit, key)).revision
        async with self._units.write() as unit:
            await sign.send_to_director(unit, sam, key, revision=revision)
        async with self._units.read() as unit:
            revision = (await self._draft(unit, key)).revision
        async with self._units.write() as unit:
            signed = await sign.sign_recommendations(
                unit, imani, key, revision=revision, attested=True
            )
        if isinstance(signed, Held):
            raise StoryError(key, "sign")

    @staticmethod
    async def _draft(unit: Unit, key: str) -> Draft:
        case = await case_store.load(unit, key)
        draft = await advice_store.load(unit, case.id)
        if draft is None:
            raise StoryError(key, "draft")
        return draft

    async def _capture(self, session: SessionId, item: AgendaItemId, line: DemoLine) -> None:
        who = self._actors[line.speaker]
        text = verdict.screen_line(line.text)
        if not isinstance(text, ScreenedText):
            raise StoryError(line.speaker, line.area)
        async with self._units.write() as unit:
            await capture.capture_line(
                unit,
                self._actors["sam"],
                capture.NewLine(
                    session=session,
                    item=item,
                    speaker=who.person,
                    lane=who.lane_in(self._programme),
                    problem_area=ProblemArea(line.area),
                    text=text,
                    at_ms=line.seconds * 1000,
                ),
            )
            await unit.commit()


async def _slot_of(unit: Unit, session: SessionId, case: Case) -> AgendaItemId:
    card = await sessions.session_card(unit, session)
    return next(
        i.id for i in card.session.agenda if i.kind is ItemKind.CASE_SLOT and i.ref == case.id
    )
