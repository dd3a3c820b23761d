"""On a report's page nothing that was typed is lost, whichever of its buttons is pressed."""

import re

import httpx
import pytest
from playwright.sync_api import expect, sync_playwright
from tests.factories.browser import ARGUMENTS, chromium
from tests.factories.desk_world import World
from tests.factories.inbox_world import Desk, copied, shown, signed_in
from tests.factories.reported_world import report_some


def version(page: httpx.Response) -> str:
    found = re.search(r'name="version_results" value="(\d+)"', page.text)
    assert found is not None
    return found[1]


def press(desk: Desk, report: str, button: str, text: str, **typed: str) -> httpx.Response:
    """One form holds all that is typed; a button says what comes after keeping it."""
    return desk.post(f"{report}/{button}", text_results=text, version_results=version(desk.get(report)), **typed)


def test_no_button_loses_what_stands_elsewhere(served: str, world: World) -> None:
    report = f"/periodic/{report_some(world)['draft']}"
    writer = signed_in(served, world, "officer")
    page = writer.get(report).text
    # Without script: every field and button belongs to the one form.
    assert page.count('<form id="texts"') == 1
    for name in ("text_results", "value_held", "note_held"):
        assert re.search(rf'<(?:textarea|input) form="texts" id="[\w-]+" name="{name}"', page), name
    for action in ("figure", "recount"):
        assert re.search(rf'<button class="button" form="texts" formaction="{report}/{action}"', page), action

    first = re.search(r'<button[^>]* form="texts"[^>]*>', page)
    assert first is not None
    assert 'name="then" value="save"' in first[0], "Enter in a field presses the first button, which only keeps"

    entered = press(writer, report, "figure", "Bắt hai nhóm.", figure="held", value_held="1.250", note_held="Sổ 7")
    assert entered.status_code == 200
    for said in ("Bắt hai nhóm.", "1.250", "Sổ 7", "Nhập tay"):
        assert said in shown(entered)

    wrong = press(writer, report, "figure", "Bắt ba nhóm.", figure="held", value_held="mười", note_held="Sổ 8")
    assert wrong.status_code == 422
    for said in ('id="v-held-error"', 'value="mười"', 'value="Sổ 8"', "Bắt ba nhóm."):
        assert said in wrong.text
    assert "Bắt ba nhóm." in shown(writer.get(report)), "the text is kept whatever the figure says"
    # The ground is asked for where it is missing, not at the head of a long page.
    assert 'id="n-held-error"' in press(writer, report, "save", "Bắt ba nhóm.", value_held="9").text

    pasted = press(writer, report, "save", "\uf0b7 Bắt ba nhóm rưỡi.", value_held="7", note_held="Sổ 7")
    assert pasted.status_code == 422
    assert "Bắt ba nhóm rưỡi." in pasted.text, "what cannot be kept stays on the page"

    both = press(writer, report, "save", "Bắt bốn nhóm.", value_held="1.300", note_held="Sổ 9")
    assert "1.300" in shown(both)
    counted = press(writer, report, "recount", "Bắt năm nhóm.")
    for said in ("Đã đếm lại số liệu.", "Bắt năm nhóm.", "1.300"):
        assert said in shown(counted)
    back = press(writer, report, "figure", "Bắt sáu nhóm.", figure="held")
    assert "Sổ 9" not in shown(back), "an empty field asks for the system's own count"
    assert "Bắt sáu nhóm." in shown(back)
    assert press(writer, report, "figure", "Bắt sáu nhóm.", figure="nothing").status_code == 422


def test_another_writer_meanwhile_costs_neither_text_nor_figure(served: str, world: World) -> None:
    report = f"/periodic/{report_some(world)['draft']}"
    first, second = signed_in(served, world, "officer"), signed_in(served, world, "head")
    old = version(second.get(report))
    press(first, report, "save", "Bản của trực ban")
    late = second.post(
        f"{report}/save", text_results="Bản của trưởng bàn", version_results=old, value_held="x", note_held="Sổ 1"
    )
    assert late.status_code == 409
    for said in ("Bản của trực ban", "Bản của trưởng bàn", 'value="x"', 'id="v-held-error"'):
        assert said in late.text


TYPED = {"value_held": "1.300", "note_held": "Sổ 9", "value_reports_received": "7"}


def test_what_was_typed_while_another_handed_it_in_stands_there_to_be_copied(served: str, world: World) -> None:
    report = f"/periodic/{report_some(world)['draft']}"
    writer, head = signed_in(served, world, "officer"), signed_in(served, world, "head")
    read = version(writer.get(report))
    assert "Đã nộp" in shown(press(head, report, "save", "Bản của trưởng bàn.", then="submit"))
    pressed = [("save", {}), ("save", {"then": "submit"}), ("figure", {"figure": "held"}), ("recount", {})]
    for button, more in pressed:
        late = writer.post(
            f"{report}/{button}", text_results="Bắt <hai> nhóm.", version_results=read, **TYPED, **more
        )
        assert late.status_code == 409, button
        assert sorted(copied(late).values()) == ["1.300\nSổ 9", "7", "Bắt <hai> nhóm."], button
        assert "Bản của trưởng bàn." in shown(late), "what was handed in stands there, too"
        assert "(Đã nộp)" in shown(late), "in words, and not by its code"
        assert 'form="texts"' not in late.text
    # What was typed and is what was handed in, or what was read, is not told as lost.
    for text in ("Bản của trưởng bàn.", "Nội dung results.\r\n- Đã tổ chức 03 hội nghị."):
        same = writer.post(f"{report}/save", text_results=text, version_results=read)
        assert same.status_code == 409
        assert copied(same) == {}


def test_two_who_write_at_different_places_do_not_meet(served: str, world: World) -> None:
    """A form sends every line; who changed one of them has nothing to say about the others."""
    report = f"/periodic/{report_some(world)['draft']}"
    first, second = signed_in(served, world, "officer"), signed_in(served, world, "head")
    read = version(second.get(report))
    press(first, report, "save", "Bản của trực ban.")
    lines = {"text_results": "Nội dung results.\r\n- Đã tổ chức 03 hội nghị.", "version_results": read}
    done = second.post(f"{report}/save", text_direction="Của trưởng bàn.", version_direction=read, **lines)
    assert done.status_code == 200
    assert "Bản của trực ban." in shown(done)
    assert "Của trưởng bàn." in shown(done)


def test_gathering_anew_when_the_sum_was_handed_in_loses_nothing(served: str, world: World) -> None:
    made = report_some(world)
    report, gather = f"/periodic/{made['gathered']}", f"/periodic/rounds/{made['plan']}/{made['past']}/gather"
    writer, head = signed_in(served, world, "shift"), signed_in(served, world, "head")
    head.post(f"{report}/return", remarks="Bổ sung")
    read = version(writer.get(report))
    assert f'formaction="{gather}"' in writer.get(report).text
    press(head, report, "save", "Bản của trưởng bàn.", then="submit")
    late = writer.post(
        gather, report=made["gathered"], text_results="Bản của ca trực.", version_results=read, **TYPED
    )
    assert late.status_code == 409
    assert sorted(copied(late).values()) == ["1.300\nSổ 9", "7", "Bản của ca trực."]
    assert str(late.url).endswith("/gather")
    assert "Bản của trưởng bàn." in shown(late)


def test_who_decides_signs_or_restates_second_keeps_the_words(served: str, world: World) -> None:
    made = report_some(world)
    report, head = f"/periodic/{made['gathered']}", signed_in(served, world, "head")
    assert f'form="decide" formaction="{report}/approve"' in head.get(report).text, "remarks go along"
    head.post(f"{report}/approve")
    signing = {
        "letters": "CAT-PV01",
        "position": "Giám đốc",
        "signatory": "Hoàng Thị Ẩn",
        "recipients": "Bộ Công an",
    }
    late = {
        "return": {"remarks": "Thiếu sổ giấy."}, "approve": {"remarks": "Thiếu sổ giấy."}, "issue": signing,
    }  # fmt: skip
    for button, typed in late.items():
        refused = head.post(f"{report}/{button}", **typed)
        assert refused.status_code == 409, button
        assert sorted(copied(refused).values()) == sorted(typed.values()), button
    head.post(f"{report}/restate", reasons="Đếm thiếu")
    refused = head.post(f"{report}/restate", reasons="Đếm thừa")
    assert (refused.status_code, list(copied(refused).values())) == (409, ["Đếm thừa"])


def test_what_was_kept_before_a_refusal_does_not_stand_there_as_typed(served: str, world: World) -> None:
    report = f"/periodic/{report_some(world)['draft']}"
    writer = signed_in(served, world, "officer")
    refused = press(writer, report, "save", "", then="submit", **TYPED, note_reports_received="Sổ 1")
    assert refused.status_code == 422
    assert "1.300" in shown(refused), "kept"
    for name in ("held", "reports_received"):
        field = re.search(rf'name="value_{name}"[^>]* value="([^"]*)"', refused.text)
        assert field is not None
        assert field[1] == ""


def test_two_who_enter_one_figure(served: str, world: World) -> None:
    report = f"/periodic/{report_some(world)['draft']}"
    first, second = signed_in(served, world, "officer"), signed_in(served, world, "head")
    seen = re.search(r'name="seen" value="(\d+)"', second.get(report).text)
    assert seen is not None
    first.post(f"{report}/figure", figure="held", value_held="1.250", note_held="Sổ 7", seen=seen[1])
    late = second.post(f"{report}/figure", figure="held", value_held="1.300", note_held="Sổ 9", seen=seen[1],
                       value_reports_received="", note_reports_received="")  # fmt: skip
    assert late.status_code == 409
    assert late.text.count('<details class="row-form" open>') == 1, "only where something is not kept"
    for said in ('value="1.300"', 'value="Sổ 9"', 'id="v-held-error"', "1.250", "Sổ 7"):
        assert said in late.text.replace("\u00a0", " "), said
    now_seen = re.search(r'name="seen" value="(\d+)"', late.text)
    assert now_seen is not None
    again = second.post(f"{report}/figure", figure="held", value_held="1.300", note_held="Sổ 9", seen=now_seen[1])
    assert again.status_code == 200
    assert "1.300" in shown(again)


def test_a_text_that_cannot_be_read_is_not_saved_over_anothers_unseen(served: str, world: World) -> None:
    report = f"/periodic/{report_some(world)['draft']}"
    first, second = signed_in(served, world, "officer"), signed_in(served, world, "head")
    read = version(second.get(report))
    press(first, report, "save", "Bản của trực ban.")
    bad = second.post(f"{report}/save", text_results="\uf0b7 Bản của trưởng bàn.", version_results=read)
    assert bad.status_code == 422
    late = second.post(f"{report}/save", text_results="Bản của trưởng bàn.", version_results=version(bad))
    assert late.status_code == 409
    assert "Bản của trực ban." in shown(late)


def test_who_goes_back_and_types_on_is_saved_again(served: str, world: World) -> None:
    """A browser's page of before has the form's old token: only the same words sent twice are the same form."""
    report = f"/periodic/{report_some(world)['draft']}"
    writer = signed_in(served, world, "officer")
    press(writer, report, "save", "Bắt hai nhóm.", once="a")
    press(writer, report, "recount", "Bắt hai nhóm, một đối tượng.", once="a")
    assert "Bắt hai nhóm, một đối tượng." in shown(writer.get(report))
    assert version(writer.get(report)) == "3"
    sent = {"text_results": "Bắt ba nhóm.", "version_results": "3", "once": "b"}
    first = writer.post(f"{report}/save", **sent)
    again = writer.post(f"{report}/save", **sent)
    assert (first.status_code, again.status_code) == (200, 200), "a double click gets the first one's answer"
    assert version(writer.get(report)) == "4"


def test_what_was_emptied_is_not_told_as_typed(served: str, world: World) -> None:
    report = f"/periodic/{report_some(world)['draft']}"
    writer, head = signed_in(served, world, "officer"), signed_in(served, world, "head")
    read = version(writer.get(report))
    press(head, report, "save", "Bản của trưởng bàn.", then="submit")
    late = writer.post(f"{report}/save", text_results="", version_results=read)
    assert late.status_code == 409
    assert copied(late) == {}, "nothing to copy"


def test_a_slip_does_not_hide_what_another_entered(served: str, world: World) -> None:
    report = f"/periodic/{report_some(world)['draft']}"
    first, second = signed_in(served, world, "officer"), signed_in(served, world, "head")
    seen = re.search(r'name="seen" value="(\d+)"', second.get(report).text)
    assert seen is not None
    first.post(f"{report}/figure", figure="held", value_held="1.250", note_held="Sổ 7", seen=seen[1])
    late = second.post(f"{report}/figure", figure="held", value_held="mười", note_held="Sổ 9", seen=seen[1])
    assert "Người khác đã ghi số này" in shown(late)
    assert 'value="mười"' in late.text


def test_remarks_typed_go_along_with_approving(served: str, world: World) -> None:
    report, head = f"/periodic/{report_some(world)['gathered']}", signed_in(served, world, "head")
    done = head.post(f"{report}/approve", remarks="Lần sau nộp kèm sổ giấy.")
    assert done.status_code == 200
    assert "Lần sau nộp kèm sổ giấy." in shown(done)


@pytest.mark.skipif(chromium() is None, reason="Chromium is not installed")
def test_in_a_browser_with_script_too(served: str, world: World) -> None:
    report = f"/periodic/{report_some(world)['draft']}"
    head = signed_in(served, world, "head")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        page = browser.new_page()
        page.goto(served + world.link("officer"))
        page.goto(served + report)
        page.fill("#text_results", "Bắt hai nhóm.\n- Thu 12 điện thoại.")
        page.locator("#f-held summary").click()
        page.fill("#v-held", "1.300")
        page.fill("#n-held", "Sổ 9")
        press(head, report, "save", "Bản của trưởng bàn.", then="submit")
        page.locator("#hand-in button[value=submit]").click()
        expect(page.locator("#unkept-1")).to_have_value("1.300\nSổ 9")
        expect(page.locator("#unkept-2")).to_have_value("Bắt hai nhóm.\n- Thu 12 điện thoại.")
        expect(page.locator("textarea")).to_have_count(2)
        browser.close()
