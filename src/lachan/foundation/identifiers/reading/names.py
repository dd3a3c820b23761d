"""Handles on social networks and SMS brand names: read only where the words before them say so."""

import re

from lachan.foundation.identifiers.kinds import sender, social
from lachan.foundation.identifiers.model import Kind
from lachan.foundation.identifiers.reading.claims import Claims
from lachan.foundation.identifiers.text import Mapped

_AT_HANDLE = re.compile(r"(?<![\w@.])@([a-z0-9_.]{2,40}[a-z0-9_])")
_PLATFORM = re.compile(
    r"\b(telegram|tele|tiktok|tik tok|facebook|fb)\b"
    r"(?:(?!telegram|tiktok|facebook|zalo|\bfb\b|@)[^\n]){0,30}$"
)
_AND = re.compile(r"[ ,/]*(?:va|hoac|hay|and|or)?[ ,/]*")
_NAMED = re.compile(
    r"\b(telegram|tele|tiktok|facebook|fb)(?: ?(?:id|user|username|nick|name|acc|account))?\s?[:=]\s?"
    r"([a-z][a-z0-9_.]{3,40})(?![\w@/.])"
)
_SENDER = re.compile(
    r"(?:\bbrand ?name(?: gia)?|\bthuong hieu|\bsender(?: id)?|\bnguoi gui(?: hien thi)?|\bten nguoi gui"
    r"|\bten dinh danh|\b(?:tin nhan|dau so|sms) dinh danh|\bhien thi ten"
    r"|\b(?:tin nhan|sms|tin) tu(?![a-z]| brand))"
    r"\s?:?\s?[\"'“”‘’(]?([a-z0-9][a-z0-9._-]{1,20})"
)
_LOOSE = re.compile(r"(?:tin nhan|sms|tin) tu\b|thuong hieu|nguoi gui")
_PLAIN_WORDS = "so dau la sdt sms tin mot cac nay cua ngan bo cong brandname voi thue bao nguoi may"
_NOT_NAMES = frozenset(_PLAIN_WORDS.split())
_WORDS = {"tele": "telegram", "fb": "facebook", "tik tok": "tiktok"}


def read_handles(folded: Mapped, low: Mapped, claims: Claims) -> None:
    """`@name` after the name of a platform, and 'telegram: name_1'."""
    platform, last_end = "", 0
    for match in _AT_HANDLE.finditer(low.text):
        cue = _PLATFORM.search(low.text[max(0, match.start() - 50) : match.start()])
        if cue:
            platform = _WORDS.get(cue[1], cue[1])
        elif not _AND.fullmatch(low.text[last_end : match.start()]):
            platform = ""
        if platform and (value := social.on(platform, match[1])):
            claims.add(Kind.SOCIAL, value, *low.span(*match.span()))
        last_end = match.end()
    for match in _NAMED.finditer(low.text):
        name = match[2].rstrip(".")
        distinctive = any(char.isdigit() or char in "_." for char in name)
        if distinctive and (value := social.on(_WORDS.get(match[1], match[1]), name)):
            claims.add(Kind.SOCIAL, value, *low.span(match.start(2), match.start(2) + len(name)))


def read_senders(folded: Mapped, low: Mapped, claims: Claims) -> None:
    """The name after 'brandname', 'thương hiệu', 'người gửi', 'tin nhắn từ' …"""
    for match in _SENDER.finditer(low.text):
        start = match.start(1)
        name = folded.text[start : match.end(1)].rstrip(".-_")
        if name.lower() in _NOT_NAMES or not (value := sender.clean(name)):
            continue
        # After looser words only what looks like a brand: capitals, not a sentence that goes on.
        if _LOOSE.match(match.group()) and not _looks_branded(name):
            continue
        claims.add(Kind.SENDER, value, *folded.span(start, start + len(name)))


def _looks_branded(name: str) -> bool:
    return sum(char.isupper() for char in name) >= 2 or (name[:1].isupper() and len(name) >= 6)
