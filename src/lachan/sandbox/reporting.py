"""Victims' reports: each victim tells the own bank or wallet, which passes it on at the moment the story says."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lachan.client import Client, Refused, Unavailable, Unreachable
from lachan.foundation.base import new_id
from lachan.foundation.protocol import BankReport, Party, Rail, ReportedLoss, Situation, Victim
from lachan.sandbox.province import Account, invented
from lachan.sandbox.story import DisputedTransfer, VictimReport
from lachan.sandbox.story_clock import StoryClock

_RETRY_S = 0.5


@dataclass(frozen=True, slots=True)
class ReportSent:
    """The center has received a report and given it this code; or it refused it, for this reason."""

    report: VictimReport
    code: str | None
    live_url: str | None = None
    refused: str | None = None


def bank_report(report: VictimReport, clock: StoryClock) -> BankReport:
    """The report as the victim's institution writes it."""
    return BankReport(
        message_id=new_id(),
        reported_at=clock.instant(report.reported_us),
        situation=Situation(report.situation),
        victim=Victim(name=report.victim.holder, phone=report.victim.phone),
        consent=True,
        losses=tuple(_loss(transfer, clock) for transfer in report.transfers),
        story=report.text,
        reported_by=invented()["staff"],
    )


def send_reports(
    reports: Sequence[VictimReport],
    last_us: int,
    clients: Mapping[str, Client],
    clock: StoryClock,
    booked_us: Callable[[], int],
    sent: Callable[[ReportSent], None],
    stopping: threading.Event,
) -> None:
    """Send each report when its time has come, through its victim's institution, until it is received.

    Where the machine is so busy that the ledger (`booked_us`, at most `last_us`) has fallen behind the clock,
    the report waits for it: nobody reports a transfer that has not been booked.
    """
    for report in sorted(reports, key=lambda one: one.reported_us):
        while (wait_s := clock.wall_s_until(report.reported_us)) > 0:
            if stopping.wait(wait_s):
                return
        while booked_us() < min(report.reported_us, last_us):
            if stopping.wait(_RETRY_S / 5):
                return
        message = bank_report(report, clock)
        while not stopping.is_set():
            try:
                receipt = clients[report.victim.institution].report(message)
            except (Unreachable, Unavailable):
                stopping.wait(_RETRY_S)
            except Refused as refused:
                sent(ReportSent(report, None, refused=refused.reason or str(refused)))
                break
            else:
                sent(ReportSent(report, receipt.code, receipt.live_url))
                break


def _loss(transfer: DisputedTransfer, clock: StoryClock) -> ReportedLoss:
    wallet = transfer.payer.key.startswith("wallet:")
    return ReportedLoss(
        rail=Rail.WALLET if wallet else Rail.FAST_TRANSFER,
        reference=transfer.reference,
        amount_vnd=transfer.amount_vnd,
        booked_at=clock.instant(transfer.booked_us),
        payer=_party(transfer.payer),
        payee=_party(transfer.payee),
    )


def _party(account: Account) -> Party:
    return Party(institution=account.institution, account=account.key, name=account.holder)
