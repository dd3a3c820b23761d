"""Public texts in other systems' words: the feed of warnings, and one warning as a CAP message."""

from contextlib import suppress
from datetime import datetime

from lachan.foundation.base import LachanError, Language, translate
from lachan.foundation.exchange import (
    AtomEntry,
    AtomFeed,
    CapAlert,
    CapInfo,
    CapSeverity,
    CapStatus,
    write_atom,
    write_cap,
)
from lachan.foundation.taxonomy import outreach_audience, retraction, scam_form
from lachan.outreach.model import Item, ItemState, Severity, Words


def atom(items: list[Item], *, name: str, base_url: str, language: Language, now: datetime) -> bytes:
    """The feed at `base_url`/feed.xml. What was taken back stays as an entry that says only so."""
    entries = tuple(
        AtomEntry(
            id=f"{base_url}/warnings/{one.code}", title=headline(one, language), text=body(one, language),
            address=f"{base_url}/warnings/{one.code}", published=one.published_at or one.changed_at,
            updated=one.changed_at, category=one.scam_form or "",
            links=((f"{base_url}/v1/public/warnings/{one.code}.cap.xml", "application/cap+xml"),),
        )
        for one in items
    )  # fmt: skip
    return write_atom(
        AtomFeed(
            id=f"{base_url}/feed.xml", title=translate("outreach.feed_title", language, name=name), author=name,
            language=language.value, address=f"{base_url}/feed.xml", page=f"{base_url}/warnings", updated=now,
            entries=entries,
        )
    )  # fmt: skip


def cap(one: Item, *, instance: str, sender_name: str, area: str, base_url: str, exercise: bool) -> bytes:
    """A warning as CAP 1.2: an Alert, or once it was taken back the Cancel that names it."""
    published = one.published_at or one.changed_at
    over = one.state is ItemState.RETRACTED
    languages = [Language.VI, *([Language.EN] if one.en.title else [])]
    return write_cap(
        CapAlert(
            identifier=f"{instance}.{one.code}{'.cancel' if over else ''}", sender=instance,
            sent=(one.ended_at or published) if over else published,
            status=CapStatus.EXERCISE if exercise else CapStatus.ACTUAL,
            severity=CapSeverity((one.severity or Severity.MODERATE).value), expires=one.expires_at,
            infos=tuple(
                CapInfo(
                    language="vi-VN" if language is Language.VI else "en",
                    event=_form(one, language), headline=headline(one, language), description=told(one, language),
                    instruction="" if over else "\n".join(one.words(language).steps), sender_name=sender_name,
                    area=area, web=f"{base_url}/warnings/{one.code}", audience=_audience(one, language),
                )
                for language in languages
            ),
            cancels=(f"{instance}.{one.code}", published) if over else None,
            note=why_ended(one, Language.VI) if over else "",
        )
    )  # fmt: skip


def headline(one: Item, language: Language) -> str:
    """The title, and first that it was taken back or has ended."""
    title = one.words(language).title
    key = {ItemState.RETRACTED: "outreach.feed_retracted", ItemState.EXPIRED: "outreach.feed_expired"}.get(
        one.state
    )
    return translate(key, language, title=title) if key else title


def body(one: Item, language: Language) -> str:
    """The whole text with signs and steps; of what was taken back only that and why."""
    if one.state is ItemState.RETRACTED:
        return why_ended(one, language)
    words = one.words(language)
    return "\n\n".join(
        part for part in (words.text, _lines("signs", words, language), _lines("steps", words, language)) if part
    )


def told(one: Item, language: Language) -> str:
    """What happens and how to recognise it, without what to do."""
    if one.state is ItemState.RETRACTED:
        return why_ended(one, language)
    words = one.words(language)
    return "\n\n".join(part for part in (words.text, _lines("signs", words, language)) if part)


def why_ended(one: Item, language: Language) -> str:
    """Why a text was taken back."""
    reason = one.end_reason or ""
    with suppress(LachanError):
        reason = retraction(reason, one.ended_at or one.changed_at).label(language)
    return translate("outreach.retracted_because", language, reason=reason, words=one.end_words or "")


def _lines(name: str, words: Words, language: Language) -> str:
    lines = words.signs if name == "signs" else words.steps
    return (
        "\n".join([f"{translate(f'outreach.{name}', language)}:", *(f"- {line}" for line in lines)])
        if lines
        else ""
    )


def _form(one: Item, language: Language) -> str:
    return scam_form(one.scam_form, one.made_at).label(language) if one.scam_form else one.words(language).title


def _audience(one: Item, language: Language) -> str:
    return outreach_audience(one.audience, one.made_at).label(language)
