"""What the pages of activities show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lachan.doors.web.agency_search import AgencyBox
from lachan.doors.web.dots import PlaceDot
from lachan.response.shapes import Action, Choice, Field, Message, Notice, Tab


@dataclass(frozen=True, slots=True)
class KindRow:
    """A kind on the page of kinds."""

    href: str
    name: str
    hint: str
    records: int
    late: int
    new_href: str | None
    restricted: bool


@dataclass(frozen=True, slots=True)
class KindsPage:
    """The kinds that concern the viewer, under their heads."""

    groups: tuple[tuple[Message, tuple[KindRow, ...]], ...]
    naming_href: str | None


@dataclass(frozen=True, slots=True)
class FigureView:
    """A figure: its name, its value in words, and where its records are."""

    name: str
    value: str
    href: str
    parts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record in a list. `due`: by when its stage ends, and whether that day has gone."""

    href: str
    day: str
    title: str
    place: str
    agency: str
    state: str
    due: str
    late: bool


@dataclass(frozen=True, slots=True)
class ListPage:
    """Records of one kind: figures above, then the list; `only_of` says whose, where one agency's was asked for."""

    kind: str
    name: str
    hint: str
    demands: tuple[int, ...]
    tabs: tuple[Tab, ...]
    figures: tuple[FigureView, ...]
    rows: tuple[RecordRow, ...]
    more_href: str | None
    since: str
    until: str
    late: bool
    state: str
    communes: tuple[Choice, ...]
    may_record: bool
    export_href: str
    map_href: str | None
    purpose_href: str | None
    restricted: bool
    with_place: bool
    agency: str
    only_of: str
    everybody_href: str


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that is there already: its sealed note, its name, where it is shown."""

    sealed: str
    name: str


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field of the form. `type` as the kind says it; `rows` are the cells of a small table."""

    name: str
    type: str
    label: str
    hint: str
    required: bool
    value: Field
    choices: tuple[Choice, ...] = ()
    kept: tuple[KeptFile, ...] = ()
    accept: str = ""
    listed: str = ""
    rows: tuple[tuple["FieldView", ...], ...] = ()


@dataclass(frozen=True, slots=True)
class FormPage:
    """A record being filled in. `draft` is what it is sent under; `keep` names its draft in the browser."""

    title: str
    hint: str
    action: str
    back_href: str
    submit: Message
    fields: tuple[FieldView, ...]
    draft: str
    keep: str
    version: int
    reason: Field | None
    communes: tuple[str, ...]
    agencies: AgencyBox
    notice: Notice | None


@dataclass(frozen=True, slots=True)
class ValueRow:
    """A field and what stands in it; `files` are links, `table` rows of cells under `heads`."""

    label: str
    text: str
    files: tuple[tuple[str, str, bool], ...] = ()
    heads: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """An act on a record: what differs, before and after."""

    at: datetime
    what: Message
    who: str
    words: str
    differs: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One record."""

    kind_href: str
    kind: str
    title: str
    day: str
    place: str
    agency: str
    state: str
    due: str
    late: bool
    withdrawn: bool
    erased: bool
    values: tuple[ValueRow, ...]
    history: tuple[HistoryRow, ...]
    actions: tuple[Action, ...]
    may_change: bool
    href: str
    shared: tuple[tuple[str, str | None], ...]
    share_to: tuple[Choice, ...]
    purpose_href: str | None
    masked: bool
    fields: Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A cell of a file that was refused."""

    line: int
    column: str
    head: str
    wrong: str
    text: str


@dataclass(frozen=True, slots=True)
class ImportPage:
    """A file of records: the form, what became of the last one, and long ones that are not done."""

    kind: str
    name: str
    template_href: str
    limit: str
    rows_most: int
    file: Field
    counts: tuple[tuple[Message, int], ...] = ()
    refused: tuple[RefusedRow, ...] = ()
    refused_more: int = 0
    rejects_href: str = ""
    notice: Notice | None = None
    open: tuple["FilePage", ...] = ()


@dataclass(frozen=True, slots=True)
class FilePage:
    """A long file that is being taken in: so many of its rows are done, so many recorded, now or before.

    `broke`: it was interrupted and goes on by itself; `stopped`: only once somebody starts it again.
    """

    kind: str
    name: str
    address: str
    file: str
    rows: int
    done: int
    recorded: int
    broke: bool
    stopped: bool


@dataclass(frozen=True, slots=True)
class MapPage:
    """A figure by place: dots where the places lie, and the same as a table."""

    kinds: tuple[Choice, ...]
    figures: tuple[Choice, ...]
    provinces: tuple[Choice, ...]
    title: str
    dots: tuple[PlaceDot, ...]
    ground: tuple[tuple[float, float], ...]
    width: int
    height: int
    table: tuple[PlaceDot, ...]
    since: str
    until: str
    elsewhere: str


@dataclass(frozen=True, slots=True)
class NamingPage:
    """Who is named for which restricted kind."""

    kinds: tuple[Choice, ...]
    people: tuple[Choice, ...]
    rows: tuple[tuple[str, str, str, datetime], ...]
    notice: Notice | None
