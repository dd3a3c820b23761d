"""On a report's page nothing that was typed is lost, whichever of its buttons is pressed."""

import re

import httpx
from tests.factories.desk_world import World
from tests.factories.inbox_world import Desk, shown, signed_in
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
