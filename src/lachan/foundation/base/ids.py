"""Identifiers that the system gives out: sortable record ids, short codes for people, unguessable secrets."""

import secrets

import uuid_utils

# No 0/O, 1/I/L, U: nothing that is misheard on the telephone or misread on a slip of paper.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id() -> str:
    """A UUIDv7 (RFC 9562): unique anywhere, and in order of creation, which keeps indexes small."""
    return str(uuid_utils.uuid7())


def new_ids(count: int) -> list[str]:
    """Many UUIDv7 at once, rising: the time they share, a counter of 26 bits (RFC 9562 §6.2), 48 random bits."""
    time, start = new_id()[:13], secrets.randbits(25)
    tails = iter(secrets.token_bytes(6 * count).hex("-", 6).split("-"))
    ids: list[str] = []
    while (place := start + len(ids)) < start + count:
        low = place & 0x3FFF  # 14 bits of the counter stand behind the variant, 12 before it
        head = f"{time}-7{place >> 14:03x}-"
        ids += [f"{head}{bits:x}-{tail}" for bits, tail in zip(range(0x8000 | low, 0xC000), tails, strict=False)]
    return ids


def new_reference_code(prefix: str = "LC") -> str:
    """A code a person can say aloud, `LC-7K4Q-92M`: 8 random characters (6.5e11) and one check character.

    It shows status only, so it need not be unguessable; look-ups are rate-limited.
    """
    body = "".join(secrets.choice(CODE_ALPHABET) for _ in range(8))
    body += _check_character(body)
    return f"{prefix}-{body[:4]}-{body[4:]}"


def is_reference_code(code: str) -> bool:
    """Whether the check character of a code holds; catches every single wrong character."""
    body = code.split("-", 1)[-1].replace("-", "").upper()
    return len(body) == 9 and set(body) <= set(CODE_ALPHABET) and _check_character(body[:8]) == body[8]


def read_reference_code(text: str, prefix: str = "LC") -> str | None:
    """The code a person means: any case, spaces and dashes anywhere, the prefix left out; None if mistyped."""
    letters = "".join(c for c in text.upper() if c.isascii() and c.isalnum())
    body = letters.removeprefix(prefix) if len(letters) == len(prefix) + 9 else letters
    code = f"{prefix}-{body[:4]}-{body[4:]}"
    return code if is_reference_code(code) else None


def new_secret(bytes_count: int = 24) -> str:
    """An unguessable URL-safe text; 24 bytes are 192 bits."""
    return secrets.token_urlsafe(bytes_count)


def _check_character(body: str) -> str:
    # Weights coprime to 30: every single substitution changes the sum.
    weights = (1, 7, 11, 13, 17, 19, 23, 29)
    total = sum(CODE_ALPHABET.index(c) * w for c, w in zip(body, weights, strict=True))
    return CODE_ALPHABET[total % len(CODE_ALPHABET)]
