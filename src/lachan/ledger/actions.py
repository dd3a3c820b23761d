"""What the record learns of transfers: from answers, from reports; and what it forgets when its time is over."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime

import sqlalchemy as sa

from lachan.foundation.protocol import Answer
from lachan.foundation.storage import Unit
from lachan.foundation.trail import Veil, append
from lachan.intake import Loss
from lachan.ledger import store, tables, told
from lachan.ledger.facts import Source, TransferFact, current
from lachan.ledger.model import OUTSIDE
from lachan.ledger.told import Received, Said

LEARNED = "ledger.learned"
_HIDDEN = ("about", "reference", "payer", "payee", "reverses", "named")
_SAID = tuple(one.name for one in fields(Said))


def learn_answer(
    unit: Unit,
    answer: Answer,
    *,
    hold_id: str,
    account: str,
    institution: str,
    reference: str,
    arrived_at: datetime,
) -> int:
    """Keep what an accepted answer says of transfers, as far as it is new; returns how many facts that made.

    `reference` is the asked transfer's, `arrived_at` its time. The same answer again adds nothing.
    """
    said = told.said_by(answer, account, arrived_at)
    known = current(store.book(unit.conn, institution, account)).values()
    words = {word.reference: word for word, _ in known}
    mine = {word.reference for word, facts in known if any(one.origin == f"hold:{hold_id}" for one in facts)}
    fresh = told.news(said, words)
    gone = told.taken_back(said, words.values(), mine, by_book=bool(answer.movements))
    before_vnd = told.balance_before(answer)
    if before_vnd is not None and before_vnd == store.last_balance(unit.conn, institution, account, reference):
        before_vnd = None
    if not fresh and not gone and before_vnd is None:
        return 0
    ids = store.new_row_ids(len(fresh) + len(gone) + (before_vnd is not None))
    balance_id = ids.pop() if before_vnd is not None else None
    rows = [("ledger_transfer", one) for one in ids]
    fact_id = append(
        unit, LEARNED, f"hold:{hold_id}",
        {
            "institution": institution, "message": answer.message_id, "revision": answer.revision,
            "transfers": len(fresh), "corrected": sum(one.reference in words for one in fresh),
            "withdrawn": len(gone), "balance": before_vnd is not None,
        },
        rows=rows + ([("ledger_balance", balance_id)] if balance_id else []),
    )  # fmt: skip
    origin = f"hold:{hold_id}"
    store.add_facts(
        unit, [*((one, False) for one in fresh), *((_again(one), True) for one in gone)], ids=ids,
        source=Source.ANSWER, origin=origin, told_by=institution, fact_id=fact_id, about=account,
        message_id=answer.message_id, revision=answer.revision,
    )  # fmt: skip
    if balance_id is not None:
        store.add_balance(
            unit,
            {
                "id": balance_id, "origin": origin, "told_by": institution, "account": account,
                "reference": reference, "amount_vnd": before_vnd, "message_id": answer.message_id,
                "learned_at": unit.now, "fact_id": fact_id,
            },
        )  # fmt: skip
    return len(ids)


def learn_receipts(unit: Unit, received: Sequence[Received], *, payer: str, institution: str) -> int:
    """Keep what others received from `payer`, whose own `institution` is silent, as far as it is new.

    `received` is all of it that counts now: what was told before and is not among it is taken back, unless the
    payer's own institution tells it, too. Returns how many facts that made.
    """
    words = current(store.receipts_from(unit.conn, payer)).values()
    if not words and not received:
        return 0
    known = {(word.told_by, word.about, word.reference): word for word, _ in words}
    confirmed = {word.reference for word, _ in current(store.book(unit.conn, institution, payer)).values()}
    counts = {one.key for one in received}
    fresh = [
        one
        for one in received
        if told.news([one.said], {one.said.reference: known[one.key]} if one.key in known else {})
    ]
    gone = [
        Received(word.told_by, word.origin, None, _again(word))
        for key, word in known.items()
        if key not in counts and word.reference not in confirmed
    ]
    # What came with one message for one request is one fact of the trail.
    together: dict[tuple[str, str, str | None], tuple[list[Received], list[Received]]] = {}
    for said, taken_back in ((fresh, False), (gone, True)):
        for one in said:
            together.setdefault((one.told_by, one.origin, one.message_id), ([], []))[taken_back].append(one)
    for (told_by, origin, message_id), (new, back) in together.items():
        ids = store.new_row_ids(len(new) + len(back))
        fact_id = append(
            unit, LEARNED, origin,
            {
                "institution": told_by, "message": message_id, "receipts": True, "transfers": len(new),
                "corrected": sum(one.key in known for one in new), "withdrawn": len(back),
            },
            rows=[("ledger_transfer", one) for one in ids],
        )  # fmt: skip
        rows = zip(ids, (*((one, False) for one in new), *((one, True) for one in back)), strict=True)
        for row_id, (one, withdrawn) in rows:
            store.add_facts(
                unit, [(one.said, withdrawn)], ids=[row_id], source=Source.RECEIPT, origin=origin,
                told_by=told_by, fact_id=fact_id, about=one.said.payee, message_id=message_id,
            )  # fmt: skip
    return len(fresh) + len(gone)


def learn_loss(unit: Unit, loss: Loss, *, by: str = "report") -> None:
    """Keep the disputed transfer as it is reported, or corrected `by` somebody; the same again adds nothing."""
    origin = f"loss:{loss.id}"
    said = Said(loss.reference, loss.booked_at, loss.amount_vnd, loss.payer_account, loss.payee_account)
    before = [word for word, _ in current(store.of_origins(unit.conn, [origin])).values()]
    if before and before[0].reference == said.reference and not told.news([said], {said.reference: before[0]}):
        return
    _write_loss(unit, loss.id, said, by, withdrawn=False)


def withdraw_loss(unit: Unit, loss_id: str, *, by: str) -> None:
    """The transfer was not confirmed: it is nobody's loss any more, as far as is known."""
    for word, _ in current(store.of_origins(unit.conn, [f"loss:{loss_id}"])).values():
        _write_loss(unit, loss_id, _again(word), by, withdrawn=True)


def _write_loss(unit: Unit, loss_id: str, said: Said, by: str, *, withdrawn: bool) -> None:
    ids = store.new_row_ids(1)
    fact_id = append(
        unit, LEARNED, f"loss:{loss_id}", {"by": by, "transfers": 1 - withdrawn, "withdrawn": int(withdrawn)},
        rows=[("ledger_transfer", ids[0])],
    )  # fmt: skip
    store.add_facts(
        unit, [(said, withdrawn)], ids=ids, source=Source.REPORT, origin=f"loss:{loss_id}", told_by=by,
        fact_id=fact_id,
    )  # fmt: skip


def erase_told(unit: Unit, origins: Collection[str], veil: Veil) -> int:
    """Hide accounts and references of what came with these requests, losses or batches; returns how many rows.

    Amounts, times and order stay, so sums still close. Their salts go, so nobody can guess what stood there.
    """
    if not origins:
        return 0
    touched: list[tuple[str, str]] = []
    for table, names in ((tables.transfer, _HIDDEN), (tables.balance, ("account", "reference"))):
        mine = sa.and_(table.c.origin.in_(list(origins)), table.c.digest_salt.is_not(None))
        for row in store.rows_of(unit.conn, table, mine):
            said = {name: getattr(row, name) for name in names}
            hidden = {name: old if old == OUTSIDE else veil.hide(old) for name, old in said.items()}
            unit.conn.execute(sa.update(table).where(table.c.id == row.id).values(**hidden, digest_salt=None))
            touched.append((table.name, row.id))
    if touched:
        append(unit, "retention.ledger_erased", "ledger", {"rows": len(touched)}, rows=touched)
    return len(touched)


def _again(word: TransferFact) -> Said:
    """The word as it stood."""
    return Said(**{name: getattr(word, name) for name in _SAID})
