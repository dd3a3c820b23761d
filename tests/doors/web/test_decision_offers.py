"""A decision's form offers only what its action accepts, and says plainly where there is nothing to decide."""

import re

import httpx
from tests.doors.web.test_staff_pages import post, sign_in
from tests.factories.desk_world import World

from lachan.foundation.base import Language, translate


def said(page: str, key: str) -> bool:
    return translate(key, Language.VI) in page


def test_only_a_refused_request_can_be_raised(client: httpx.Client, world: World) -> None:
    sign_in(client, world, "shift")
    refused, held = world.hold_of("refused"), world.hold_of("held")
    base = f"/trace/{world.codes['refused']}"
    for page in (client.get(f"{base}/raise").text, client.get(f"{base}/raise?hold={refused.id}").text):
        # The province's desk may not freeze, and has recommended nothing yet.
        assert said(page, "web.act.raise_nothing")
        assert 'name="step"' not in page
        assert f"{base}/recommend" in page
    suggest = f"{base}/recommend?hold={refused.id}"
    post(client, suggest, f"{base}/recommend", hold=refused.id, step="3", to="police_investigation")
    page = client.get(f"{base}/raise").text
    assert not said(page, "web.act.raise_nothing")
    assert re.findall(r'<option value="(\d)"', page) == ["3"], "only the step that was recommended"
    assert re.findall(r'name="hold" value="([^"]+)"', page) == [refused.id]
    # What is held was not refused: nobody raises it.
    about_held = f"/trace/{world.codes['held']}/raise"
    for page in (client.get(about_held).text, client.get(f"{about_held}?hold={held.id}").text):
        assert said(page, "web.act.raise_nothing")
        assert 'name="step"' not in page


def test_a_freeze_is_offered_where_it_may_be_entered(client: httpx.Client, world: World) -> None:
    sign_in(client, world, "shift")
    held = world.hold_of("held")
    page = f"/trace/{world.codes['held']}/convert"
    assert said(client.get(page).text, "web.act.convert_nothing")
    suggest = f"/trace/{world.codes['held']}/recommend"
    assert re.findall(r'<option value="(\d)"', client.get(suggest).text) == ["3", "4"]
    post(client, suggest, suggest, hold=held.id, step="4", to="procuracy")
    assert said(client.get(page).text, "web.act.convert_nothing") is False


def test_what_has_nothing_to_decide_says_so(client: httpx.Client, world: World) -> None:
    sign_in(client, world, "shift")
    trace = f"/trace/{world.codes['waiting']}"
    for name in ("extend", "convert", "raise", "release", "analyse"):
        page = client.get(f"{trace}/{name}").text
        assert said(page, f"web.act.{name}_nothing"), name
        assert f'action="{trace}/{name}"' not in page
    for name in ("cancel", "answer"):
        assert f'action="{trace}/{name}"' in client.get(f"{trace}/{name}").text
