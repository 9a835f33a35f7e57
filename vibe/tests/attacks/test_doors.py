"""Attacks on the doors for programs. The first line of each test is its row in docs/security.md."""

from __future__ import annotations

import json

import pytest
from django.core.cache import cache

from accounts.models import Outbox, User
from botapp import views, webhook
from botapp.models import HandledUpdate
from playlists.models import PlaylistRun

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "a-token-of-more-than-thirty-two-characters"
DOORS = ("/internal/jobs/nightly", "/internal/jobs/dry-run")
UPDATE = {
    "update_id": 5,
    "message": {
        "message_id": 1,
        "from": {"id": 7, "is_bot": False, "first_name": "Ann"},
        "chat": {"id": 7, "type": "private", "first_name": "Ann"},
        "date": 1,
        "text": "/help",
    },
}


@pytest.fixture(autouse=True)
def _token(settings):
    settings.INTERNAL_JOB_TOKEN = TOKEN


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("door", [*DOORS, "/metrics"])
def test_without_the_token(site, door):
    """Internal endpoints and /metrics without the token, with a part of it, or with it in the address | 401"""
    method = "GET" if door == "/metrics" else "POST"
    for shown in ({}, bearer(""), bearer(TOKEN[:-1]), bearer(TOKEN + "x"), {"Authorization": f"Basic {TOKEN}"}):
        cache.clear()
        assert site.browser().open(door, method, headers=shown).status_code == 401
    assert site.browser().open(f"{door}?token={TOKEN}", method).status_code == 401


@pytest.mark.parametrize("configured", ["", "short"])
def test_no_token_configured(site, settings, configured):
    """INTERNAL_JOB_TOKEN is empty or short, and an empty or that short one is shown | 404: there is no such door"""
    settings.INTERNAL_JOB_TOKEN = configured
    for door in DOORS:
        assert site.browser().open(door, "POST", headers=bearer(configured)).status_code == 404
    assert site.browser().open("/metrics", headers=bearer(configured)).status_code == 404


def test_wrong_methods(site):
    """GET, PUT, DELETE at the internal endpoints with the right token | 405, nothing is queued"""
    for door in DOORS:
        for method in ("GET", "PUT", "DELETE"):
            assert site.browser().open(door, method, headers=bearer(TOKEN)).status_code == 405
    assert not PlaylistRun.objects.exists()


def test_guessed_bearers(site):
    """A hundred wrong tokens a minute | 401, and 429 with Retry-After after the first few"""
    answers = [site.browser().open(DOORS[0], "POST", headers=bearer(f"wrong{number}")) for number in range(30)]
    assert {answer.status_code for answer in answers} == {401, 429}
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_replay_of_the_night(site, victim):
    """The nightly call is replayed | 202 again, nothing is queued twice"""
    first, second = (site.browser().open(DOORS[0], "POST", headers=bearer(TOKEN)) for _ in range(2))
    assert (first.status_code, second.status_code) == (202, 202)
    assert PlaylistRun.objects.count() == 0  # nobody here has a night; doubles are test_nightly_endpoint's


@pytest.mark.parametrize("door", DOORS)
def test_oversized_bodies(site, door):
    """Ten megabytes to an internal endpoint | 413"""
    answer = site.browser().open(door, "POST", data=b"x" * 10_000_000, headers=bearer(TOKEN))
    assert answer.status_code == 413


def test_what_ready_tells(site):
    """/ready and /health asked by a stranger | a word each, no reason, no version, no host"""
    assert set(site.browser().open("/health").json()) == {"status"}
    assert set(site.browser().open("/ready").json()) == {"status"}


@pytest.fixture
def hook(site, settings):
    settings.TELEGRAM_BOT_TOKEN, settings.TELEGRAM_MODE, settings.BOT_OPEN = "123456:a-token", "webhook", True
    views._intake.cache_clear()

    def post(body=UPDATE, secret=None, method="POST"):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {webhook.HEADER: webhook.secret() if secret is None else secret, "Content-Type": "application/json"}
        return site.browser().open("/telegram/webhook/", method, data=content, headers=headers).status_code

    yield post
    views._intake.cache_clear()


def test_forged_updates(hook):
    """An update at the webhook without Telegram's secret, with a wrong or a shortened one | 403, nobody is met"""
    for secret in ("", "wrong", "0" * 64):
        assert hook(secret=secret) == 403
    assert not User.objects.exists()


def test_replayed_updates(hook):
    """A genuine update is replayed | 200, it is carried out and answered once"""
    assert [hook() for _ in range(3)] == [200, 200, 200]
    assert HandledUpdate.objects.count() == 1
    assert Outbox.objects.count() == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 5_000, b"\xff\xfe", b"null", b'{"update_id": "x"}'])
def test_rubbish_updates(hook, body):
    """Rubbish, deep nesting and broken UTF-8 as an update | 200 so that it does not come again, nothing is kept"""
    assert hook(body) == 200
    assert not User.objects.exists()


def test_oversized_updates(hook):
    """An update of a megabyte, and GET at the webhook | 413 and 405"""
    assert hook(b"x" * 1_000_000) == 413
    assert hook(method="GET") == 405
