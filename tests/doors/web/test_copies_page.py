"""The administrator's page of banks' copies: a key is shown once, replaced, revoked; and the bank feels it."""

import re

import httpx
from tests.doors.web.test_staff_pages import post, sign_in
from tests.factories.desk_world import World

from lachan.screening.copies import copy_keys

BANK, PAGE = "999001", "/admin/copies"


def keys(world: World) -> list[tuple[str, str | None, str | None]]:
    """Key id, how it ended and why, oldest first."""
    with world.services.db.read() as conn:
        found = sorted(copy_keys(conn), key=lambda one: one.made_at)
    return [(one.key_id, one.end.value if one.end else None, one.note) for one in found]


def shown_keys(html: str) -> list[str]:
    return re.findall(r'<code class="breaks">([0-9a-f]{32})</code>', html)


def test_a_copy_is_granted_its_key_replaced_and_revoked(client: httpx.Client, world: World) -> None:
    sign_in(client, world, "admin")
    assert "Chưa đơn vị nào được giữ bản sao" in client.get(PAGE).text
    assert post(client, PAGE, PAGE, code=BANK).status_code == 422
    assert keys(world) == []
    granted = post(client, PAGE, PAGE, code=BANK, contract="HĐ 12/2026")
    (key,) = shown_keys(granted.text)
    for public in world.services.issuer_keys:
        assert public.public.as_text() in granted.text
    html = client.get(PAGE).text
    assert key not in html
    assert "HĐ 12/2026" in html
    assert "chưa lấy" in html
    # It has one: it is not offered again, and is refused.
    assert f'<option value="{BANK}"' not in html
    assert post(client, PAGE, PAGE, code=BANK, contract="HĐ 13/2026").status_code == 409

    with world.services.db.read() as conn:
        agency_id = copy_keys(conn)[0].agency_id
    file = world.services.copies.whole(agency_id)
    assert f"số {file.number}" in client.get(PAGE).text

    (other,) = shown_keys(post(client, PAGE, f"{PAGE}/{BANK}/key", once="twice").text)
    assert other != key
    # A double click: the page that stays is the one with the key.
    assert shown_keys(post(client, PAGE, f"{PAGE}/{BANK}/key", once="twice").text) == [other]
    assert [end for _, end, _ in keys(world)] == ["rotated", None]
    wrong = post(client, PAGE, f"{PAGE}/{BANK}/revoke")
    assert wrong.status_code == 422
    assert 'role="alert"' in wrong.text
    assert post(client, PAGE, f"{PAGE}/{BANK}/revoke", note="Hết thỏa thuận.").status_code == 303
    assert [(end, note) for _, end, note in keys(world)] == [("rotated", None), ("revoked", "Hết thỏa thuận.")]
    assert "Hết thỏa thuận." in client.get(PAGE).text
    assert post(client, PAGE, f"{PAGE}/{BANK}/key").status_code == 404


def test_only_an_administrator_sees_who_holds_a_copy(client: httpx.Client, world: World) -> None:
    for who in ("head", "auditor", "leader"):
        sign_in(client, world, who)
        assert client.get(PAGE).status_code == 403
