"""The rule about giving money back: what is not held is not paid, line by line, and the same again."""

from lachan.client.conform.model import MILLION_VND, BrokenRuleError
from lachan.client.conform.session import Session
from lachan.foundation.protocol import PayOutcome, RefundDone


def refund_answered(session: Session) -> None:
    """A list out of a hold that there is not: every line is refused by name. Nothing is paid to check this."""
    request = session.refund_request(f"CF-{session.run}-NEVER", MILLION_VND)
    wanted = sorted(line.number for line in request.lines)
    told = []
    for revision in (1, 2):
        sent = session.send(request.model_copy(update={"revision": revision}))
        if not 200 <= sent.status < 300:
            raise BrokenRuleError(f"status {sent.status} to {sent.envelope.type.value}")
        done = session.wait_for(sent, RefundDone)
        if done.request_id != request.id or done.request_revision != revision:
            raise BrokenRuleError(f"speaks of {done.request_id} revision {done.request_revision}")
        if sorted(line.number for line in done.lines) != wanted:
            raise BrokenRuleError("other lines than were asked")
        told.append(done)
    if paid := [line.number for done in told for line in done.lines if line.outcome is PayOutcome.PAID]:
        raise BrokenRuleError(f"paid {paid[0]} out of a hold that there is not")
