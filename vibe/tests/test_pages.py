from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import responses
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import path
from django.utils import translation

from accounts.models import User
from vibe import pages, urls
from vibe.tests.sandbox_process import ROOT

GET_ME = "https://api.telegram.org/bot77:a-token/getMe"
# The bot's own texts and the admin's pages are no pages of ours.
TEMPLATES = [one for one in (ROOT / "templates").rglob("*.html") if not {"telegram", "admin"} & set(one.parts)]
RAISED: dict[int, Exception] = {
    400: SuspiciousOperation("odd"),
    403: PermissionDenied("no"),
    413: RequestDataTooBig("much"),
    500: ZeroDivisionError("none of theirs"),
}


def refuse(request: HttpRequest, status: int) -> HttpResponse:
    raise RAISED[status]


urlpatterns = [*urls.urlpatterns, path("refuse/<int:status>", refuse), path("internal/refuse/<int:status>", refuse)]
handler400, handler403, handler404, handler500 = pages.bad_request, pages.forbidden, pages.not_found, pages.failed


@pytest.fixture(autouse=True)
def no_name_is_known() -> None:
    cache.clear()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/privacy", "/nothing"])
def test_a_page_says_what_a_browser_may_do_with_it(client, address):
    answer = client.get(address)
    policy = answer["Content-Security-Policy"]
    for directive in ("default-src 'none'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert directive in policy
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert not answer.cookies


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.name)
def test_no_page_has_a_style_or_script_in_it(template: Path):
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"<style|<script|\sstyle=|\son\w+=|javascript:|data:", text)


@pytest.mark.parametrize("name", ["vibe/site.css", "vibe/icon.svg"])
def test_what_the_pages_need_is_ours_and_loads_nothing_else(name):
    text = Path(str(finders.find(name))).read_text(encoding="utf-8")
    assert not re.search(r"@import|url\((?!#)|<script", text)


@pytest.mark.django_db
@responses.activate
def test_the_landing_leads_to_the_bot_and_asks_its_name_once(client, settings):
    settings.TELEGRAM_BOT_TOKEN = "77:a-token"
    responses.post(GET_ME, json={"ok": True, "result": {"id": 77, "username": "vibe_bot"}})
    assert all('href="https://t.me/vibe_bot"' in client.get("/").content.decode() for _time in range(3))
    assert len(responses.calls) == 1


@pytest.mark.django_db
@responses.activate
def test_the_landing_needs_no_cache(client, settings, caplog):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    settings.TELEGRAM_BOT_TOKEN = "77:a-token"
    responses.post(GET_ME, json={"ok": True, "result": {"id": 77, "username": "vibe_bot"}})
    assert 'href="https://t.me/vibe_bot"' in client.get("/").content.decode()
    assert len(responses.calls) == 1
    assert "the cache cannot be used (ConnectionError)" in caplog.text


@pytest.mark.django_db
@responses.activate
def test_a_silent_telegram_is_not_asked_by_every_visitor(client, settings, monkeypatch):
    monkeypatch.setattr("vibe.clients.http.BACKOFF", ())
    settings.TELEGRAM_BOT_TOKEN = "77:a-token"
    responses.post(GET_ME, status=502)
    assert all("ask whoever gave you this address" in client.get("/").content.decode() for _time in range(3))
    assert len(responses.calls) == 1


@pytest.mark.django_db
def test_staff_alone_is_led_to_the_admin(client):
    assert "/admin/" not in client.get("/").content.decode()
    client.force_login(User.objects.create_superuser("root"))
    assert 'href="/admin/"' in client.get("/").content.decode()


def test_the_language_is_the_browsers_until_another_is_chosen(client):
    assert b'<html lang="en">' in client.get("/privacy", headers={"Accept-Language": "de"}).content
    assert b'<html lang="ru">' in client.get("/privacy", headers={"Accept-Language": "ru,en;q=0.5"}).content
    assert b'<html lang="ru">' in client.get("/privacy?lang=ru").content
    assert b'<html lang="ru">' in client.get("/privacy").content
    assert b'<html lang="en">' in client.get("/privacy?lang=en").content


def test_an_unknown_language_changes_nothing(client):
    answer = client.get("/privacy?lang=../../etc")
    assert not answer.cookies
    assert b'<html lang="en">' in answer.content


@pytest.mark.parametrize("status", RAISED)
def test_an_error_has_a_page_for_people_and_a_word_for_programs(client, settings, status):
    settings.ROOT_URLCONF = __name__
    client.raise_request_exception = False
    answer = client.get(f"/refuse/{status}", headers={"Accept-Language": "ru"})
    assert (answer.status_code, answer["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert f'<p class="code">{status}</p>' in answer.content.decode()
    answer = client.get(f"/internal/refuse/{status}")
    assert (answer.status_code, answer.json()) == (status, {"error": pages.ERRORS[status]})


def test_an_address_that_is_not_there_says_so_to_both(client):
    assert "There is no such page" in client.get("/nothing").content.decode()
    for program in ("/internal/nothing", "/telegram/nothing", "/metrics/nothing"):
        answer: Any = client.get(program)
        assert (answer.status_code, answer.json()) == (404, {"error": "not_found"})


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "413", "429", "500"])
def test_a_page_of_an_error_needs_no_database(name, language):
    with translation.override(language):
        page = render_to_string(f"{name}.html", {"minutes": 5})
    assert f'<html lang="{language}">' in page
    assert len(re.findall("<h1>[^<]+</h1>", page)) == 1


@pytest.mark.parametrize("address", ["/", "/privacy"])
def test_pages_can_only_be_read(client, address):
    assert client.post(address).status_code == 405
