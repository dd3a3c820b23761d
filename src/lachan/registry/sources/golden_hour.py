"""What the golden hour finds out: held accounts, confirmed losses, what citizens name. Called by reactions only."""

from collections.abc import Iterable

from lachan.foundation.access import agency_id_by_code
from lachan.foundation.base import BadInput, NotFound
from lachan.foundation.identifiers import Kind, normalise, parse_key
from lachan.foundation.identifiers.kinds.url import host_of
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import claim_source, scam_form
from lachan.intake import HOLD_REFUSING, ContactVector, Loss, contacts_of, loss_by_id, report_by_id
from lachan.registry.actions.alerting import Payment, record_payments
from lachan.registry.actions.claims import record_claims
from lachan.registry.actions.relating import relate, together
from lachan.registry.model import CITIZENS, ClaimDraft, Edge, RelationKind, Standing

# Money that left at once after it came in is what the State Bank's third criterion describes.
_FAST_OUT = "R3"
# An international identifier that half the country has saved is nobody's.
_CONTACTS_MAX = 20


def claim_hold(unit: Unit, *, hold_id: str, account: str, institution: str | None, fast_out: bool) -> int:
    """The institution of an account has held money on it: its claim, R3 where most had already left."""
    drafts = [
        ClaimDraft(key, reason=_FAST_OUT if fast_out else None, origin=f"hold:{hold_id}")
        for key in _account_keys([account])
    ]
    return _record(unit, drafts, "hold", _claimant(unit, institution))


def claim_confirmed_loss(unit: Unit, loss_id: str) -> int:
    """The payer's institution has confirmed a loss: its claims on the payee's account and the ways of contact."""
    loss = loss_by_id(unit.conn, loss_id)
    report = report_by_id(unit.conn, loss.report_id)
    if report.situation in HOLD_REFUSING:
        return 0
    keys = [*_account_keys([loss.payee_account]), *_contact_keys(contacts_of(unit.conn, report.id))]
    return _record(
        unit, _drafts(unit, keys, f"loss:{loss_id}", report.scam_form), "report_confirmed",
        _claimant(unit, loss.payer_institution),
    )  # fmt: skip


def claim_report(unit: Unit, report_id: str) -> int:
    """What a citizen names is proposed, and by itself never more."""
    report = report_by_id(unit.conn, report_id)
    # Also where nothing is claimed: should the account be listed after all, the payer's bank is told.
    record_payments(unit, [payment for loss in report.losses for payment in _payments(loss)])
    if report.situation in HOLD_REFUSING:
        return 0
    accounts = _account_keys(loss.payee_account for loss in report.losses)
    keys = [*accounts, *_contact_keys(contacts_of(unit.conn, report_id))]
    origin = f"report:{report_id}"
    relate(unit, together(keys, origin))
    relate_transfers(
        unit,
        [
            (loss.payer_account, loss.payee_account, f"loss:{loss.id}")
            for loss in report.losses
            if loss.payer_account
        ],
    )
    return _record(unit, _drafts(unit, keys, origin, report.scam_form), "report", (CITIZENS, Standing.CITIZEN))


def relate_transfers(unit: Unit, transfers: Iterable[tuple[str, str, str]]) -> int:
    """Who paid whom, and what says so: accounts as they came, an origin. Returns how many edges are new."""
    edges = [
        Edge(RelationKind.PAID, payer, payee, origin)
        for paying, paid, origin in transfers
        for payer in _account_keys([paying])
        for payee in _account_keys([paid])
    ]
    return relate(unit, edges)


def _payments(loss: Loss) -> list[Payment]:
    if loss.payer_institution is None:
        return []
    payer = next(iter(_account_keys(filter(None, [loss.payer_account]))), loss.payer_account)
    return [
        Payment(
            payee, payer, loss.payer_institution, loss.reference, loss.amount_vnd, loss.booked_at, None,
            f"loss:{loss.id}",
        )
        for payee in _account_keys([loss.payee_account])
    ]  # fmt: skip


def _record(unit: Unit, drafts: list[ClaimDraft], source: str, claimant: tuple[str, Standing]) -> int:
    kinds = claim_source(source, unit.now).kinds
    usable = [one for one in drafts if one.key.partition(":")[0] in kinds]
    return len(record_claims(unit, usable, source, *claimant)) if usable else 0


def _drafts(unit: Unit, keys: Iterable[str], origin: str, form: str | None) -> list[ClaimDraft]:
    return [ClaimDraft(key, scam_form=_known_form(unit, form), origin=origin) for key in dict.fromkeys(keys)]


def _known_form(unit: Unit, form: str | None) -> str | None:
    try:
        return scam_form(form, unit.now).code if form else None
    except NotFound:
        return None


def _claimant(unit: Unit, institution: str | None) -> tuple[str, Standing]:
    """The institution as the registry knows it; by its code where it has not joined."""
    known = agency_id_by_code(unit.conn, institution) if institution else None
    return known or f"institution:{institution or 'unknown'}", Standing.INSTITUTION


def _account_keys(accounts: Iterable[str]) -> list[str]:
    """Accounts as the registry spells them; what a bank calls an account and nobody else could type is none."""
    found = []
    for account in accounts:
        kind, _, value = account.partition(":")
        try:
            found.append(normalise(kind, value).key)
        except BadInput:
            continue
    return found


def _contact_keys(contacts: Iterable[ContactVector]) -> list[str]:
    found = []
    for contact in list(contacts)[:_CONTACTS_MAX]:
        try:
            one = normalise(contact.kind, contact.value)
        except BadInput:
            continue
        found.append(_bare_name(one.value) if one.kind is Kind.URL else one.key)
    return found


def _bare_name(url: str) -> str:
    """A link that is only a host names the host."""
    host = host_of(url)
    if url.partition("://")[2].rstrip("/") != host:
        return f"{Kind.URL.value}:{url}"
    for kind in (Kind.DOMAIN, Kind.IP):
        try:
            return parse_key(f"{kind.value}:{host}").key
        except BadInput:
            continue
    return f"{Kind.URL.value}:{url}"
