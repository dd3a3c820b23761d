"""All kinds in one table, and the questions that work for any of them."""

from collections.abc import Mapping

from lachan.foundation.identifiers.kinds import (
    account,
    app,
    citizen,
    company,
    crypto,
    domain,
    email,
    imei,
    ip,
    phone,
    sender,
    social,
    url,
    wallet,
)
from lachan.foundation.identifiers.model import (
    Details,
    Identifier,
    Kind,
    KindRules,
    bad,
    malformed_key,
    unknown_kind,
)

KINDS: Mapping[Kind, KindRules] = {
    Kind.ACCOUNT: account,
    Kind.WALLET: wallet,
    Kind.PHONE: phone,
    Kind.URL: url,
    Kind.DOMAIN: domain,
    Kind.IP: ip,
    Kind.EMAIL: email,
    Kind.SENDER: sender,
    Kind.SOCIAL: social,
    Kind.APP: app,
    Kind.IMEI: imei,
    Kind.CITIZEN: citizen,
    Kind.COMPANY: company,
    Kind.CRYPTO: crypto,
}


def rules_of(kind: Kind | str) -> KindRules:
    """The module of one kind; BadInput where there is no such kind."""
    try:
        return KINDS[Kind(kind)]
    except ValueError:
        raise unknown_kind(str(kind)) from None


def normalise(kind: Kind | str, raw: str) -> Identifier:
    """The canonical identifier of what a person typed; BadInput where it is none of this kind."""
    rules = rules_of(kind)
    value = rules.clean(raw)
    if value is None:
        raise bad(str(kind), rules.EXAMPLE)
    return Identifier(Kind(kind), value)


def parse_key(key: str) -> Identifier:
    """The identifier of a stored key; BadInput unless it is canonical."""
    kind, colon, value = key.partition(":")
    if not colon:
        raise malformed_key()
    rules = rules_of(kind)
    if rules.clean(value) != value:
        raise bad(kind, rules.EXAMPLE, field_name="key")
    return Identifier(Kind(kind), value)


def caption(key: str) -> str:
    """How a person reads it: `Vietcombank 0123456789`."""
    identifier = parse_key(key)
    return KINDS[identifier.kind].caption(identifier.value)


def mask(key: str) -> str:
    """For people who may not see it: `Vietcombank ••••6789`."""
    identifier = parse_key(key)
    return KINDS[identifier.kind].mask(identifier.value)


def details(key: str) -> Details:
    """What follows from the value alone: bank, chain, class of line, birth province…"""
    identifier = parse_key(key)
    return KINDS[identifier.kind].details(identifier.value)
