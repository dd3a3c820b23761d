"""What others received from a silent institution's account, as far as the ledger learns it: the traced payments."""

from lachan.foundation.taxonomy import threshold
from lachan.ledger import Received, learn_receipts
from lachan.response import store
from lachan.response.actions.hops import is_over, settlement
from lachan.response.actions.work import Work


def tell_ledger(work: Work, account: str, hold_id: str) -> None:
    """Payments that carry a loss's coins stand in the ledger while the account's institution says nothing.

    What honest people received beside them is nobody's business and is not kept. `hold_id`: the request by which it
    is known, or ended.
    """
    floor_vnd = int(threshold("tracing_floor", work.unit.now).value)
    received: dict[tuple[str, str], Received] = {}
    for one in store.holds_by(work.unit.conn, account=account):
        hold = work.hold(one.id)
        if hold.answer is not None or not hold.receipts:
            continue
        for hop in work.hops(hold_id=hold.id):
            for onward in () if is_over(work, hop) else settlement(hop, hold, floor_vnd).onward:
                received[onward.account, onward.reference] = Received(
                    onward.institution, onward.account, onward.reference, onward.booked_at, onward.transfer_vnd
                )
    learn_receipts(work.unit, account, list(received.values()), hold_id=hold_id)
