"""What may follow what, how long a text is, what may stand in it, and when reports of a form have risen. Pure."""

import hashlib
import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import orjson

from lachan.foundation.base import BadInput, Conflict, InputReason
from lachan.foundation.identifiers import Found, Kind, identify
from lachan.foundation.taxonomy import LengthUnit, OutreachChannel, clock, threshold
from lachan.outreach.model import ITEM_NEXT, ItemDraft, ItemKind, ItemState, OutreachReason, Rise, Words

_VOWELS = re.compile(r"[aeiouy]+")
_SYLLABLE = re.compile(r"(?:ngh?|gh|gi|nh|ch|kh|ph|th|tr|qu|[bcdghklmnprstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?")
# 50.000.000: fifty, and one word for the rest of each group.
_THOUSANDS = re.compile(r"(?<=\d)[.,]000(?!\d)")
_TOKEN = re.compile(r"[^\W_]+")
_SPELLED_MOST = 5
_UNTYPED = frozenset({"Cc", "Cs", "Co", "Cn"})
_LONG_NUMBER = 5
_HOTLINE = re.compile(r"1[89]00\d{4,6}")
# What would point at one person or account. A duty telephone is a landline or a short number.
_SOMEBODYS = frozenset({Kind.ACCOUNT, Kind.WALLET, Kind.CITIZEN, Kind.IMEI, Kind.CRYPTO})


@dataclass(frozen=True, slots=True)
class Length:
    """How long a text is on a channel, and what the channel allows, in the channel's unit.

    `seconds` is the time of reading aloud, where the channel has a pace.
    """

    unit: LengthUnit
    characters: int
    syllables: int
    seconds: int | None
    used: int
    most: int
    title: int
    title_most: int

    @property
    def fits(self) -> bool:
        """Whether text and title are within the limits."""
        return self.used <= self.most and self.title <= self.title_most


def measured(words: Words, channel: OutreachChannel) -> Length:
    """The length of a text on a channel: signs and steps are part of it, the title has a limit of its own."""
    text = "\n".join([words.text, *words.signs, *words.steps]).strip()
    spoken = syllables(text)
    seconds = math.ceil(60 * spoken / channel.pace) if channel.pace else None
    used = seconds if channel.unit is LengthUnit.SECONDS and seconds is not None else len(text)
    return Length(
        channel.unit, len(text), spoken, seconds, used, channel.most, len(words.title), channel.title_most
    )  # fmt: skip


def syllables(text: str) -> int:
    """Syllables of a Vietnamese text as a reader says them: one a word, numbers and abbreviations spelled out."""
    return sum(map(_spoken, _TOKEN.findall(_THOUSANDS.sub(" k", text))))


def _spoken(token: str) -> int:
    if token.isdigit():
        return _spoken_number(token)
    plain = unicodedata.normalize("NFD", token.lower().replace("đ", "d"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    if any(c.isdigit() for c in plain):
        parts = re.findall(r"\d+|\D+", token)
        return sum(map(_spoken, parts)) if len(parts) > 1 else len(plain)
    capitals = sum(c.isupper() for c in token)
    if capitals > 1 and len(token) <= _SPELLED_MOST and not _SYLLABLE.fullmatch(plain):
        return len(token)  # OTP, UBND, VNeID: by its letters; CẢNH BÁO are words
    return max(1, len(_VOWELS.findall(plain)))


def _spoken_number(digits: str) -> int:
    """`156` is six syllables at most; what is long or begins with 0 is said digit by digit."""
    if digits.startswith("0") or len(digits) >= _LONG_NUMBER:
        return len(digits)
    # Each digit is said with its place: two syllables, the last one alone.
    return max(1, 2 * len(digits) - 1)


def check_words(draft: ItemDraft, channel: OutreachChannel) -> None:
    """Refuses what is missing, too long for the channel, or names somebody, at the field that it is about."""
    if not draft.vi.title:
        raise BadInput(InputReason.MISSING, field="title")
    if not draft.vi.text:
        raise BadInput(InputReason.MISSING, field="text")
    for words, ending in ((draft.vi, ""), (draft.en, "_en")):
        length = measured(words, channel)
        if length.title > length.title_most:
            raise BadInput(
                OutreachReason.TITLE_TOO_LONG, field=f"title{ending}", count=length.title, limit=length.title_most
            )  # fmt: skip
        if length.used > length.most:
            # The English text of a script is for readers: the pace is that of Vietnamese.
            if length.unit is LengthUnit.SECONDS and ending:
                continue
            spoken = length.unit is LengthUnit.SECONDS
            reason = OutreachReason.SPOKEN_TOO_LONG if spoken else OutreachReason.TEXT_TOO_LONG
            raise BadInput(reason, field=f"text{ending}", count=length.used, limit=length.most)
        check_nobody(words, ending)


def check_nobody(words: Words, ending: str = "") -> None:
    """BadInput NAMES_SOMEBODY where an account, wallet, mobile number or person's number stands in a text.

    MALFORMED where something stands in it that no keyboard types and no XML carries.
    """
    for name, text in (("title", words.title), ("text", words.text), ("signs", "\n".join(words.signs)),
                       ("steps", "\n".join(words.steps))):  # fmt: skip
        check_public(f"{name}{ending}", text)


def check_public(field: str, text: str) -> None:
    """The same for anything that everybody will read, at its field."""
    if any(unicodedata.category(c) in _UNTYPED and c not in "\n\t" for c in text):
        raise BadInput(InputReason.MALFORMED, field=field, expected="abc")
    if any(map(_is_somebodys, identify(text))):
        raise BadInput(OutreachReason.NAMES_SOMEBODY, field=field)


def _is_somebodys(found: Found) -> bool:
    if found.kind is Kind.PHONE:
        return found.details.get("line") == "mobile"
    # A hotline such as 1900 6015 beside the name of a bank reads like an account.
    return found.kind in _SOMEBODYS and not _HOTLINE.fullmatch(found.value.rpartition(":")[2])


def check_complete(draft: ItemDraft, now: datetime) -> None:
    """What a warning or method needs before anybody may approve it: a form of fraud, and for a warning an end."""
    if draft.kind is not ItemKind.PIECE and draft.scam_form is None:
        raise BadInput(OutreachReason.NO_FORM, field="scam_form")
    if draft.kind is ItemKind.WARNING and draft.expires_at is None:
        raise BadInput(OutreachReason.NO_END, field="expires_at")
    if draft.expires_at is None:
        return
    latest = clock("public_warning_longest", now).deadline(now)
    if not now < draft.expires_at <= latest:
        raise BadInput(OutreachReason.LASTS_TOO_LONG, field="expires_at", limit=latest.isoformat())


def check_step(state: ItemState, following: ItemState) -> None:
    """Conflict NOT_IN_THIS_STATE where the life-cycle does not lead there."""
    if following not in ITEM_NEXT[state]:
        raise Conflict(OutreachReason.NOT_IN_THIS_STATE, standing=state.value)


def digest_of(draft: ItemDraft) -> str:
    """Names exactly this content: what was approved is what is published."""
    said = {
        "kind": draft.kind.value, "channel": draft.channel, "audience": draft.audience, "form": draft.scam_form,
        "severity": draft.severity, "words": words_as_json(draft),
        "until": draft.expires_at.isoformat() if draft.expires_at else None,
    }  # fmt: skip
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def words_as_json(draft: ItemDraft) -> dict[str, dict[str, object]]:
    """Both languages as they are stored."""
    return {
        name: {"title": one.title, "text": one.text, "signs": list(one.signs), "steps": list(one.steps)}
        for name, one in (("vi", draft.vi), ("en", draft.en))
    }


def risen(counts: Iterable[tuple[str, int, int]], weeks: int, now: datetime) -> list[Rise]:
    """The forms of which the last 7 days brought clearly more reports than the `weeks` weeks before.

    `counts`: form, reports of the last 7 days, reports of the weeks before. A rise is enough reports, well above
    what the earlier weeks let expect, and hardly chance; each limit is a dated threshold.
    """
    found = []
    for form, recent, earlier in counts:
        rarity = one_in(recent, earlier, weeks)
        if (
            threshold("rise_reports", now).reached(recent)
            and is_above(recent, earlier, weeks, now)
            and threshold("rise_rarity", now).reached(rarity)
        ):
            found.append(Rise(form, now, recent, earlier, weeks, rarity))
    return sorted(found, key=lambda one: (-one.one_in, one.scam_form))


def is_above(recent: int, earlier: int, weeks: int, now: datetime) -> bool:
    """Whether 7 days brought the dated share more than expected; a rise lasts as long as this holds."""
    return threshold("rise_ratio", now).reached(100 * recent * weeks // earlier) if earlier else recent > 0


def one_in(recent: int, earlier: int, weeks: int) -> int:
    """Once in how many looks chance alone shows so many recent reports, when nothing has changed; at most 10⁹.

    Exact test of two Poisson counts (Przyborowski and Wilenski, 1940): if nothing has changed, each report falls
    into the last week with probability 1 / (weeks + 1), so the recent count is binomial. A plain Poisson test would
    take the expected number for known, and find too much where it comes from few reports.
    """
    total, share = recent + earlier, 1 / (weeks + 1)
    chance = math.fsum(
        math.exp(
            math.lgamma(total + 1) - math.lgamma(k + 1) - math.lgamma(total - k + 1)
            + k * math.log(share) + (total - k) * math.log1p(-share)
        )
        for k in range(recent, total + 1)
    )  # fmt: skip
    return int(1 / min(1.0, max(chance, 1e-9)))
