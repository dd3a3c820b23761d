"""A pay-out list on paper: drawn from its message alone, so that its bytes stay what they were."""

from sqlalchemy.engine import Connection

from lachan.foundation import documents
from lachan.foundation.base import InputReason, Language, NotFound, format_vnd, translate
from lachan.foundation.protocol import RefundRequest
from lachan.foundation.protocol.outbox import envelope_of, message_by_id
from lachan.foundation.taxonomy import legal_basis
from lachan.response import store
from lachan.response.refunds.model import Refund
from lachan.response.refunds.views import letter_message
from lachan.response.views.letters import Sender, desk_name, heading, phone_of, place_of
from lachan.response.views.names import names_of

# The paper itself is named; who may give money back, and how, stands in these rules.
BASIS = "lachan-rules"


def refund_letter(conn: Connection, one: Refund, sender: Sender, language: Language) -> bytes:
    """The request to pay, with every line. NotFound where nothing has been asked."""
    message_id = letter_message(conn, one)
    if message_id is None:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    letter, names = message_by_id(conn, message_id), names_of(conn)
    data = envelope_of(letter).data
    if not isinstance(data, RefundRequest):
        raise NotFound(InputReason.NO_SUCH_RECORD)
    trace, to, paper = store.trace(conn, one.trace_id), names.institution(data.institution), data.document
    basis = translate(f"refund_basis.{data.basis.value}", language)
    return documents.render_short(
        documents.ShortLetter(
            heading=heading(
                letter, f"{data.refund_code}-{data.revision}", data.approver.name, to, trace.code, sender, language,
                place=place_of(conn, one.desk_id),
            ),
            kind=documents.LetterKind.REFUND,
            to=to,
            trace_code=data.refund_code,
            legal_basis=(legal_basis(BASIS, letter.created_at).citation(language),),
            decision=None,
            facts=(
                ("institution", to), ("account", data.account.rpartition(":")[2]),
                ("refund_amount", data.amount_vnd),
                ("refund_basis", basis),
                ("refund_paper", f"{paper.number} · {paper.signed_on} · {paper.issuer} · {paper.signatory}"),
                *(
                    ("pay_line", " · ".join((
                        line.number, names.institution(line.institution), line.account.rpartition(":")[2],
                        format_vnd(line.amount_vnd),
                    )))
                    for line in data.lines
                ),
                *(("paid_from", f"{source.request_id} · {format_vnd(source.amount_vnd)}")
                  for source in data.paid_from),
                ("pay_by", data.pay_by),
            ),
            contact_name=desk_name(conn, one.desk_id, sender),
            contact_phone=phone_of(sender, language),
        ),
        language,
    )  # fmt: skip
