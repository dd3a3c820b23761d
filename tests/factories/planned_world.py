"""The desk's world with a plan in it: a clerk, a head and people of two departments, one plan kept and in force."""

from dataclasses import dataclass, field

from tests.factories.desk_world import PASSWORD_HASH, World
from tests.factories.plans import DISTRICT, NAMES, POLICE, PlanWorld, add_agencies, plan_draft

from lachan.foundation.access import OPERATOR, PersonDraft, Role, add_person, grant_role
from lachan.foundation.base import Actor, ActorKind
from lachan.plans.kept.actions import approve_plan
from lachan.plans.kept.importing import keep_plan
from lachan.plans.kept.model import Document

PLAN_PEOPLE = tuple(
    (f"plan.{name}.{role.value}", name, role)
    for name in NAMES
    if name != DISTRICT
    for role in (Role.PLAN_OFFICER, Role.PLAN_HEAD)
)


def clerk(name: str) -> str:
    """The sign-in name of an agency's clerk."""
    return f"plan.{name}.{Role.PLAN_OFFICER.value}"


def head(name: str) -> str:
    """The sign-in name of an agency's head."""
    return f"plan.{name}.{Role.PLAN_HEAD.value}"


@dataclass
class Planned:
    """What leads to the pages of plans."""

    agencies: dict[str, str] = field(default_factory=dict)
    draft: str = ""
    plan: str = ""
    tasks: dict[tuple[str, str], str] = field(default_factory=dict)


def plan_some(world: World) -> Planned:
    """One plan in force, and the next one as a draft that will supersede it."""
    made = Planned()
    db, now = world.services.db, world.now
    with db.unit(now, OPERATOR) as unit:
        made.agencies = add_agencies(unit)
        for at, (key, name, role) in enumerate(PLAN_PEOPLE):
            draft = PersonDraft(f"{'Cán bộ' if role is Role.PLAN_OFFICER else 'Đồng chí'} {at + 1}", f"plan{at}")
            person = add_person(unit, draft, password_hash=PASSWORD_HASH)
            grant_role(unit, person.id, made.agencies[name], role)
            world.people[key] = person.id
    police = made.agencies[POLICE]
    actor = Actor(
        ActorKind.PERSON, world.people[head(POLICE)], police, frozenset({Role.PLAN_HEAD.value}), "Đồng chí 2"
    )  # fmt: skip
    with db.unit(now, actor) as unit:
        kept = keep_plan(unit, plan_draft(), Document("ke-hoach-91.txt", "text/plain", b"91"))
        approve_plan(unit, kept.plan_id, rest_to_consolidator=True)
        made.plan = kept.plan_id
        again = keep_plan(
            unit, plan_draft("12/KH-UBND", supersedes="91/KH-UBND"), Document("12.txt", "text/plain", b"12")
        )  # fmt: skip
        made.draft = again.plan_id
        shorter = plan_draft("12/KH-UBND", supersedes="91/KH-UBND", leave=["III.4.1"])
        keep_plan(unit, shorter, Document("12-b.txt", "text/plain", b"12b"))
    made.tasks = {key: task.id for key, task in PlanWorld(db, made.agencies).tasks(made.plan).items()}
    return made
