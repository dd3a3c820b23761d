"""What nobody means to type into the desk's forms is refused at its field, and never an error of the server."""

from decimal import Decimal

import httpx
import pytest
import sqlalchemy as sa
from starlette.datastructures import FormData
from tests.doors.web.test_staff_pages import post, sign_in
from tests.factories.desk_world import World

from lachan.doors.web.periodic.keeping import typed_number
from lachan.doors.web.reading import moment, needed_day
from lachan.doors.web.visit import Form
from lachan.foundation.base import BadInput, Language
from lachan.intake.tables import loss
from lachan.response import recommend_step
from lachan.response.views.golden_hour import trace_by_code

ANSWER = {"held_vnd": "0", "decided_by": "Kiểm soát viên 02"}
CASHED = {"part_0_kind": "cash", "part_0_amount": "1.000.000"}
MOVED = {"part_0_kind": "moved_on", "part_0_amount": "1.000.000", "part_0_reference": "FT26325ABC"}
CONFIRM = {"outcome": "amount_differs", "decided_by": "Kiểm soát viên 02"}
DECISION = {
    "basis": "nd52-2024-11", "issuer_kind": "police_investigation", "issuer": "CQĐT", "number": "12/QĐ",
    "signatory": "Phó Thủ trưởng", "scope": "Phong tỏa",
}  # fmt: skip
FORMS = [
    # form      typed
    ("answer",  ANSWER | CASHED | {"part_0_reference": "FT26325 ABC"}),
    ("answer",  ANSWER | CASHED | {"part_0_reference": "x" * 81}),
    ("answer",  ANSWER | MOVED | {"part_0_payee": "999001 0123$456"}),
    ("answer",  ANSWER | CASHED | {"part_0_reference": "FT26325ABC", "decided_by": "x" * 201}),
    ("answer",  ANSWER | {"held_vnd": "1.000.000", "placed_at": "1999-12-31T09:00"}),
    ("answer",  ANSWER | {"held_vnd": "1.000.000", "placed_at": "0001-01-01T00:00"}),
    ("confirm", CONFIRM | {"confirmed_vnd": "0"}),
    ("confirm", CONFIRM | {"confirmed_vnd": "1.000.000", "decided_by": "x" * 201}),
    ("confirm", CONFIRM | {"confirmed_vnd": "1.000.000", "real_reference": "FT26325 ABC"}),
    ("convert", DECISION | {"step": "²", "review_at": "2027-01-01T09:00"}),
    ("convert", DECISION | {"step": "5", "review_at": "2027-01-01T09:00"}),
    ("convert", DECISION | {"step": "3", "review_at": "9999-12-31T23:59-05:00"}),
    ("convert", DECISION | {"step": "3", "review_at": "2300-01-01T09:00"}),
    ("extend",  {"basis": "aml-2022-44", "until": "0001-01-01T00:00"}),
]  # fmt: skip


def test_each_slip_is_refused_at_its_field(client: httpx.Client, world: World) -> None:
    world.report("typed", 20_000_000, payee="999001")
    sign_in(client, world, "shift")
    held = world.hold_of("held")
    with world.services.db.unit(world.now, world.actor("shift")) as unit:
        recommend_step(unit, world.services.outbox, held.id, step=3, to_kind="police_investigation")
    with world.services.db.read() as conn:
        report_id = trace_by_code(conn, world.codes["typed"]).report_id
        loss_id = conn.execute(sa.select(loss.c.id).where(loss.c.report_id == report_id)).scalar_one()
    about = {"confirm": {"loss": loss_id}}
    found = []
    for name, typed in FORMS:
        what = "held" if name in {"convert", "extend"} else "typed"
        address = f"/trace/{world.codes[what]}/{name}"
        fields = typed | about.get(name, {"hold": world.hold_of(what).id})
        answer = post(client, address, address, **fields)
        found.append((name, answer.status_code))
        assert 'aria-invalid="true"' in answer.text or answer.status_code != 422, (name, typed)
    assert found == [(name, 422) for name, _ in FORMS]


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00", "9999-12-31T23:59-05:00", "1999-12-31T23:59Z", "2200-01-01T07:00", "hôm qua"]
)
def test_an_instant_is_one_that_a_message_can_carry(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        moment(Form(FormData({"at": text})), "at")
    assert refused.value.field == "at"


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31", "2200-01-01", "hôm qua"])
def test_a_day_too(text: str) -> None:
    with pytest.raises(BadInput):
        needed_day(Form(FormData({"at": text})), "at")


def test_the_first_and_the_last_instant_are_taken() -> None:
    for text in ("2000-01-01T00:00Z", "2199-12-31T23:59Z"):
        assert moment(Form(FormData({"at": text})), "at") is not None


def test_control_characters_are_not_typed() -> None:
    form = Form(FormData({"note": "\x00 Đã gọi\x0b lúc\x1f 9 giờ,\n\tchị Hoa\x7f\x00 "}))
    assert form.text("note") == "Đã gọi lúc 9 giờ,\n\tchị Hoa"
    with pytest.raises(BadInput):
        Form(FormData({"note": "\x00"})).needed("note")


@pytest.mark.parametrize(
    ("typed", "language", "value"),
    [
        ("1.250", "vi", "1250"), ("12,5", "vi", "12.5"), ("1 250 000", "vi", "1250000"),
        ("1.250.000,5", "vi", "1250000.5"),
        ("1,250", "en", "1250"), ("12.5", "en", "12.5"), ("1,250,000.25", "en", "1250000.25"), ("-3", "en", "-3"),
        # A slip of ten or a thousand in a report is refused, and not guessed.
        ("12.5", "vi", None), ("1,250,000", "vi", None), ("12,5", "en", None), ("1.250.000", "en", None),
        ("1,250", "vi", None), ("1.250", "en", None), ("0.250", "vi", None), ("0,125", "vi", "0.125"),
        ("1e5", "vi", None), ("NaN", "en", None), ("١٢", "vi", None), (".5", "en", None), ("1..250", "vi", None),
    ],
)  # fmt: skip
def test_a_figure_is_read_as_the_page_writes_it(typed: str, language: str, value: str | None) -> None:
    if value is None:
        with pytest.raises(BadInput) as refused:
            typed_number(typed, Language(language))
        assert refused.value.field == "value"
    else:
        assert typed_number(typed, Language(language)) == Decimal(value)
