"""Reminders: the steps that a day asks for, each once, whoever is killed; e-mail by a real server, with TLS."""

import ipaddress
import ssl
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lachan.foundation.base import BadInput, Conflict, NotAllowed, NotFound, WallClock, new_ids
from lachan.foundation.storage import Database
from lachan.foundation.taxonomy import reminder_steps
from lachan.plans import tables
from lachan.plans.outgoing import cancel
from lachan.plans.outgoing.store import paper_of
from lachan.plans.register.actions import set_contact
from lachan.plans.register.model import Contact
from lachan.plans.reminders import rules
from lachan.plans.reminders.issuing import issue_letter
from lachan.plans.reminders.mailing import Letter, Server, find_mail, send
from lachan.plans.reminders.sweeping import Post, sweep_reminders
from lachan.plans.reminders.views import PAGE_ROWS, count_unseen, reminders, see
from lachan.plans.tasks.actions import accept, report
from lachan.plans.views.sight import sight_of
from tests.conftest import NOON
from tests.factories.plans import BANK, POLICE, SCHOOLS, PlanWorld, build
from tests.factories.post import Box, post_office
from tests.factories.reporting import SIGNING

DUE = date(2026, 11, 25)
POST = Post("lachan.test", "https://lachan.test", "Bàn trực")


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's own certificate for 127.0.0.1, and the file by which it is believed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = WallClock().now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, private = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    return context, pem


@pytest.fixture
def world(db: Database) -> PlanWorld:
    return build(db)


def told(world: PlanWorld) -> list[tuple[str, str]]:
    """(rule, audience) of every reminder of the task that is due on DUE."""
    _r = tables.reminder
    with world.db.read() as conn:
        query = sa.select(_r.c.rule, _r.c.audience).where(_r.c.due_on == DUE.isoformat())
        return sorted((row.rule, row.audience) for row in conn.execute(query))


def on(day: int) -> Any:
    """Noon, so many days after the day that is due."""
    return NOON + (DUE - NOON.date()) + timedelta(days=day)


def test_from_ahead_to_the_consolidator(world: PlanWorld) -> None:
    plan_id = world.in_force()
    with world.db.unit(NOON, world.at(POLICE)) as unit:
        set_contact(unit, Contact(world.agencies[POLICE], "Đại tá Bình", "vt@ca.example.vn", "binh@ca.example.vn"))
    seen = []
    for day in (-7, -3, 0, 2, 3, 7, 10, 11):
        sweep_reminders(world.db, on(day), POST)
        seen.append(len(told(world)))
    assert seen == [1, 2, 3, 3, 4, 5, 6, 6]
    with world.db.read() as conn:
        mails = {row.subject: row for row in conn.execute(sa.select(tables.mail))}
        listed = reminders(conn, sight_of(conn, world.at(POLICE), on(11))).rows
        mine = [one for one in listed if one.due_on == DUE]
        letter = next(one.letter for one in mine if one.letter)
    assert mails["Quá hạn 3 ngày: việc III.1.2, kế hoạch 91/KH-UBND"].to_address == "binh@ca.example.vn"
    assert "Kính gửi đồng chí Đại tá Bình," in mails["Quá hạn 3 ngày: việc III.1.2, kế hoạch 91/KH-UBND"].body
    assert letter["abstract"] == "V/v đôn đốc thực hiện nhiệm vụ tại Kế hoạch số 91/KH-UBND"
    assert letter["to"] == POLICE
    assert len(mine) == 6
    assert plan_id


def test_who_was_not_told_in_time_is_told_once(world: PlanWorld) -> None:
    world.in_force()
    sweep_reminders(world.db, on(30), POST)
    assert told(world) == [
        ("consolidator_after", "consolidator"), ("head_after", "head"), ("urged_after", "lead"),
    ]  # fmt: skip


def test_what_is_reported_is_not_urged(world: PlanWorld) -> None:
    task = world.tasks(world.in_force())["III.1.2", POLICE]
    with world.db.unit(NOON, world.at(POLICE)) as unit:
        accept(unit, task.id)
        report(unit, task.id, "Đã xong.")
    sweep_reminders(world.db, on(10), POST)
    assert told(world) == []


def test_two_workers_and_one_that_was_killed_make_each_once(world: PlanWorld) -> None:
    world.in_force()
    # Killed before the commit: nothing of it stands, and the next sweep makes all of it.
    killed = Database(str(world.db.engine.url.render_as_string(hide_password=False)))
    sa.event.listen(killed.engine, "commit", _killed)
    with pytest.raises(KeyboardInterrupt):
        sweep_reminders(killed, on(0), POST)
    killed.close()
    assert told(world) == []
    threads = [threading.Thread(target=sweep_reminders, args=(world.db, on(0), POST)) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert told(world) == [("due_today", "lead")]


def _killed(_conn: object) -> None:
    raise KeyboardInterrupt


def test_a_reminder_is_seen_by_the_agency_it_is_for(world: PlanWorld) -> None:
    world.in_force()
    sweep_reminders(world.db, on(0), POST)
    with world.db.read() as conn:
        sight = sight_of(conn, world.at(POLICE), on(0))
        before = count_unseen(conn, sight)
        one = reminders(conn, sight).rows[0]
        assert reminders(conn, sight_of(conn, world.at(BANK), on(0))).rows == ()
    with world.db.unit(on(0), world.at(POLICE)) as unit:
        see(unit, one.id)
        see(unit, one.id)
    with world.db.read() as conn:
        assert count_unseen(conn, sight_of(conn, world.at(POLICE), on(0))) == before - 1


def test_the_list_is_read_to_its_end_while_somebody_marks_what_is_seen(world: PlanWorld) -> None:
    """Far more than a page: nothing is left out, though what is seen meanwhile moves behind the rest."""
    world.in_force()
    sweep_reminders(world.db, on(0), POST)
    with world.db.unit(on(0), world.at(POLICE)) as unit:
        pattern = dict(unit.conn.execute(sa.select(tables.reminder)).mappings().first() or {})
        pattern |= {"agency_id": world.agencies[POLICE], "letter": None}
        rows = [{**pattern, "id": one, "rule": f"r{at}", "made_at": on(0) + timedelta(seconds=at // 3)}
                for at, one in enumerate(new_ids(260))]  # fmt: skip
        unit.conn.execute(sa.insert(tables.reminder), rows)
    with world.db.read() as conn:
        sight = sight_of(conn, world.at(POLICE), on(0))
        whole = reminders(conn, sight, limit=1_000)
    assert whole.after == ""
    read: list[str] = []
    after, pieces = "", 0
    while pieces == 0 or after:
        with world.db.unit(on(0), world.at(POLICE)) as unit:
            found = reminders(unit.conn, sight, after=after)
            assert len(found.rows) == PAGE_ROWS or not found.after
            read += [one.id for one in found.rows]
            after, pieces = found.after, pieces + 1
            see(unit, next(one.id for one in found.rows if one.own))
    assert set(read) == {one.id for one in whole.rows}
    assert len(whole.rows) > 260
    assert len(read) - len(whole.rows) < pieces, "what is seen may be met again where it went, and nothing else"
    with world.db.read() as conn:
        for wrong in ("2.x", "0." + "0" * 36, "1", "0.'; --"):
            with pytest.raises(BadInput):
                reminders(conn, sight, after=wrong)


def test_a_real_server_takes_them_with_their_own_message_id(world: PlanWorld) -> None:
    world.in_force()
    with world.db.unit(NOON, world.at(SCHOOLS)) as unit:
        set_contact(unit, Contact(world.agencies[SCHOOLS], "", "vt@gd.example.vn", ""))
    sweep_reminders(world.db, NOON + timedelta(days=43), POST)
    with world.db.read() as conn:
        kept = [find_mail(conn, one) for one in conn.execute(sa.select(tables.mail.c.id)).scalars()]
    box = Box(refuse=1)
    with post_office(box) as port:
        server = Server("127.0.0.1", port, "none", "nhacviec@lachan.test")
        wrong = send(server, kept)
        assert len(wrong) == 1
        assert send(server, [one for one in kept if one.id in wrong]) == {}
        # At least once: the same letter again has the same id, by which it is known.
        send(server, kept[:1])
    ids = [one["Message-ID"] for one in box.letters]
    assert sorted(set(ids)) == sorted(one.message_id for one in kept)
    assert len(ids) == len(kept) + 1
    first = box.letters[0]
    assert first["To"] == "vt@gd.example.vn"
    assert "III.4.1" in first["Subject"]
    assert "https://lachan.test/plans/tasks/" in first.get_content()


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_tls_is_checked(tmp_path: Path, tls: str) -> None:
    context, trusted = certificate(tmp_path)
    box = Box()
    more = {"tls_context": context, "require_starttls": True} if tls == "starttls" else {"ssl_context": context}
    one = Letter("a", "<a@lachan.test>", "vt@gd.example.vn", "Nhắc việc", "Kính gửi", NOON, None)
    with post_office(box, **more) as port:
        send(Server("127.0.0.1", port, tls, "a@lachan.test", str(trusted)), [one])
        with pytest.raises(ssl.SSLError):
            send(Server("127.0.0.1", port, tls, "a@lachan.test"), [one])
    assert [found["Message-ID"] for found in box.letters] == ["<a@lachan.test>"]


def test_each_audience_is_told_its_newest_step() -> None:
    steps = reminder_steps(NOON)
    for day, codes in {
        -8: [], -7: ["week_before"], -1: ["days_before"], 0: ["due_today"], 4: ["due_today", "head_after"],
        8: ["head_after", "urged_after"], 400: ["head_after", "urged_after", "consolidator_after"],
    }.items():  # fmt: skip
        found = rules.reached(DUE, steps, DUE + timedelta(days=day))
        assert [one.code for one in found] == codes, day
    assert rules.looks_ahead(steps) == 7


def test_a_letter_is_issued_once_by_who_consolidates(world: PlanWorld) -> None:
    task = world.tasks(world.in_force())["III.2.1", BANK]
    late = task.due_on
    assert late is not None
    sweep_reminders(world.db, NOON + (late + timedelta(days=8) - NOON.date()), POST)
    _r = tables.reminder
    with world.db.read() as conn:
        of_task = conn.execute(sa.select(_r).where(_r.c.task_id == task.id)).all()
        letter = next(row.id for row in of_task if row.letter is not None)
        plain = next(row.id for row in of_task if row.letter is None)
        seen = reminders(conn, sight_of(conn, world.at(POLICE), NOON)).rows
    # It stands in the bank's list, and in that of the agency that has to send it.
    assert [(one.own, one.letters_by_us) for one in seen if one.id == letter] == [(False, True)]
    with pytest.raises(NotAllowed), world.db.unit(NOON, world.head(BANK)) as unit:
        issue_letter(unit, letter, SIGNING)
    with pytest.raises(NotFound), world.db.unit(NOON, world.head()) as unit:
        issue_letter(unit, plain, SIGNING)
    with world.db.unit(NOON, world.head()) as unit:
        made = issue_letter(unit, letter, SIGNING)
        paper = paper_of(unit.conn, made.id)
    assert (made.reference, made.agency_id) == ("01/CAT-PA05", world.agencies[POLICE])
    assert paper.abstract == "đôn đốc thực hiện nhiệm vụ tại Kế hoạch số 91/KH-UBND"
    assert paper.addressees == (BANK,)
    assert len(paper.body) == 4
    with pytest.raises(Conflict), world.db.unit(NOON, world.head()) as unit:
        issue_letter(unit, letter, SIGNING)
    with world.db.unit(NOON, world.head()) as unit:
        cancel(unit, made.id, "sai nơi nhận")
        assert issue_letter(unit, letter, SIGNING).number == 2
