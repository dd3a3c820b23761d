"""Reports come in: received always, then sorted into what is traced, referred or already known."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from lachan.foundation.access import AccessReason, Permission, agency, desk_of_province, may, require
from lachan.foundation.base import (
    VIETNAM,
    ActorKind,
    Conflict,
    InputReason,
    NotAllowed,
    NotFound,
    new_id,
    new_reference_code,
    new_secret,
)
from lachan.foundation.protocol import made_up_reference
from lachan.foundation.storage import Unit, enqueue
from lachan.foundation.taxonomy import agency_kind, clock, retention
from lachan.foundation.trail import append
from lachan.intake import rules, store, tables
from lachan.intake.model import (
    HOLD_REFUSING,
    NEXT,
    Channel,
    IntakeReason,
    Loss,
    LossConfirmation,
    LossDraft,
    Received,
    Report,
    ReportDraft,
    ReportStatus,
)

# Reports that no desk traces: waking one of their transfers would strand whoever reported it after them.
_NOT_PURSUED = frozenset({ReportStatus.REFERRED, ReportStatus.WITHDRAWN, ReportStatus.CLOSED})


def receive_report(
    unit: Unit, draft: ReportDraft, channel: Channel, *, agency_id: str | None = None, secret: str | None = None
) -> Received:
    """Receive a report: check, find duplicates, sort. The report, its fact and the wake-up commit together.

    `agency_id` is the desk that will work on it; left out, it is the province's, and None only where no desk was
    ever entered: the report waits for the first one (`adopt_reports`). A transfer that is already reported is kept
    and pointed at the first report; when all are, the report itself is a duplicate. Situations that allow no hold
    are referred.
    `secret` opens the live page; a door that can be asked twice gives its own, and finds by it what it received.
    """
    if agency_id is None:
        agency_id = desk_of_province(unit.conn, unit.now.astimezone(VIETNAM).date())
    if unit.actor.kind is ActorKind.PERSON:
        require(unit.actor, Permission.REPORT_RECEIVE, agency_id)
    else:
        # A bank's program is let in by its scope; the report is the province's work, not the bank's.
        require(unit.actor, Permission.REPORT_RECEIVE)
    rules.check(draft, unit.now)
    report_id, code, secret = new_id(), new_reference_code(), secret or new_secret()
    transfers = [(loss.payee_account, loss.amount_vnd) for loss in draft.losses]
    store.wait_for_transfers(unit.conn, transfers)
    known = store.similar_losses(unit.conn, transfers)
    losses = [_loss(unit, report_id, i, loss, known) for i, loss in enumerate(draft.losses)]
    fresh = [loss for loss in losses if loss.duplicate_of is None]
    first = next((loss for loss in known if losses and loss.id == losses[0].duplicate_of), None)
    if draft.situation in HOLD_REFUSING:
        status = ReportStatus.REFERRED
    elif not fresh:
        status = ReportStatus.DUPLICATE
    else:
        status = ReportStatus.RECEIVED
    resolve_by = clock("report_resolution", unit.now).deadline(unit.now)
    forward_by = _forward_by(unit, agency_id)
    unit.conn.execute(
        sa.insert(tables.report).values(
            id=report_id, code=code, secret_hash=store.secret_hash(secret), channel=channel, status=status,
            situation=draft.situation, agency_id=agency_id, filed_by=unit.actor.reference,
            victim_name=draft.victim_name.strip(), victim_phone=draft.victim_phone,
            victim_citizen_id=draft.victim_citizen_id, victim_email=draft.victim_email, story=draft.story,
            contacts=[{"kind": c.kind, "value": c.value} for c in draft.contacts], additions=[],
            place=draft.place, scam_form=draft.scam_form, language=draft.language, consent=draft.consent,
            received_at=unit.now, duplicate_of=first.report_id if first and not fresh else None,
            resolve_by=resolve_by, forward_by=forward_by,
        )
    )  # fmt: skip
    unit.conn.execute(sa.insert(tables.loss), [_row(loss) for loss in losses])
    append(
        unit,
        "report.received",
        f"report:{report_id}",
        {
            "code": code,
            "channel": channel,
            "situation": draft.situation,
            "status": status,
            "losses": [
                {"id": loss.id, "amount_vnd": loss.amount_vnd, "duplicate_of": loss.duplicate_of} for loss in losses
            ],
            "resolve_by": resolve_by.isoformat(),
        },
        rows=[("report", report_id), *(("loss", loss.id) for loss in losses)],
        personal={"victim_name": draft.victim_name, "victim_phone": draft.victim_phone or ""},
        destroy_salt_after=retention("retention_report", unit.now).deadline(unit.now),
        priority=sum(loss.amount_vnd for loss in fresh),
    )
    if status is ReportStatus.RECEIVED:
        _resolve_by(unit, report_id, resolve_by)
    if forward_by is not None:
        enqueue(unit, "report_forwarding", {"report_id": report_id}, key=f"forward:{report_id}", due_at=forward_by)
    duplicate_code = None
    if first is not None and not fresh:
        duplicate_code = store.report(unit.conn, id=first.report_id).code
    return Received(report_id, code, secret, duplicate_code)


def move_report(unit: Unit, report: Report | str, status: ReportStatus) -> None:
    """Move a report along its life-cycle by itself; a step that the table does not have is refused.

    A report that was just read need not be read again.
    """
    if isinstance(report, str):
        report = store.report(unit.conn, id=report)
    if not any(may(unit.actor, one, report.agency_id) for one in rules.MOVED_BY[status]) and not (
        # An institution's answer acts on the report; that the request was its own is asked where it is taken.
        status is ReportStatus.ACTIONED and may(unit.actor, Permission.INBOX_ANSWER)
    ):
        raise NotAllowed(AccessReason.NOT_PERMITTED, permission=rules.MOVED_BY[status][0].value)
    if status is report.status:
        return
    change_report(unit, report, "report.moved", status=status)


def change_report(
    unit: Unit,
    report: Report,
    kind: str,
    *,
    status: ReportStatus | None = None,
    why: str | None = None,
    said: Mapping[str, Any] | None = None,
    personal: Mapping[str, str] | None = None,
    **values: Any,
) -> None:
    """Change a report and record the fact `kind`; a status that may not follow is refused.

    `why` is kept with the report, in words and under the actor's name; it and `personal` enter the trail as
    commitments only.
    """
    if status is not None and status not in NEXT[report.status]:
        raise Conflict(IntakeReason.WRONG_STATUS, status=report.status)
    facts: dict[str, Any] = dict(said or {})
    if status is not None:
        facts |= {"from": report.status, "to": status}
        values["status"] = status
    words = {**(personal or {}), **({"why": why} if why else {})}
    if why:
        row = unit.conn.execute(sa.select(tables.report.c.remarks).where(tables.report.c.id == report.id)).one()
        remark = {
            "at": unit.now.isoformat(),
            "by": unit.actor.name or unit.actor.reference,
            "what": kind,
            "why": why,
        }
        values["remarks"] = [*(row.remarks or []), remark]
    unit.conn.execute(sa.update(tables.report).where(tables.report.c.id == report.id).values(**values))
    append(
        unit, kind, f"report:{report.id}", facts, rows=[("report", report.id)],
        personal=words,
        destroy_salt_after=retention("retention_report", unit.now).deadline(unit.now) if words else None,
    )  # fmt: skip


def settle_confirmation(unit: Unit, loss: Loss, outcome: LossConfirmation, *, by: str) -> None:
    """Record what the payer's institution said, or that it did not say anything in time."""
    unit.conn.execute(sa.update(tables.loss).where(tables.loss.c.id == loss.id).values(confirmation=outcome))
    append(
        unit, f"loss.{outcome}", f"loss:{loss.id}", {"by": by, "amount_vnd": loss.amount_vnd},
        rows=[("loss", loss.id)],
    )  # fmt: skip


def correct_loss(
    unit: Unit,
    loss: Loss,
    *,
    by: str,
    amount_vnd: int | None = None,
    reference: str | None = None,
    payer_institution: str | None = None,
) -> Loss:
    """Record what turned out about a reported transfer, as a new fact; what was reported stays in the trail.

    An amount is only ever lowered: a loss does not grow without who reported it.
    """
    values: dict[str, Any] = {}
    personal: dict[str, str] = {}
    if amount_vnd is not None:
        if not 0 < amount_vnd < loss.amount_vnd:
            raise Conflict(IntakeReason.AMOUNT_NOT_LOWER, field="amount_vnd")
        values["amount_vnd"] = amount_vnd
        said: dict[str, Any] = {"from_vnd": loss.amount_vnd, "amount_vnd": amount_vnd}
        kind = "loss.lowered"
    elif reference is not None:
        values["reference"] = reference
        kind, said, personal = "loss.named", {}, {"from": loss.reference, "to": reference}
    else:
        values["payer_institution"] = payer_institution
        kind, said = "loss.payer_found", {"institution": payer_institution}
    unit.conn.execute(sa.update(tables.loss).where(tables.loss.c.id == loss.id).values(values))
    append(
        unit, kind, f"loss:{loss.id}", {"by": by, **said}, rows=[("loss", loss.id)], personal=personal,
        destroy_salt_after=retention("retention_transfer", unit.now).deadline(unit.now) if personal else None,
    )  # fmt: skip
    return replace(loss, **values)


def adopt_reports(unit: Unit, desk_id: str) -> list[str]:
    """The first desk of an instance takes what came in while there was none; returns the reports' ids."""
    orphans = list(
        unit.conn.execute(
            sa.select(tables.report.c.id).where(tables.report.c.agency_id.is_(None)).order_by(tables.report.c.id)
        ).scalars()
    )
    if orphans:
        unit.conn.execute(
            sa.update(tables.report).where(tables.report.c.agency_id.is_(None)).values(agency_id=desk_id)
        )
        append(
            unit, "report.adopted", f"agency:{desk_id}", {"reports": len(orphans)},
            rows=[("report", one) for one in orphans],
        )  # fmt: skip
    return orphans


def wait_for_reports(unit: Unit, losses: Iterable[Loss]) -> None:
    """From here to the end of the transaction nobody else reports these transfers.

    Whoever gives a loss up takes this first, before anything of it is written: a report of the same transfer that
    comes in at that instant either sees that it is given up, or is there to be woken.
    """
    store.wait_for_transfers(unit.conn, [(loss.payee_account, loss.amount_vnd) for loss in losses])


def wake_duplicate(unit: Unit, loss_id: str, *, over: Collection[str] = ()) -> str | None:
    """A reported transfer proved untrue: the next report of the same transfer stands by itself from now on.

    Otherwise a mule who reports his own credit first would keep the real victim waiting for ever. A report that is
    nothing but a duplicate goes first, then those that are worked on for other transfers; one that is referred,
    withdrawn or closed would never be pursued, nor one of `over`: the reports whose traces are cancelled. The
    caller has taken `wait_for_reports`. Returns the id of the report whose trace is opened now (fact
    `report.woken`); None if nobody else reported the transfer, or that report is traced already and takes this
    transfer up, too (fact `loss.woken`).
    """
    loss, report = tables.loss, tables.report
    same = (
        sa.select(loss.c.id, loss.c.report_id, report.c.status)
        .join(report)
        .where(loss.c.duplicate_of == loss_id)
        .order_by(loss.c.id)
    )
    twins = unit.conn.execute(same).all()
    able = [twin for twin in twins if twin.status not in _NOT_PURSUED and twin.report_id not in over]
    if not able:
        return None
    first = next((twin for twin in able if twin.status == ReportStatus.DUPLICATE), able[0])
    unit.conn.execute(
        sa.update(loss)
        .where(loss.c.id == first.id)
        .values(duplicate_of=None, confirmation=LossConfirmation.PENDING, confirm_by=_confirm_by(unit.now))
    )
    unit.conn.execute(sa.update(loss).where(loss.c.duplicate_of == loss_id).values(duplicate_of=first.id))
    if first.status == ReportStatus.DUPLICATE:
        unit.conn.execute(
            sa.update(report)
            .where(report.c.id == first.report_id)
            .values(status=ReportStatus.RECEIVED, duplicate_of=None)
        )
        resolve_by = store.report(unit.conn, id=first.report_id).resolve_by
        if resolve_by is not None:
            _resolve_by(unit, first.report_id, resolve_by)
    woken = first.status in {ReportStatus.DUPLICATE, ReportStatus.RECEIVED}
    append(
        unit, "report.woken" if woken else "loss.woken", f"report:{first.report_id}",
        {"loss": first.id, "instead_of": loss_id},
        rows=[("report", first.report_id), *(("loss", twin.id) for twin in twins)],
    )  # fmt: skip
    return str(first.report_id) if woken else None


def add_detail(unit: Unit, report_id: str, text: str) -> None:
    """The victim remembers something: kept with the report, never over what was said before.

    Who holds the live page's link (the public), or the report's desk. What is kept is bounded: a link that leaked
    must not fill the record. Refusals: TOO_LONG, TOO_MANY_DETAILS, DETAILS_TOO_LONG, DETAILS_TOO_FAST.
    """
    report = tables.report
    row = unit.conn.execute(
        sa.select(report.c.additions, report.c.agency_id).where(report.c.id == report_id).with_for_update()
    ).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    require(unit.actor, Permission.REPORT_RECEIVE, row.agency_id)
    earlier = row.additions or []
    rules.check_detail(text)
    rules.check_room(text, [(datetime.fromisoformat(one["at"]), one["text"]) for one in earlier], unit.now)
    additions = [*earlier, {"at": unit.now.isoformat(), "text": text}]
    unit.conn.execute(sa.update(tables.report).where(tables.report.c.id == report_id).values(additions=additions))
    append(
        unit, "report.detail_added", f"report:{report_id}", {"count": len(additions)}, personal={"text": text},
        destroy_salt_after=retention("retention_report", unit.now).deadline(unit.now),
    )  # fmt: skip


def _loss(unit: Unit, report_id: str, position: int, draft: LossDraft, known: list[Loss]) -> Loss:
    loss_id = new_id()
    twin = rules.duplicate_of(draft, known, unit.now)
    return Loss(
        id=loss_id, report_id=report_id, position=position,
        reference=draft.reference or made_up_reference(loss_id), amount_vnd=draft.amount_vnd,
        booked_at=draft.booked_at, rail=draft.rail, payer_institution=draft.payer_institution,
        payer_account=draft.payer_account, payee_institution=draft.payee_institution,
        payee_account=draft.payee_account, payee_name=draft.payee_name, duplicate_of=twin.id if twin else None,
        confirmation=LossConfirmation.PENDING, confirm_by=_confirm_by(unit.now),
    )  # fmt: skip


def _resolve_by(unit: Unit, report_id: str, due_at: datetime) -> None:
    enqueue(unit, "report_overdue", {"report_id": report_id}, key=f"resolve:{report_id}", due_at=due_at)


def _forward_by(unit: Unit, agency_id: str | None) -> datetime | None:
    """A body that receives reports and does not resolve them passes them on in time; others have no such clock."""
    if agency_id is None:
        return None
    name = agency_kind(agency(unit.conn, agency_id).kind, unit.now).forwarding_clock
    return clock(name, unit.now).deadline(unit.now) if name else None


def _confirm_by(now: datetime) -> datetime:
    return clock("transfer_confirmation", now).deadline(now)


def _row(loss: Loss) -> dict[str, object]:
    return {name: getattr(loss, name) for name in loss.__dataclass_fields__}
