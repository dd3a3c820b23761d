"""Apps: `android:` and the package name, `ios:` and the store number, or the file's `sha256:`."""

import re

from lachan.foundation.identifiers.model import Details, masked_tail

EXAMPLE = "com.example.ungdung"

_PACKAGE = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_IOS = re.compile(r"[0-9]{6,12}")
_PLAY = re.compile(
    r"(?:https?://)?play\.google\.com/store/apps/details\?(?:[^#\s]*&)?id=([A-Za-z0-9_.]+).*", re.DOTALL
)
_APPLE = re.compile(r"(?:https?://)?(?:apps|itunes)\.apple\.com/[^?#\s]*/id([0-9]{6,12}).*", re.DOTALL)


def clean(raw: str) -> str | None:
    """Reads a key's value, a package name (its letters' case matters), a hash, `id123…`, or a store link."""
    text = raw.strip()
    if found := from_link(text):
        return found
    scheme, _, rest = text.rpartition(":")
    scheme = scheme.strip().lower().replace("-", "")
    rest = rest.strip()
    if _SHA256.fullmatch(rest.lower()) and scheme in ("", "sha256"):
        return f"sha256:{rest.lower()}"
    if scheme in ("ios", "") and _IOS.fullmatch(number := rest.removeprefix("id")) and (scheme or rest != number):
        return f"ios:{number}"
    if scheme in ("", "android") and len(rest) <= 150 and _PACKAGE.fullmatch(rest):
        return f"android:{rest}"
    return None


def from_link(link: str) -> str | None:
    """The app behind a store link."""
    if match := _PLAY.fullmatch(link):
        return f"android:{match[1]}" if _PACKAGE.fullmatch(match[1]) else None
    match = _APPLE.fullmatch(link)
    return f"ios:{match[1]}" if match else None


def caption(value: str) -> str:
    """The package name, `id123…`, or the hash."""
    system, _, name = value.partition(":")
    return f"id{name}" if system == "ios" else name


def mask(value: str) -> str:
    """The last characters only."""
    return masked_tail(value.partition(":")[2])


def details(value: str) -> Details:
    """The system it runs on, or that it is a file."""
    system = value.partition(":")[0]
    return {"system": "file" if system == "sha256" else system}
