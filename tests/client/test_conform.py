"""The conformance kit passes an honest institution and names what each broken one does wrong."""

import time

from tests.client.reference_institution import ReferenceInstitution, running

from lachan.client.conform import Fixture, Patience, Report, Rule, run_conformance
from lachan.foundation.protocol import SigningKey

CENTER = SigningKey.generate()
BANK = SigningKey.generate()
FIXTURE = Fixture("999001")
QUICK = Patience(acknowledge_s=0.8, answer_s=1.0, settle_s=0.1)


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
    started_s = time.monotonic()
    report = conform(ReferenceInstitution)
    assert report.broken == ()
    assert report.passed
    assert [finding.rule for finding in report.findings] == list(Rule)
    assert time.monotonic() - started_s < 10
