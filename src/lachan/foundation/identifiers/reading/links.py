"""Links, hosts, addresses, e-mail and package names, also de-fanged (hxxp, [.], (dot), (at))."""

import re

from lachan.foundation.identifiers.kinds import app, domain, email, ip, social, url
from lachan.foundation.identifiers.model import Kind
from lachan.foundation.identifiers.reading.claims import Claims
from lachan.foundation.identifiers.text import Mapped

_COMMON = "com|vn|net|org|info|top|xyz|vip|club|shop|online|site|cc|io|me|store|asia|pro|app|live|link|icu|biz|gov"
_DEFANG: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]"), ""),
    (re.compile(r"(?i)hxxp(?=s?\s?(?:\[?:\]?|://))"), "http"),
    (re.compile(r"\[:\]"), ":"),
    (re.compile(r"(?i)(?<=http)(s?)\[://\]"), "://"),
    (
        re.compile(r"(?i) ?(?:\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\{dot\}|\[chấm\]|\(chấm\)|\[cham\]|\(cham\)) ?"),
        ".",
    ),
    (re.compile(r"(?i) ?(?:\[at\]|\(at\)|\{at\}|\[@\]|\(@\)|\(a còng\)|\[a còng\]) ?"), "@"),
    (re.compile(r"(?<=[A-Za-z0-9]) @ (?=[A-Za-z0-9-]{1,63}\.)"), "@"),
    # A spaced dot is also a full stop: only after a name with a hyphen or a digit, or where it is spelled.
    (
        re.compile(
            rf"(?i)(?<![\w.-])([a-z0-9]{{0,30}}[-0-9][a-z0-9-]{{0,60}})"
            rf"(?: \. | chấm | cham | dot )(?=(?:{_COMMON})(?!\w))"
        ),
        r"\1.",
    ),
    (
        re.compile(r"(?i)(?<=[a-z0-9]{4})(?: chấm | dot )(?=(?:com|net|org|vn|info|xyz|top|vip|club)(?!\w))"),
        ".",
    ),
)
_SCHEMED = re.compile(r"(?i)(?<![A-Za-z0-9])(?:https?|ftp)://[^\s<>\"“”‘’«»`|]+")
_EMAIL = re.compile(
    r"(?<![\w.+%-])[A-Za-z0-9_%+-][A-Za-z0-9._%+-]{0,63}@"
    r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,6}[^\W\d_]{2,24}(?![\w-])"
)
_PACKAGE = re.compile(
    r"(?<![\w.@/-])(?:com|vn|net|org|io|gov|me|xyz|edu|app|asia|co|mobile|air|id)"
    r"(?:\.[A-Za-z][A-Za-z0-9_]{0,60}){1,8}"
    r"(?![\w/@-]|\.\w)"
)
_HOST = re.compile(
    r"(?<![\w.@/:-])(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}(?:[^\W\d_]{2,24}|xn--[A-Za-z0-9-]{2,59})(?![\w@-])"
    r"(?::[0-9]{2,5}(?![0-9]))?(?:[/?#][^\s<>\"“”‘’«»`|]*)?"
)
_IPV4 = re.compile(
    r"(?<![\w.,])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w]|[.,][0-9])(?::[0-9]{2,5}(?![0-9]))?(/[^\s\"]+)?"
)
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
_APP_CUE = re.compile(r"\b(?:app|apk|goi|package|ung dung|phan mem|cai|tai khoan app)\b[^\n]{0,40}$")
_LINK_CUE = re.compile(
    r"\b(?:web|website|trang|link|vao|truy cap|domain|ten mien|san|cong|site|click|bam|dia chi)"
    r"\b[^\n]{0,25}$"
)
_VERSION_CUE = re.compile(r"\b(?:phien ban|version|ver|v|firmware|android|ios|muc|dieu|khoan|chuong)\s*:?\s*$")
_MONEY_CUE = re.compile(r"^\s?(?:d|đ|dong|vnd|vnđ|₫|usd|ty|trieu|tr)\b|^\s?[đ₫]", re.IGNORECASE)
# Endings that are also words of Vietnamese written without a space after the full stop, or file names.
_WORD_ENDINGS = (
    "to do la me ai co im in ba be by ca cu de hu is it li lu ma mo my na ne ng nu no pa ph so sa te "
    "vi va ve vu ua cho chi chu ban nha con ten tin tim bi ro th ga ge gi qua sao mai tien thoi moi "
    "can zip mov md py sh pl rs ps cc bo hm nz app doc tv ht gt gs gl km kn ky mg mm mn mp ms mt mu "
    "mv mw mx mz st sk sl sm sn sr ss su sv "
)
_WORDS = frozenset(_WORD_ENDINGS.split())
# Endings with which a new sentence of a review or a chat often starts.
_SHOP_WORDS = frozenset({"shop", "chat", "xin", "sale", "review", "live", "app", "men", "hot", "fan", "pro", "vip"})
_TRAILING = ".,;:!?…'\"*~"
_PAIRS = {")": "(", "]": "[", "}": "{"}


def defang(text: str) -> Mapped:
    """The text with de-fanged and spelled-out links made whole; offsets still lead to the original."""
    mapped = Mapped(text, range(len(text)), range(1, len(text) + 1))
    for pattern, plain in _DEFANG:
        mapped = mapped.rewrite(pattern, lambda match, plain=plain: match.expand(plain))  # type: ignore[misc]
    return mapped


def _trim(link: str) -> str:
    """Without the punctuation of the sentence around it."""
    while link:
        last = link[-1]
        if last in _TRAILING or (last in _PAIRS and link.count(_PAIRS[last]) < link.count(last)):
            link = link[:-1]
        else:
            break
    return link


def read_links(text: str, low: Mapped, claims: Claims) -> None:
    """In the order in which one form could be mistaken for another."""
    whole = defang(text)
    _read_schemed(whole, claims)
    for match in _EMAIL.finditer(whole.text):
        if value := email.clean(match.group()):
            claims.add(Kind.EMAIL, value, *whole.span(*match.span()))
    _read_addresses(whole, low, claims)
    _read_packages(whole, claims)
    _read_hosts(whole, claims)


def _add_link(link: str, start: int, whole: Mapped, claims: Claims) -> None:
    span = whole.span(start, start + len(link))
    href = url.clean(link)
    if (package := app.from_link(link)) and href:
        claims.add(Kind.APP, package, *span, {"url": href})
    elif (account := social.from_link(link)) and href:
        claims.add(Kind.SOCIAL, account, *span, {"url": href})
    elif href:
        claims.add(Kind.URL, href, *span)
    else:
        claims.block(*span)


def _read_schemed(whole: Mapped, claims: Claims) -> None:
    for match in _SCHEMED.finditer(whole.text):
        link = _trim(match.group())
        if len(link) > 10 and claims.free(*whole.span(match.start(), match.start() + len(link))):
            _add_link(link, match.start(), whole, claims)


def _before(whole: Mapped, start: int) -> str:
    from lachan.foundation.identifiers.text import fold

    return fold(whole.text[max(0, start - 60) : start])


def _read_addresses(whole: Mapped, low: Mapped, claims: Claims) -> None:
    for match in _IPV4.finditer(whole.text):
        address = match.group().partition(":")[0].partition("/")[0]
        span = whole.span(match.start(), match.start() + len(address))
        after = whole.text[match.end() : match.end() + 8]
        groups = address.split(".")
        like_money = all(len(group) == 3 for group in groups[1:]) and _MONEY_CUE.search(after)
        if not ip.clean(address) or like_money or _VERSION_CUE.search(_before(whole, match.start())):
            if match[1] or match.group() != address:
                claims.block(*whole.span(*match.span()))
            continue
        if match[1] and len(_trim(match[1])) > 1 and not match[1][1:].isdigit():
            _add_link(_trim(match.group()), match.start(), whole, claims)
        else:
            port = match.group().partition(":")[2].partition("/")[0]
            claims.add(Kind.IP, str(ip.clean(address)), *span, {"port": int(port)} if port else None)
    for match in _IPV6.finditer(whole.text):
        value = ip.clean(match.group())
        if value and sum(map(bool, match.group().split(":"))) >= 3:
            claims.add(Kind.IP, value, *whole.span(*match.span()))


def _read_packages(whole: Mapped, claims: Claims) -> None:
    for match in _PACKAGE.finditer(whole.text):
        name = match.group()
        labels = name.split(".")
        cue = _APP_CUE.search(_before(whole, match.start()))
        if domain.registrable(name.lower()) is None:
            likely = bool(cue) or len(labels) >= 3
            likely = likely and not domain.has_public_suffix(name.lower())
        else:
            likely = bool(cue) and len(labels) >= 3 and labels[0] in ("com", "vn", "org", "net")
        if likely or (cue and len(labels) >= 2 and not domain.registrable(name.lower()) and labels[-1] != "vn"):
            claims.add(Kind.APP, f"android:{name}", *whole.span(*match.span()))


def _read_hosts(whole: Mapped, claims: Claims) -> None:
    for match in _HOST.finditer(whole.text):
        link = _trim(match.group())
        span = whole.span(match.start(), match.start() + len(link))
        if not claims.free(*span):
            continue
        host, path = _split_host(link)
        if not domain.clean(host.partition(":")[0]) or _is_sentence(host, path, _before(whole, match.start())):
            continue
        if path or ":" in host:
            _add_link(link, match.start(), whole, claims)
        else:
            claims.add(Kind.DOMAIN, str(domain.clean(host)), *span)


def _split_host(link: str) -> tuple[str, str]:
    for i, char in enumerate(link):
        if char in "/?#":
            return link[:i], link[i:] if len(link) > i + 1 else ""
    return link, ""


def _is_sentence(host: str, path: str, before: str) -> bool:
    """Two words around a full stop without a space, or a file's name, rather than a host."""
    labels = host.partition(":")[0].split(".")
    ending, name = labels[-1], labels[-2]
    if ending[0].isupper() and not host.isupper() and ending not in ("Com", "Vn", "Net", "Org"):
        return True
    if path and path[0] == "/":
        return False
    told = bool(_LINK_CUE.search(before))
    if any(not label.isascii() and len(label) <= 7 and label.isalpha() for label in labels):
        return not told or len(name) < 4
    if not ending.isascii():
        return True
    distinctive = not name.isalpha()
    if ending.lower() in _SHOP_WORDS and len(labels) == 2:
        return not (distinctive or told or len(name) > 5)
    if len(labels) > 2 or ending.lower() not in _WORDS:
        return False
    return not (len(name) >= 3 and name.isascii() and (distinctive or told))
