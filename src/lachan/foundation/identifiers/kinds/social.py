"""Accounts on social networks: `telegram:handle`, `facebook:handle-or-id`, `zalo:+84…`, `tiktok:handle`."""

import re

from lachan.foundation.identifiers.kinds import phone
from lachan.foundation.identifiers.model import DOTS, Details, masked_tail

EXAMPLE = "Telegram @ten_tai_khoan"

NAMES = {"telegram": "Telegram", "facebook": "Facebook", "zalo": "Zalo", "tiktok": "TikTok"}
_HANDLES = {
    "telegram": re.compile(r"[a-z][a-z0-9_]{3,31}"),
    "facebook": re.compile(r"[a-z0-9](?:[a-z0-9.]{3,48})[a-z0-9]"),
    "tiktok": re.compile(r"[a-z0-9_.]{2,24}"),
}
_WORDS = {"tele": "telegram", "tg": "telegram", "fb": "facebook", "zl": "zalo", "tik tok": "tiktok"}
_FACEBOOK_PAGES = (
    "groups watch login share sharer marketplace events pages story.php photo photo.php help policies reel "
    "reels gaming stories hashtag ads business messages permalink.php media settings sharer.php dialog"
)
_NOT_FACEBOOK = frozenset(_FACEBOOK_PAGES.split())
_NOT_TELEGRAM = frozenset({"joinchat", "share", "addstickers", "proxy", "socks", "iv", "login"})
_LINKS = (
    ("telegram", re.compile(r"(?:t|telegram)\.(?:me|dog)/(?:s/)?@?([a-z0-9_]+)/?(?:[0-9]+/?)?(?:[?#].*)?")),
    ("zalo", re.compile(r"zalo\.me/([+0-9]{9,13})/?(?:[?#].*)?")),
    ("tiktok", re.compile(r"tiktok\.com/@([a-z0-9_.]+)/?(?:[?#].*)?")),
    ("facebook", re.compile(r"(?:facebook\.com|fb\.com)/profile\.php\?(?:.*&)?id=([0-9]{5,20})(?:[&#].*)?")),
    ("facebook", re.compile(r"(?:facebook\.com|fb\.com)/people/[^/]{1,80}/([0-9]{5,20})/?(?:[?#].*)?")),
    ("facebook", re.compile(r"(?:facebook\.com|fb\.com|m\.me)/([a-z0-9.]+)/?(?:[?#].*)?")),
)  # fmt: skip
_HOST_PREFIX = re.compile(r"(?:https?://)?(?:www\.|m\.|vi-vn\.|web\.|mbasic\.|vt\.)?", re.IGNORECASE)


def clean(raw: str) -> str | None:
    """Reads a key's value, a caption, 'telegram @name', or a link."""
    text = raw.strip()
    if found := from_link(text):
        return found
    match = re.fullmatch(r"([A-Za-z]{2,9}|[Tt]ik [Tt]ok)\s*(?::|@|\s)\s*@?(.{2,50})", text, re.DOTALL)
    if not match:
        return None
    word = match[1].lower()
    return on(_WORDS.get(word, word), match[2])


def on(platform: str, handle: str) -> str | None:
    """The canonical value of a handle (for Zalo: a phone number) on one platform."""
    if platform == "zalo":
        number = phone.clean(handle)
        return f"zalo:{number}" if number and phone.is_mobile(number) else None
    name = handle.strip().removeprefix("@").lower()
    pattern = _HANDLES.get(platform)
    if not pattern or not pattern.fullmatch(name) or name.endswith("."):
        return None
    return f"{platform}:{name}"


def from_link(link: str) -> str | None:
    """The account that a link names; None for groups, invitations, posts and other sites."""
    rest = link[_HOST_PREFIX.match(link).end() :].lower()  # type: ignore[union-attr]
    for platform, pattern in _LINKS:
        match = pattern.fullmatch(rest)
        if not match:
            continue
        if match[1] in (_NOT_FACEBOOK if platform == "facebook" else _NOT_TELEGRAM):
            return None
        return on(platform, match[1])
    return None


def caption(value: str) -> str:
    """`Telegram @handle`, `Zalo 0912 345 678`."""
    platform, _, name = value.partition(":")
    shown = phone.caption(name) if platform == "zalo" else f"@{name}"
    return f"{NAMES[platform]} {shown}"


def mask(value: str) -> str:
    """The platform and the last characters."""
    platform, _, name = value.partition(":")
    tail = phone.mask(name) if platform == "zalo" else masked_tail(name) if len(name) > 4 else DOTS
    return f"{NAMES[platform]} {tail}"


def details(value: str) -> Details:
    """Platform; for Zalo the phone number, which is an identifier of its own."""
    platform, _, name = value.partition(":")
    return {"platform": platform, "phone": name} if platform == "zalo" else {"platform": platform, "handle": name}
