"""The conformance kit passes an honest institution and names what each broken one does wrong."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.client.reference_institution import ReferenceInstitution, running
from tests.factories import protocol as make

from lachan.client.conform import Fixture, Patience, Report, Rule, run_conformance
from lachan.client.conform.center import LocalCenter, serve
from lachan.foundation.base import LANGUAGES, BadInput, InputReason, Language, NotAllowed, WallClock, translate
from lachan.foundation.protocol import (
    Answer,
    Confirmation,
    ConfirmationOutcome,
    ConfirmationRequest,
    Envelope,
    HoldRequest,
    Message,
    NoticeToServe,
    PaidOut,
    PayerAlert,
    PayOutcome,
    ReceiptsQuery,
    ReceiptsTold,
    RefundDone,
    RefundRequest,
    ReleaseDone,
    RequestCancellation,
    SignatureReason,
    SigningKey,
    UnexplainedQuery,
    read_envelope,
    sign,
)

CENTER = SigningKey.generate()
BANK = SigningKey.generate()
FIXTURE = Fixture("999001")
QUICK = Patience(acknowledge_s=4, answer_s=4, settle_s=0.1)


def conform(kind: type[ReferenceInstitution]) -> Report:
    institution = kind(BANK, CENTER.public, FIXTURE)
    with running(institution) as url:
        return run_conformance(
            url,
            center_key=CENTER,
            institution_keys=(BANK.public,),
            fixture=FIXTURE,
            patience=QUICK,
            started=institution.connect,
        )


def test_the_reference_institution_keeps_every_rule() -> None:
    report = conform(ReferenceInstitution)
    assert report.broken == ()
    assert report.passed
    assert [finding.rule for finding in report.findings] == list(Rule)


class BelievesAnySignature(ReferenceInstitution):
    def open(self, headers: Mapping[str, str], body: bytes) -> Envelope:
        try:
            return super().open(headers, body)
        except NotAllowed as error:
            if error.reason is SignatureReason.BAD_SIGNATURE:
                return read_envelope(body)
            raise


class BelievesOldSignatures(ReferenceInstitution):
    def open(self, headers: Mapping[str, str], body: bytes) -> Envelope:
        try:
            return super().open(headers, body)
        except NotAllowed as error:
            if error.reason is SignatureReason.OLD_TIMESTAMP:
                return read_envelope(body)
            raise


class BreaksOnNonsense(ReferenceInstitution):
    def webhook(self, headers: Mapping[str, str], body: bytes) -> int:
        status = super().webhook(headers, body)
        return 500 if status == 400 and len(body) < 60 else status


class HoldsWithoutBasis(ReferenceInstitution):
    def open(self, headers: Mapping[str, str], body: bytes) -> Envelope:
        try:
            return super().open(headers, body)
        except BadInput:
            if b'"transfer"' not in body:
                raise
            content = json.loads(body)
            content["data"]["legal_basis"] = {"code": "none", "title": "none"}
            return read_envelope(json.dumps(content).encode())


class BreaksOnUnknownAccounts(ReferenceInstitution):
    def webhook(self, headers: Mapping[str, str], body: bytes) -> int:
        status = super().webhook(headers, body)
        return 500 if b"CONFORM99" in body else status


class IsDown(ReferenceInstitution):
    def webhook(self, headers: Mapping[str, str], body: bytes) -> int:
        status = super().webhook(headers, body)
        return 503 if status < 300 else status


class SignsWithAnUnknownKey(ReferenceInstitution):
    def connect(self, center_url: str) -> None:
        self.key = SigningKey.generate()
        super().connect(center_url)


class NeverAcknowledges(ReferenceInstitution):
    def acknowledge(self, envelope: Envelope) -> None:
        """Nothing."""


class PaysWhatIsNotHeld(ReferenceInstitution):
    def pay_out(self, request: RefundRequest) -> RefundDone:
        done = super().pay_out(request)
        paid = PaidOut(number=done.lines[0].number, outcome=PayOutcome.PAID, paid_at=WallClock().now())
        return done.model_copy(update={"lines": (paid, *done.lines[1:])})


class NeverAnswers(ReferenceInstitution):
    def act(self, envelope: Envelope) -> None:
        """Nothing."""


class Changed(ReferenceInstitution):
    """Answers rightly, then changes the answer to the first request."""

    def change(self, answer: Answer) -> dict[str, Any]:
        raise AssertionError

    def hold(self, request: HoldRequest) -> Answer:
        answer = super().hold(request)
        return answer.model_copy(update=self.change(answer)) if answer.held_vnd else answer


class WritesNegativeAmounts(Changed):
    def change(self, answer: Answer) -> dict[str, Any]:
        return {"held_vnd": -answer.held_vnd}


class AnswersAnotherRevision(Changed):
    def change(self, answer: Answer) -> dict[str, Any]:
        return {"request_revision": 99}


class HoldsTheWholeBalance(Changed):
    def change(self, answer: Answer) -> dict[str, Any]:
        return {"held_vnd": answer.held_vnd + 25_000_000, "available_vnd": 40_000_000, "held_spans": ()}


class TellsNoMovements(Changed):
    def change(self, answer: Answer) -> dict[str, Any]:
        return {"movements": ()}


class StartsElsewhere(Changed):
    def change(self, answer: Answer) -> dict[str, Any]:
        return {"movements": answer.movements[1:]}


class ShiftsTheBlame(Changed):
    def change(self, answer: Answer) -> dict[str, Any]:
        moved_on, cash_out = answer.parts
        more = moved_on.model_copy(update={"amount_vnd": moved_on.amount_vnd + 1, "spans": ()})
        less = cash_out.model_copy(update={"amount_vnd": cash_out.amount_vnd - 1, "spans": ()})
        return {"parts": (more, less)}


class LosesAPart(Changed):
    def change(self, answer: Answer) -> dict[str, Any]:
        return {"parts": answer.parts[:1]}


class HoldsTooLittle(ReferenceInstitution):
    def free_vnd(self) -> int:
        return min(super().free_vnd(), 5_000_000 - sum(self.held_vnd(request) for request in self.requests))


class HoldsAgainWhenAskedTwice(ReferenceInstitution):
    def connect(self, center_url: str) -> None:
        super().connect(center_url)
        self.acted: set[str] = set()
        self.times = 1

    def known(self, envelope: Envelope) -> bool:
        return False

    def superseded(self, request: HoldRequest) -> bool:
        known = self.requests.get(request.id)
        return known is not None and request.revision < known.revision

    def act(self, envelope: Envelope) -> None:
        self.times = self.times + 1 if envelope.message_id in self.acted else 1
        self.acted.add(envelope.message_id)
        super().act(envelope)

    def hold(self, request: HoldRequest) -> Answer:
        answer = super().hold(request)
        return answer.model_copy(update={"held_vnd": self.times * answer.held_vnd})


class ObeysLowerRevisions(ReferenceInstitution):
    def superseded(self, request: HoldRequest) -> bool:
        return False


class CountsNoRevisions(ReferenceInstitution):
    def next_revision(self, request_id: str) -> int:
        return 1


class ReleasesEverything(ReferenceInstitution):
    def release(self, request_id: str, revision: int, release_vnd: int) -> ReleaseDone:
        return super().release(request_id, revision, self.held_vnd(request_id))


class IsDeafTo(ReferenceInstitution):
    deaf_to: type[Message]

    def act(self, envelope: Envelope) -> None:
        if not isinstance(envelope.data, self.deaf_to):
            super().act(envelope)


class DoesNotAnswerAgain(IsDeafTo):
    deaf_to = UnexplainedQuery


class ServesNoNotice(IsDeafTo):
    deaf_to = NoticeToServe


class IgnoresCancellation(IsDeafTo):
    deaf_to = RequestCancellation


class ConfirmsEverything(ReferenceInstitution):
    def confirm(self, asked: ConfirmationRequest) -> Confirmation:
        return super().confirm(asked).model_copy(update={"outcome": ConfirmationOutcome.CONFIRMED})


class KeepsTheAmountToItself(ReferenceInstitution):
    def confirm(self, asked: ConfirmationRequest) -> Confirmation:
        return super().confirm(asked).model_copy(update={"amount_vnd": None})


class KeepsReceiptsToItself(IsDeafTo):
    deaf_to = ReceiptsQuery


class TellsOtherwise(ReferenceInstitution):
    """Tells what it received, changed."""

    def changed(self, asked: ReceiptsQuery, told: ReceiptsTold) -> dict[str, Any]:
        raise AssertionError

    def tell_receipts(self, asked: ReceiptsQuery) -> ReceiptsTold:
        told = super().tell_receipts(asked)
        return told.model_copy(update=self.changed(asked, told))


class TellsOfEveryPayer(TellsOtherwise):
    def changed(self, asked: ReceiptsQuery, told: ReceiptsTold) -> dict[str, Any]:
        real = asked.model_copy(update={"payer_account": self.fixture.payer})
        return {"receipts": ReferenceInstitution.tell_receipts(self, real).receipts}


class TellsOfAnyTime(TellsOtherwise):
    def changed(self, asked: ReceiptsQuery, told: ReceiptsTold) -> dict[str, Any]:
        real = asked.model_copy(update={"since": self.fixture.opened_at})
        return {"receipts": ReferenceInstitution.tell_receipts(self, real).receipts}


class TellsTheNewestFirst(TellsOtherwise):
    def changed(self, asked: ReceiptsQuery, told: ReceiptsTold) -> dict[str, Any]:
        return {"receipts": told.receipts[::-1]}


class TellsAnotherTime(TellsOtherwise):
    def changed(self, asked: ReceiptsQuery, told: ReceiptsTold) -> dict[str, Any]:
        later = [one.model_copy(update={"booked_at": one.booked_at + timedelta(hours=7)}) for one in told.receipts]
        return {"receipts": tuple(later)}


class TellsOnlyOnce(TellsOtherwise):
    """It takes a later question about the same account for the one that it has answered."""

    def connect(self, center_url: str) -> None:
        super().connect(center_url)
        self.answered: set[tuple[str, datetime]] = set()

    def changed(self, asked: ReceiptsQuery, told: ReceiptsTold) -> dict[str, Any]:
        again = (asked.id, asked.since) in self.answered
        self.answered.add((asked.id, asked.since))
        return {"receipts": ()} if again else {}


class TellsWithoutBasis(ReferenceInstitution):
    def open(self, headers: Mapping[str, str], body: bytes) -> Envelope:
        try:
            return super().open(headers, body)
        except BadInput:
            if b'"receipts.asked"' not in body:
                raise
            content = json.loads(body)
            content["data"]["legal_basis"] = {"code": "none", "title": "none"}
            return read_envelope(json.dumps(content).encode())


class HoldsWhatItReceived(ReferenceInstitution):
    def tell_receipts(self, asked: ReceiptsQuery) -> ReceiptsTold:
        told = super().tell_receipts(asked)
        if told.receipts:
            self.fixture = replace(self.fixture, opening_vnd=self.fixture.opening_vnd - 1_000_000)
        return told


class TakesNoWarnings(ReferenceInstitution):
    def open(self, headers: Mapping[str, str], body: bytes) -> Envelope:
        envelope = super().open(headers, body)
        if isinstance(envelope.data, PayerAlert):
            raise BadInput(InputReason.UNKNOWN_VALUE, field="type")
        return envelope


BROKEN: list[tuple[type[ReferenceInstitution], set[Rule]]] = [
    (BelievesAnySignature, {Rule.BAD_SIGNATURE_REFUSED}),
    (BelievesOldSignatures, {Rule.OLD_TIMESTAMP_REFUSED}),
    (BreaksOnNonsense, {Rule.NONSENSE_REFUSED}),
    (HoldsWithoutBasis, {Rule.HOLD_WITHOUT_BASIS_REFUSED}),
    (BreaksOnUnknownAccounts, {Rule.UNKNOWN_ACCOUNT_REFUSED}),
    (SignsWithAnUnknownKey, {Rule.REPLIES_SIGNED}),
    (PaysWhatIsNotHeld, {Rule.REFUND_ANSWERED}),
    (NeverAcknowledges, {Rule.ACKNOWLEDGED_IN_TIME, Rule.PAYER_ALERT_ACKNOWLEDGED}),
    (
        NeverAnswers,
        {Rule.ANSWERED_IN_TIME, Rule.CONFIRMS_HONESTLY, Rule.REFUND_ANSWERED, Rule.RECEIPTS_TOLD},
    ),
    (WritesNegativeAmounts, {Rule.ANSWER_READABLE}),
    (AnswersAnotherRevision, {Rule.ANSWER_FITS_REQUEST}),
    (
        HoldsTheWholeBalance,  # what follows from it is told too
        {
            Rule.HELD_WITHIN_REQUEST,
            Rule.PARTS_FOLLOW_MOVEMENTS,
            Rule.SUM_CLOSES,
            Rule.HOLDS_WHAT_IT_CAN,
            Rule.RELEASES_EXACTLY,
            Rule.CANCEL_RELEASES,
        },
    ),
    (TellsNoMovements, {Rule.MOVEMENTS_FROM_CREDIT}),
    (StartsElsewhere, {Rule.MOVEMENTS_FROM_CREDIT}),
    (ShiftsTheBlame, {Rule.PARTS_FOLLOW_MOVEMENTS}),
    (LosesAPart, {Rule.SUM_CLOSES}),
    (HoldsTooLittle, {Rule.HOLDS_WHAT_IT_CAN}),
    (HoldsAgainWhenAskedTwice, {Rule.IDEMPOTENT}),
    (ObeysLowerRevisions, {Rule.LOWER_REVISION_IGNORED}),
    (CountsNoRevisions, {Rule.ANSWER_REVISION_RISES, Rule.ASKED_AGAIN_ANSWERS}),
    (ReleasesEverything, {Rule.RELEASES_EXACTLY}),
    (DoesNotAnswerAgain, {Rule.ASKED_AGAIN_ANSWERS}),
    (ServesNoNotice, {Rule.NOTICE_SERVED}),
    (IgnoresCancellation, {Rule.CANCEL_RELEASES}),
    (ConfirmsEverything, {Rule.CONFIRMS_HONESTLY}),
    (KeepsTheAmountToItself, {Rule.CONFIRMS_HONESTLY}),
    (TakesNoWarnings, {Rule.PAYER_ALERT_ACKNOWLEDGED}),
    (KeepsReceiptsToItself, {Rule.RECEIPTS_TOLD}),
    (TellsOfEveryPayer, {Rule.RECEIPTS_TOLD}),
    (TellsOfAnyTime, {Rule.RECEIPTS_TOLD}),
    (TellsTheNewestFirst, {Rule.RECEIPTS_TOLD}),
    (TellsAnotherTime, {Rule.RECEIPTS_TOLD}),
    (TellsOnlyOnce, {Rule.RECEIPTS_SAME_AGAIN}),
    (TellsWithoutBasis, {Rule.RECEIPTS_WITHOUT_BASIS_REFUSED}),
    (HoldsWhatItReceived, {Rule.RECEIPTS_HOLD_NOTHING}),
]


Reports = dict[type[ReferenceInstitution], Report]


@pytest.fixture(scope="module")
def reports() -> Reports:
    """All runs at once: they spend their time waiting for what does not come."""
    kinds: list[type[ReferenceInstitution]] = [IsDown, *(kind for kind, _ in BROKEN)]
    with ThreadPoolExecutor(8) as runs:
        return dict(zip(kinds, runs.map(conform, kinds), strict=True))


@pytest.mark.parametrize(("kind", "expected"), BROKEN)
def test_each_broken_institution_is_told_its_rule(
    kind: type[ReferenceInstitution], expected: set[Rule], reports: Reports
) -> None:
    report = reports[kind]
    assert {finding.rule for finding in report.broken} == expected, report.broken
    assert not report.passed


def test_an_institution_that_is_down(reports: Reports) -> None:
    assert reports[IsDown].broken[0].rule is Rule.WEBHOOK_ACCEPTED


def test_replies_may_come_in_chunks() -> None:
    center = LocalCenter(CENTER, (BANK.public,))
    reply = make.answer()
    body = reply.as_json()
    headers = sign(reply.message_id, WallClock().now(), body, BANK)
    with serve(center, "127.0.0.1", 0):
        chunks = iter([body[:100], body[100:]])  # httpx sends an iterator in chunks
        answered = httpx.post(f"{center.url}/v1/inbox/X/answer", content=chunks, headers=headers)
    assert answered.status_code == 200
    assert center.received[0].message == reply


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_has_a_sentence(language: Language) -> None:
    for rule in Rule:
        assert translate(f"conform.{rule.value}", language) != f"conform.{rule.value}"
