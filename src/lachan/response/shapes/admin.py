"""The administrator's pages: each a table of records and, where something may be added, a form."""

from dataclasses import dataclass, field
from datetime import date, datetime

from lachan.response.shapes.common import Action, Choice, Deadline, Field, Message, Notice, State

Fields = dict[str, Field]


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """An agency with its validity; `successor` takes over the work of one that ended."""

    code: str
    name: str
    kind: Message
    valid_from: date
    valid_to: date | None
    successor: str | None
    people: int
    key: str = ""
    may_end: bool = False
    place: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class AgenciesPage:
    """Agencies and the form for one more."""

    rows: tuple[AgencyRow, ...]
    kinds: tuple[Choice, ...]
    successors: tuple[Choice, ...] = ()
    fields: Fields = field(default_factory=dict)
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role that somebody has at an agency, and the button that ends it."""

    role: Message
    agency: str
    end: Action


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person with a role in an agency."""

    key: str
    name: str
    account: str
    agency: str
    roles: tuple[Message, ...]
    has_totp: bool
    last_seen: datetime | None
    active: bool
    held: tuple[RoleRow, ...] = ()
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class ResetRow:
    """A password or second factor that waits for a second administrator."""

    what: Message
    name: str
    asked_by: str
    asked_at: datetime
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """People, and the form to invite one."""

    rows: tuple[PersonRow, ...]
    roles: tuple[Choice, ...]
    agencies: tuple[Choice, ...]
    new_account: str | None = None
    new_password: str | None = None
    fields: Fields = field(default_factory=dict)
    notice: Notice | None = None
    resets: tuple[ResetRow, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A signing key of an institution: registered by two people, rotated with overlap."""

    key_id: str
    fingerprint: str
    valid_from: datetime
    valid_to: datetime | None
    registered_by: tuple[str, ...]
    state: State
    confirm: Action | None = None
    revoke: Action | None = None


@dataclass(frozen=True, slots=True)
class ApiClientRow:
    """A program of an institution or agency."""

    key: str
    institution: str
    name: str
    scopes: tuple[Message, ...]
    last_used: datetime | None
    active: bool
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class ApiClientsPage:
    """API clients; `new_secret` is shown once, right after it was made."""

    rows: tuple[ApiClientRow, ...]
    institutions: tuple[Choice, ...]
    scopes: tuple[Choice, ...]
    new_client_id: str | None = None
    new_secret: str | None = None
    fields: Fields = field(default_factory=dict)
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """How an institution is reached, and the keys by which its words are known."""

    key: str
    institution: str
    channel: Message
    url: str | None
    active: bool
    keys: tuple[KeyRow, ...]
    switch: Action | None = None
    register: str | None = None
    typed_key: Field = field(default_factory=Field)


@dataclass(frozen=True, slots=True)
class HostRow:
    """A host that webhooks may go to."""

    host: str
    remove: Action


@dataclass(frozen=True, slots=True)
class ConnectionsPage:
    """Connections with keys; hosts and the form of a connection only for who manages connections."""

    rows: tuple[ConnectionRow, ...]
    hosts: tuple[HostRow, ...] = ()
    institutions: tuple[Choice, ...] = ()
    channels: tuple[Choice, ...] = ()
    manages: bool = False
    fields: Fields = field(default_factory=dict)
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A standing policy: what may be approved without a second person each time."""

    key: str
    signed_by: str
    limit_vnd: int
    highest_step: int
    basis: str
    valid_from: datetime
    expires: Deadline
    used: int
    revoke: Action | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class PoliciesPage:
    """Standing policies and the form to sign one."""

    rows: tuple[PolicyRow, ...]
    bases: tuple[Choice, ...]
    fields: Fields = field(default_factory=dict)
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class RosterSlot:
    """One person's duty in one shift."""

    key: str
    person: str
    duty: Message
    starts_at: datetime
    ends_at: datetime
    deputy: str | None
    now_on_duty: bool = False
    cancel: Action | None = None


@dataclass(frozen=True, slots=True)
class RosterPage:
    """Shifts with deputies."""

    rows: tuple[RosterSlot, ...]
    people: tuple[Choice, ...]
    duties: tuple[Choice, ...]
    desks: tuple[Choice, ...] = ()
    fields: Fields = field(default_factory=dict)
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class ClockRow:
    """A dated clock or threshold: value, unit, legal basis, validity, source."""

    name: Message
    value: Message
    basis: str
    source: str
    valid_from: date
    valid_to: date | None
    current: bool


@dataclass(frozen=True, slots=True)
class ClocksPage:
    """Clocks and thresholds in force, and those that were."""

    rows: tuple[ClockRow, ...]


@dataclass(frozen=True, slots=True)
class DeadLetterRow:
    """A message that could not be delivered, and why."""

    key: str
    target: str
    subject: Message
    code: str
    attempts: int
    last_error: str
    first_at: datetime
    last_at: datetime
    replay: Action | None


@dataclass(frozen=True, slots=True)
class DeadLettersPage:
    """Undelivered messages."""

    rows: tuple[DeadLetterRow, ...]
    replay_all: Action | None = None
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class TrailCheckpoint:
    """A signed checkpoint of the trail."""

    number: int
    at: datetime
    head: str


@dataclass(frozen=True, slots=True)
class TrailPage:
    """State of the record: how far it is sealed, when it was last verified and with what result."""

    facts: int
    sealed: int
    unsealed: int
    head: str
    key_id: str
    verified_at: datetime | None
    verified_ok: bool | None
    broken_at: str | None
    checkpoints: tuple[TrailCheckpoint, ...]
    verify: Action
    export: Action | None
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class BreachRow:
    """A personal-data breach and its clock."""

    code: str
    what: str
    found_at: datetime
    people_affected: int
    status: Message
    status_state: State
    notify_by: Deadline | None
    key: str = ""
    may_notify: bool = False
    may_close: bool = False


@dataclass(frozen=True, slots=True)
class BreachesPage:
    """The breach register and the form to enter one."""

    rows: tuple[BreachRow, ...]
    fields: Fields = field(default_factory=dict)
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class SubjectRequestRow:
    """A request of a person about his or her own data."""

    code: str
    kind: Message
    person: str
    received_at: datetime
    status: Message
    status_state: State
    due: Deadline | None
    action: Action | None = None
    key: str = ""
    what: str = ""
    may_answer: bool = False
    erasure: bool = False
    codes: str = ""
    answer: str = ""
    records_href: str | None = None


@dataclass(frozen=True, slots=True)
class NamedRecord:
    """A record of an activity that names who asks: when, where, of which kind, and what the rule says of it."""

    key: str
    day: str
    agency: str
    kind: Message
    href: str | None
    goes: bool
    why: Message


@dataclass(frozen=True, slots=True)
class NamedRecordsPage:
    """The records that name who asks. `erases`: those that go can be picked, and the request is answered so."""

    code: str
    key: str
    person: str
    rows: tuple[NamedRecord, ...]
    erases: bool
    codes: str
    fields: Fields = field(default_factory=dict)
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class SubjectRequestsPage:
    """Data-subject requests and the form to enter one."""

    rows: tuple[SubjectRequestRow, ...]
    kinds: tuple[Choice, ...]
    fields: Fields = field(default_factory=dict)
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class LookRow:
    """One look at personal data."""

    at: datetime
    who: str
    agency: str
    what: Message
    purpose: Message
    code: str | None
    sealed: int | None


@dataclass(frozen=True, slots=True)
class LooksPage:
    """Who looked at whose data, and why."""

    rows: tuple[LookRow, ...]
    query: str = ""
    more_href: str | None = None


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """A data-protection deadline that rings, above every administration page until it is dealt with."""

    what: Message
    due: Deadline
    href: str
