"""A demand without a home stands in red on the page of demands, and so does one that activities forgot."""

import re
from dataclasses import replace

import pytest
from tests.factories.desk_world import World
from tests.factories.inbox_world import shown, signed_in

from lachan.plans.demands import DEMANDS
from lachan.plans.views import coverage


def test_what_has_no_home_stands_in_red(served: str, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = [replace(DEMANDS[0], number=901, home="nowhere", measures=()),
            replace(DEMANDS[1], number=902, home="activities", measures=())]  # fmt: skip
    monkeypatch.setattr(coverage, "DEMANDS", (*DEMANDS, *lost))
    page = signed_in(served, world, "leader").get("/plans/demands")
    assert page.status_code == 200
    rows = re.findall(r'<tr id="D(\d+)"( class="pressing")?>(.*?)</tr>', page.text, re.S)
    assert len(rows) == 105
    for number, red, row in rows:
        assert (red != "") == (number in {"901", "902"}), number
        assert ("chip-late" in row) == (number in {"901", "902"}), number
        assert "plans.home" not in row, number
    assert "2 chưa có nơi nào" in shown(page)
