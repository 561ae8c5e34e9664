"""Found a programme."""

from dataclasses import dataclass

from server.deid import staff
from server.kit.actor import Actor, Role
from server.kit.errors import Forbidden, Invalid
from server.kit.ids import OrganisationId, ProgrammeId, new_id
from server.people import api as people
from server.store.unit import Unit
from sessions.rules import access
from sessions.rules import programmes as rules
from sessions.rules.models import Programme, Template
from sessions.store import programmes


@dataclass(frozen=True, slots=True)
class NewProgramme:
    """What the founder types; `hub` None means the founder's own organisation."""

    code: str
    name: str
    description: str
    zone: str
    template: Template = Template.T60_2
    cases_first: bool = False
    learner_sees_case: bool = False
    hub: OrganisationId | None = None


async def create_programme(unit: Unit, actor: Actor, new: NewProgramme) -> Programme:
    """Found a programme; a coordinator who founds it becomes its coordinator.

    A platform administrator does not: that role would open the cases (domain.md §2); the next
    step there is to invite a coordinator. Raises Forbidden without PROGRAMME_CREATE, Invalid with
    a key per wrong field: the code taken (`programme.code_taken`), no hub (`programme.hub`);
    `text.identifiers` for texts with somebody's contacts or numbers.
    """
    if not access.may_create_programme(actor):
        raise Forbidden
    hubs = {o.id for o in await people.organisations(unit) if o.kind == "hub"}
    hub = new.hub or actor.organisation
    if hub is None or hub not in hubs:
        raise Invalid("invalid", {"hub": "programme.hub"})
    programme = rules.check(
        Programme(
            id=ProgrammeId(new_id(unit.now)),
            code=rules.clean_code(new.code),
            name=new.name,
            description=new.description,
            hub=hub,
            zone=new.zone,
            template=new.template,
            cases_first=new.cases_first,
            learner_sees_case=new.learner_sees_case,
        )
    )
    staff.check({"name": programme.name, "description": programme.description}, unit.now.date())
    if await programmes.code_taken(unit, programme.code):
        raise Invalid("invalid", {"code": "programme.code_taken"})
    await programmes.insert(unit, programme)
    unit.record(
        "programme.created",
        actor=actor.person,
        subject=programme.id,
        programme=programme.id,
        code=programme.code,
    )
    if not actor.platform_admin:
        await people.grant_role(unit, actor, actor.person, programme.id, Role.COORDINATOR)
    return programme
