"""Questions about agencies, for all doors and capabilities."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy.engine import Connection

from lachan.foundation.access.agencies import rules, store
from lachan.foundation.access.agencies.model import Agency
from lachan.foundation.access.reasons import AccessReason
from lachan.foundation.base import BadInput, InputReason, NotFound


def agency(conn: Connection, agency_id: str) -> Agency:
    """One agency; NotFound where there is none."""
    found = store.find(conn, agency_id)
    if found is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="agency_id")
    return found


def agencies(conn: Connection, kind: str | None = None, on: date | None = None) -> list[Agency]:
    """All agencies by name; with `on`, those that exist on that day."""
    return [a for a in store.find_all(conn, kind) if on is None or a.exists_on(on)]


def agency_on(conn: Connection, agency_id: str, day: date) -> Agency:
    """Who does this agency's work on `day`: itself, or its successor's successor."""
    return rules.follow_successors(agency(conn, agency_id), day, lambda i: store.find(conn, i))


def agency_called(conn: Connection, text: str, day: date, field: str) -> Agency:
    """The agency that somebody typed: its id, or its name or short name in any case and with or without accents.

    Of an ended body it is who does its work on `day`. Who bears a name that others bear, too, is named by what
    `unlike_names` says.

    Raises:
        BadInput: NO_SUCH_AGENCY with the nearest names, SEVERAL_AGENCIES with those that share the name.
    """
    typed = text.strip()[:300]
    found = store.find(conn, typed)
    if found is None:
        everybody = store.find_all(conn)
        alive = [one for one in everybody if one.exists_on(day)]
        # A new commune often bears the name of an old one that went elsewhere: the name is the living one's.
        alike = rules.called(typed, alive, everybody) or rules.called(typed, everybody, everybody)
        heirs = {one.id: one for one in (agency_on(conn, each.id, day) for each in alike)}
        if len(heirs) > 1:
            names = rules.unlike_names(list(heirs.values()), everybody)
            raise BadInput(AccessReason.SEVERAL_AGENCIES, field=field, names="; ".join(sorted(names.values())[:4]))
        if not heirs:
            near = rules.nearest(typed, [one.name for one in alive])
            raise BadInput(AccessReason.NO_SUCH_AGENCY, field=field, value=typed[:80], near="; ".join(near) or "–")
        (found,) = heirs.values()
    return agency_on(conn, found.id, day)


def agencies_like(conn: Connection, text: str, day: date, limit: int) -> tuple[str, ...]:
    """Names of living agencies in which every typed word begins a word, by name; each finds just that agency."""
    return rules.holding(text, list(unlike_names(conn, day).values()))[:limit]


def unlike_names(conn: Connection, day: date) -> dict[str, str]:
    """A name for each agency of a day, in the order of names, by which `agency_called` finds just that one.

    It is its name, and where several share it what tells them apart, in words.
    """
    everybody = store.find_all(conn)
    return rules.unlike_names([one for one in everybody if one.exists_on(day)], everybody)


def agency_names(conn: Connection, ids: Iterable[str]) -> dict[str, str]:
    """The names of some agencies by id, in one query; whoever is unknown is left out."""
    wanted = sorted(set(ids))
    return store.names(conn, wanted) if wanted else {}


def works_for(conn: Connection, agency_id: str, day: date) -> frozenset[str]:
    """Whose work an agency does on `day`: its own, and that of every ended body whose successors lead to it."""
    ended = {one.id: one.successor_id for one in store.find_succeeded(conn) if not one.exists_on(day)}
    found, new = {agency_id}, {agency_id}
    while new:
        new = {one for one, successor in ended.items() if successor in new} - found
        found |= new
    return frozenset(found)


def desk_of_province(conn: Connection, on: date) -> str | None:
    """The id of the desk that works on what comes in from outside: the province's own, the oldest if several.

    Where all have ended it is the successor of the oldest; None only where no desk was ever entered.
    """
    desks = sorted(store.find_all(conn, "province_desk"), key=lambda desk: desk.id)
    living = next((desk.id for desk in desks if desk.exists_on(on)), None)
    return living or next((agency_on(conn, desk.id, on).id for desk in desks), None)


def agency_id_by_code(conn: Connection, code: str) -> str | None:
    """The id of the institution with a BIN (`970436`) or provider name (`momo`)."""
    return store.id_by_code(conn, code.strip().lower())


def agency_by_code(conn: Connection, code: str) -> Agency | None:
    """The institution with a BIN (`970436`) or provider name (`momo`)."""
    found = agency_id_by_code(conn, code)
    return store.find(conn, found) if found else None


def institution_for_account(conn: Connection, key: str, day: date | None = None) -> Agency | None:
    """The institution that keeps an account or wallet; with `day`, the one that took over a merged bank.

    None where the key names no institution, or one that nobody has recorded.
    """
    code = rules.code_in_key(key)
    found = agency_by_code(conn, code) if code else None
    return agency_on(conn, found.id, day) if found and day else found
