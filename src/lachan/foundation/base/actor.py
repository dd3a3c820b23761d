"""Who is acting. Built by a door from a session, a token or a job; never from anything a caller typed."""

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    """What kind of actor stands behind an action."""

    PERSON = "person"
    CLIENT = "client"
    SYSTEM = "system"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Actor:
    """One actor: `id` is the person's, client's or worker's; `agency_id` whose work this is."""

    kind: ActorKind
    id: str
    agency_id: str | None = None
    roles: frozenset[str] = frozenset()
    name: str = ""

    @property
    def reference(self) -> str:
        """How the trail names the actor, `person:018f…`."""
        return f"{self.kind.value}:{self.id}"


SYSTEM = Actor(ActorKind.SYSTEM, "lachan")
PUBLIC = Actor(ActorKind.PUBLIC, "public")
