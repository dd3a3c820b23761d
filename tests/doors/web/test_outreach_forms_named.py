"""The desk names the form of fraud of a report; figures and rises count by it."""

import pytest
import sqlalchemy as sa
from tests.factories.desk_world import World
from tests.factories.told_world import reports_of

from lachan.foundation.base import BadInput, NotAllowed
from lachan.intake import report_by_code
from lachan.intake.tables import report
from lachan.outreach.rising import counts_by_form
from lachan.response import name_scam_form


def test_a_form_is_named_and_counts(world: World) -> None:
    reports_of(world, "romance", 1, 2)
    code = world.report("named", 5_000_000)
    services = world.services
    with services.db.read() as conn:
        found = report_by_code(conn, code)
        assert {one[0]: one[1] for one in counts_by_form(conn, world.now)} == {"romance": 1}
    for form in ("fake_police", "romance"):
        with services.db.unit(world.now, world.actor("officer")) as unit:
            name_scam_form(unit, services.outbox, found.id, form=form)
    with services.db.read() as conn:
        assert report_by_code(conn, code).scam_form == "romance"
        assert {one[0]: one[1] for one in counts_by_form(conn, world.now)} == {"romance": 2}
    with pytest.raises(BadInput), services.db.unit(world.now, world.actor("officer")) as unit:
        name_scam_form(unit, services.outbox, found.id, form="nothing")
    with pytest.raises(NotAllowed), services.db.unit(world.now, world.actor("auditor")) as unit:
        name_scam_form(unit, services.outbox, found.id, form="romance")
    with services.db.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).where(report.c.scam_form == "romance")).scalar_one() == 2
