"""What a stranger tries first: forged forms, planted sessions, ways off the site, ways into files."""

import re

import httpx
import pytest
from tests.factories.desk_world import World
from tests.factories.server import free_port, serving

from lachan.bootstrap import build
from lachan.doors.api import create_app
from lachan.doors.web.visit import SESSION_COOKIE, STRANGER_COOKIE, here_only

PASSWORD = "mật khẩu của bản thử 01"
OFF_THE_SITE = (
    "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "/\t/evil.example", "/\n/evil.example", "javascript:alert(1)", "http:evil.example", " //evil.example",
    "/\x00/evil.example", "https:/evil.example", "%2f%2fevil.example", "evil.example",
)  # fmt: skip
INTO_FILES = (
    "/static/../headers.py", "/static/%2e%2e/headers.py", "/static/..%2f..%2fheaders.py",
    "/static/%2e%2e%2f%2e%2e%2f%2e%2e%2fetc/passwd", "/static//etc/passwd", "/static/....//headers.py",
    "/static/%00", "/static/..%5cheaders.py",
)  # fmt: skip


def form_token(client: httpx.Client, path: str = "/sign-in") -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found is not None
    return found[1]


def fields(client: httpx.Client, **more: str) -> dict[str, str]:
    return {"csrf_token": form_token(client), "account": "officer", "password": PASSWORD, **more}


@pytest.mark.parametrize("address", OFF_THE_SITE)
def test_no_address_leads_off_the_site(client: httpx.Client, address: str) -> None:
    assert here_only(address, "/") == "/"
    for answer in (
        client.get("/language/en", params={"next": address}),
        client.get("/sign-in/step", params={"next": address}),
        client.post("/sign-in", data=fields(client, next=address)),
    ):
        assert "evil" not in answer.headers.get("location", "").partition("next=")[0]
        assert not answer.headers.get("location", "/").startswith(("//", "/\\", "http", "javascript"))


@pytest.mark.parametrize("path", INTO_FILES)
def test_no_address_leads_into_the_files(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in {400, 404}, answer.status_code
    assert "root:" not in answer.text
    assert "SecurityHeaders" not in answer.text


def test_a_planted_session_is_not_taken_over(client: httpx.Client, world: World) -> None:
    planted = "planted-by-somebody-else"
    client.cookies.set(SESSION_COOKIE, planted)
    answer = client.post("/sign-in", data=fields(client))
    first = answer.cookies[SESSION_COOKIE]
    assert first != planted
    assert len(first) >= 40
    client.cookies.clear()
    client.cookies.set(SESSION_COOKIE, first)
    page = client.get("/sign-in/step").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    done = client.post(
        "/sign-in/password",
        data={"csrf_token": token[1], "old": PASSWORD, "password": "con co bay la 2026 nhe"},
    )
    # With each step a new token: one that was seen before is worth nothing.
    assert done.cookies[SESSION_COOKIE] not in {first, planted}
    client.cookies.clear()
    client.cookies.set(SESSION_COOKIE, first)
    assert client.get("/desk").headers["location"].startswith("/sign-in")


def test_a_form_needs_the_token_of_its_own_browser(client: httpx.Client, served: str) -> None:
    mine = form_token(client)
    with httpx.Client(base_url=served) as other:
        theirs = form_token(other)
    assert mine != theirs
    for given in (theirs, "", mine[:-1], mine.upper()):
        answer = client.post("/sign-in", data={**fields(client), "csrf_token": given})
        assert answer.status_code == 403
        assert SESSION_COOKIE not in answer.cookies


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
def test_cookies_are_for_this_site_and_no_script(world: World, scheme: str, secure: bool) -> None:
    settings = world.services.settings.model_copy(update={"base_url": f"{scheme}://desk.example"})
    services = build(settings)
    with (
        serving(create_app(services), free_port()) as address,
        httpx.Client(base_url=address, headers={"accept": "text/html"}) as client,
    ):
        stranger = client.get("/sign-in")
        # A browser that speaks plain HTTP would not send a secure cookie back: name it ourselves.
        cookie = {"cookie": f"{STRANGER_COOKIE}={stranger.cookies.get(STRANGER_COOKIE, '') or _cookie(stranger)}"}
        token = re.search(r'name="csrf_token" value="([^"]+)"', stranger.text)
        assert token is not None
        given = {"csrf_token": token[1], "account": "officer", "password": PASSWORD}
        client.cookies.clear()
        signed = client.post("/sign-in", data=given, headers=cookie)
        assert signed.status_code == 303, signed.text[:300]
        assert ("strict-transport-security" in signed.headers) is secure
        for answer in (stranger, signed):
            for said in answer.headers.get_list("set-cookie"):
                assert "HttpOnly" in said
                assert "SameSite=lax" in said
                assert ("Secure" in said) is secure
                assert "Domain" not in said
    services.db.close()


def _cookie(answer: httpx.Response) -> str:
    return answer.headers["set-cookie"].partition("=")[2].partition(";")[0]


def test_what_is_shown_runs_nothing(client: httpx.Client, world: World) -> None:
    policy = client.get("/report").headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "object-src 'none'" in policy
    evil = '"><script>alert(1)</script>'
    for answer in (
        client.get("/status", params={"code": evil}), client.get("/sign-in", params={"next": evil}),
        client.post("/sign-in", data={**fields(client), "account": evil}),
        client.get(f"/appeal/{evil}"), client.get("/status", params={"lang": evil}),
    ):  # fmt: skip
        assert "<script>alert" not in answer.text
