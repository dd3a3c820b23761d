"""conform: does an institution's end point keep the open protocol?"""

from pathlib import Path

from lachan.client.conform import Finding, Fixture, Outcome, run_conformance
from lachan.doors.cli.output import EXIT_NO, out
from lachan.foundation.base import BadInput, InputReason, translate
from lachan.foundation.base.settings import Settings
from lachan.foundation.protocol import PublicKey, SigningKey
from lachan.foundation.trail import create_private_key

_MARKS = {Outcome.KEPT: "✓", Outcome.BROKEN: "✗", Outcome.UNCHECKED: "–"}


def conform(url: str, code: str, institution_keys: list[str], key_file: Path | None, host: str, port: int) -> int:
    """0 when every rule is checked and kept. The kit's own key is made once and kept."""
    if not url.startswith(("http://", "https://")):
        raise BadInput(InputReason.MALFORMED, field="URL", expected="https://bank.example/hooks/lachan")
    if not institution_keys:
        raise BadInput(InputReason.MISSING, field="--institution-key")
    keys = tuple(PublicKey.from_text(text) for text in institution_keys)
    center_key = SigningKey(create_private_key(key_file or Settings().home / "keys" / "conform.pem"))
    out.say(translate("cli.conform_key", out.language, key=center_key.public.as_text()))
    report = run_conformance(
        url,
        center_key=center_key,
        institution_keys=keys,
        fixture=Fixture(code),
        host=host,
        port=port,
        started=lambda address: out.say(translate("cli.conform_center", out.language, url=address)),
        found=_say,
    )
    findings = [{"rule": f.rule, "outcome": f.outcome, "detail": f.detail} for f in report.findings]
    passed = translate("cli.conform_passed" if report.passed else "cli.conform_failed", out.language)
    out.result({"passed": report.passed, "findings": findings}, [passed])
    return 0 if report.passed else EXIT_NO


def _say(finding: Finding) -> None:
    sentence = translate(f"conform.{finding.rule}", out.language)
    detail = f" ({finding.detail})" if finding.detail else ""
    out.say(f"{_MARKS[finding.outcome]} {finding.rule}: {sentence}{detail}")
