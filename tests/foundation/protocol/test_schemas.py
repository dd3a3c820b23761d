"""The published schemas are today's, valid, and accept what the messages accept."""

import json
from pathlib import Path

import jsonschema_rs
import pytest
from tests.factories import protocol as make

from lachan.foundation.protocol import wrap
from lachan.foundation.protocol.schemas import schema_files

FOLDER = Path(__file__).parents[3] / "docs" / "reference" / "protocol"


def test_the_folder_holds_today_s_schemas() -> None:
    published = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.glob("*.json")}
    assert published == dict(schema_files()), "run scripts/protocol_schemas.py"


def validator(name: str) -> jsonschema_rs.Validator:
    schema = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    jsonschema_rs.meta.validate(schema)
    return jsonschema_rs.validator_for(schema)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("answer.json", make.answer().as_json()),
        ("report.json", make.bank_report().as_json()),
        *(
            (f"{envelope.type}.json", envelope.as_json())
            for data in (
                make.hold_request(),
                make.hold_release(5),
                make.confirmation_request(),
                make.notice(),
            )
            for envelope in [wrap(data, issued_at=make.at(1), issuer=make.ISSUER, trail_head=make.HEAD)]
        ),
    ],
)
def test_a_real_message_is_valid_and_a_changed_one_is_not(name: str, body: bytes) -> None:
    schema = validator(name)
    message = json.loads(body)
    schema.validate(message)
    assert not schema.is_valid(message | {"surprise": 1})
    for field in message:
        if field in json.loads((FOLDER / name).read_text(encoding="utf-8"))["required"]:
            assert not schema.is_valid({key: value for key, value in message.items() if key != field})


def test_every_schema_is_a_schema() -> None:
    for name, _ in schema_files():
        validator(name)
