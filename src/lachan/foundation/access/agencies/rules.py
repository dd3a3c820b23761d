"""What may be recorded about agencies, and which code an account key carries."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches

from lachan.foundation.access.agencies.model import Agency, AgencyDraft
from lachan.foundation.access.checks import clean_text
from lachan.foundation.access.reasons import AccessReason
from lachan.foundation.base import BadInput, Conflict, InputReason
from lachan.foundation.identifiers.text import fold
from lachan.foundation.taxonomy import communes, place_name, provinces

_CODE = re.compile(r"[a-z0-9][a-z0-9_.-]{1,39}")
_KIND = re.compile(r"[a-z][a-z0-9_]{1,63}")
_WORD = re.compile(r"[^\W_]+")
_PHONE = re.compile(r"\+?[0-9 ().-]{3,31}")
_STEPS_MAX = 50
_FORERUNNERS_SAID = 2
# How many things may tell those of one name apart.
_WAYS = 5


def check_draft(draft: AgencyDraft) -> AgencyDraft:
    """The draft with clean texts; BadInput names the field."""
    if not _KIND.fullmatch(draft.kind):
        raise BadInput(InputReason.UNKNOWN_VALUE, field="kind", value=draft.kind[:64])
    if draft.valid_to is not None and draft.valid_to < draft.valid_from:
        raise BadInput(AccessReason.PERIOD_REVERSED, field="valid_to")
    return AgencyDraft(
        kind=draft.kind,
        name=clean_text(draft.name, "name", limit=200),
        short_name=clean_text(draft.short_name, "short_name", limit=60),
        valid_from=draft.valid_from,
        valid_to=draft.valid_to,
        parent_id=draft.parent_id,
        province_code=draft.province_code,
        commune_code=draft.commune_code,
        codes=tuple(dict.fromkeys(clean_code(code) for code in draft.codes)),
        place=clean_place(draft.place),
        phone=clean_phone(draft.phone),
    )


def name_key(text: str) -> str:
    """A name as people compare it: no case, accents, punctuation or doubled spaces."""
    return " ".join(_WORD.findall(fold(text).lower()))


def called(text: str, among: Sequence[Agency], everybody: Sequence[Agency]) -> list[Agency]:
    """Who is meant by what somebody typed: a name, else a short name, else a name with what tells it apart."""
    wanted = name_key(text)
    if not wanted:
        return []
    if found := [one for one in among if one.name == text]:
        return found
    for field in ("name", "short_name"):
        if found := [one for one in among if name_key(getattr(one, field)) == wanted]:
            return found
    # With what tells them apart, whichever of it was needed where it was offered.
    of = _forerunners(everybody)
    ways = [(one, _longer(one, of)) for one in among if wanted.startswith(name_key(one.name))]
    for at in range(_WAYS):
        if found := [one for one, way in ways if way[at] == text.strip()]:
            return found
    for at in range(_WAYS):
        if found := [one for one, way in ways if name_key(way[at]) == wanted]:
            return found
    last = re.search(r"\[([0-9a-f-]{36})\]$", text)
    return [one for one in among if last and one.id == last[1]]


def unlike_names(among: Sequence[Agency], everybody: Sequence[Agency]) -> dict[str, str]:
    """A name for each that no other of them has: the name, with what tells them apart where they share it.

    That is the short name, the province, the seat or commune, whose work it took over, since when it exists; where
    they agree in all of it, the id. `everybody`: the register, with those that have ended.
    """
    sharing: defaultdict[str, list[Agency]] = defaultdict(list)
    for one in among:
        sharing[one.name].append(one)
    of = _forerunners(everybody) if len(sharing) < len(among) else {}
    made: dict[str, str] = {}
    for name, those in sharing.items():
        made |= {one.id: name for one in those} if len(those) == 1 else _apart(those, of)
    return {one.id: made[one.id] for one in among}


def _apart(those: Sequence[Agency], of: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The first way in which each of those who share a name is told from all others."""
    ways = {one.id: _longer(one, of) for one in those}
    made = {}
    for one in those:
        others = [ways[each.id] for each in those if each.id != one.id]
        alone = (
            way
            for at, way in enumerate(ways[one.id])
            if way and all(name_key(each[at]) != name_key(way) for each in others)
        )
        made[one.id] = next(alone, f"{one.name} [{one.id}]")
    return made


def _longer(one: Agency, of: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The name with each of the things that may tell it apart; empty where nothing is known."""
    commune = communes().get(one.commune_code or "")
    province = provinces().get(commune.province_code if commune else one.province_code or "")
    known = (
        one.short_name if name_key(one.short_name) != name_key(one.name) else "",
        province.short if province else "",
        place_name(commune.code) if commune else one.place,
        ", ".join(of.get(one.id, ())[:_FORERUNNERS_SAID]),
        f"{one.valid_from:%d/%m/%Y}",
    )
    return tuple(f"{one.name} ({told})" if told else "" for told in known)


def _forerunners(everybody: Sequence[Agency]) -> dict[str, list[str]]:
    """The names of those whose work each took over, in a fixed order."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one in sorted(everybody, key=lambda each: (each.name, each.id)):
        if one.successor_id is not None:
            found[one.successor_id].append(one.short_name)
    return found


def holding(text: str, names: Sequence[str]) -> tuple[str, ...]:
    """The names in which every typed word begins a word, in their order; all of them where nothing is typed."""
    words = name_key(text).split()
    return tuple(
        name
        for name in names
        if all(any(part.startswith(word) for part in name_key(name).split()) for word in words)
    )


def nearest(text: str, names: Sequence[str]) -> tuple[str, ...]:
    """Up to three names that somebody may have meant: those that hold its words first, then those spelt alike."""
    wanted, by_key = name_key(text), {name_key(name): name for name in reversed(names)}
    words = set(wanted.split())
    holding = [name for key, name in by_key.items() if words and words <= set(key.split())]
    alike = [by_key[key] for key in get_close_matches(wanted, by_key, n=3, cutoff=0.6)]
    return tuple(dict.fromkeys([*sorted(holding, key=len)[:3], *alike]))[:3]


def clean_place(place: str) -> str:
    """`Cao Bằng`; empty where it is not known."""
    return clean_text(place, "place", limit=60) if place.strip() else ""


def clean_phone(phone: str) -> str:
    """`1900 1234` or `024 3800 0000`; empty where it is not known."""
    cleaned = phone.strip()
    if cleaned and not _PHONE.fullmatch(cleaned):
        raise BadInput(InputReason.MALFORMED, field="phone", expected="024 3800 0000")
    return cleaned


def clean_code(code: str) -> str:
    """A BIN (`970436`) or a wallet provider's name (`momo`), in lower case."""
    cleaned = code.strip().lower()
    if not _CODE.fullmatch(cleaned):
        raise BadInput(InputReason.MALFORMED, field="codes", expected="970436")
    return cleaned


def code_in_key(key: str) -> str | None:
    """The institution's code in `account:970436:0123` or `wallet:momo:+84…`; None where the key names none."""
    kind, _, rest = key.partition(":")
    code, colon, number = rest.partition(":")
    return code.lower() if kind in {"account", "wallet"} and colon and code and number else None


def follow_successors(start: Agency, day: date, find: Callable[[str], Agency | None]) -> Agency:
    """The body that does this one's work on `day`: itself, or the last successor that the chain reaches."""
    current, seen = start, {start.id}
    while current.valid_to is not None and current.valid_to < day and current.successor_id is not None:
        successor = find(current.successor_id)
        if successor is None or successor.id in seen:
            return current
        seen.add(successor.id)
        current = successor
    return current


def check_successor(ending_id: str, successor: Agency, find: Callable[[str], Agency | None]) -> None:
    """Refuse a successor whose own chain leads back to the ending body."""
    current: Agency | None = successor
    for _ in range(_STEPS_MAX):
        if current is None:
            return
        if current.id == ending_id:
            break
        current = find(current.successor_id) if current.successor_id else None
    raise Conflict(AccessReason.SUCCESSOR_CIRCLE, field="successor_id")
