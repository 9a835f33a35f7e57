"""Attacks on the pages and the admin. The first line of each test is its row in docs/security.md."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django_q.models import Schedule

from accounts.models import SpotifyAccount, User
from playlists.models import PlaylistRun, PlaylistRunTrack

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
NASTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ settings.SECRET_KEY }}{% debug %}{{ 7|add:7 }}",
    "javascript:alert(1)",
    "</title><svg/onload=alert(1)>",
)
PASSWORD = "a-Long-Password-1"
MARKS = ("<script>alert", "<img src=x", "<svg/onload", "test-secret_key")


@pytest.fixture
def run(victim):
    run = PlaylistRun.objects.create(
        user=victim, trigger="bot", day=NOW.date(), created_at=NOW, size_asked=5, min_new_ratio=0.8, status="success",
        playlist_id="p", playlist_url="https://open.spotify.com/playlist/p", playlist_name=NASTY[0], total=5, new=5,
        novelty=1.0, finished_at=NOW, started_at=NOW,
    )  # fmt: skip
    for place, text in enumerate(NASTY, 1):
        PlaylistRunTrack.objects.create(
            run=run, position=place, spotify_track_id=f"t{place}", name=text, artists=text, source="lastfm",
            cover_url=f"https://evil.example/{place}.png", reason={"relation": "similar_track", "because": text},
        )  # fmt: skip
    return run


@pytest.fixture
def operator(site):
    User.objects.create_superuser("operator", password=PASSWORD)
    browser = site.browser()
    assert signed_in(browser).status_code == 302
    return browser


def signed_in(browser, name="operator", password=PASSWORD, path="/admin/login/", **form):
    return browser.submit(path, username=name, password=password, **form)


def test_enumeration_of_runs(site, run):
    """Run pages asked for by number, by neighbours and by guess | 404, and 429 after the first few"""
    guesses = [str(run.pk), run.public_id[:-1], run.public_id[:-1] + "!", run.public_id.swapcase()]
    browser = site.browser()
    assert {browser.open(f"/runs/{guess}").status_code for guess in guesses} == {404}
    assert browser.open(f"/runs/{run.public_id}").status_code == 200
    assert len(run.public_id) == 22  # 128 random bits
    assert {browser.open(f"/runs/guess{number}").status_code for number in range(70)} == {404, 429}


def test_markup_in_track_names(site, run, operator):
    """HTML, scripts and template code as names of tracks, artists, playlists and reasons | shown as text everywhere"""
    pages = (
        f"/runs/{run.public_id}",
        f"/admin/playlists/playlistrun/{run.pk}/change/",
        "/admin/playlists/playlistrun/",
    )
    for path in pages:
        page = operator.open(path)
        assert page.status_code == 200, path
        assert not [mark for mark in MARKS if mark in page.text], path


def test_foreign_pictures(site, run):
    """A cover on another host than Spotify's | not shown, and the content policy would refuse it"""
    page = site.browser().open(f"/runs/{run.public_id}")
    assert "evil.example" not in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_frames(site, run):
    """Our pages in somebody's frame | refused by X-Frame-Options and frame-ancestors"""
    for path in ("/", f"/runs/{run.public_id}", "/admin/login/"):
        headers = site.browser().open(path).headers
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_wrong_methods(site, run):
    """POST, PUT and DELETE at pages that only show something | 403 or 405"""
    for path in ("/privacy", f"/runs/{run.public_id}", "/health", "/ready"):
        for method in ("POST", "PUT", "DELETE"):
            assert site.browser().open(path, method).status_code in {403, 405}, (method, path)


def test_guessed_passwords(site):
    """Passwords of the admin guessed | locked for that name from that address after 5; the operator's desk is not"""
    User.objects.create_superuser("operator", password=PASSWORD)
    browser = site.browser()
    statuses = [signed_in(browser, password=f"guess{number}").status_code for number in range(6)]
    assert statuses[:4] == [200] * 4
    assert statuses[-1] == 429
    assert signed_in(browser).status_code == 429  # the right one, too
    # X-Forwarded-For is not believed where there is no proxy of ours.
    assert browser.open("/admin/login/", headers={"X-Forwarded-For": "9.9.9.9"}).status_code in {200, 429}


def test_redirect_after_login(site):
    """`next` of the admin's login leads to another site | the operator lands in the admin"""
    User.objects.create_superuser("operator", password=PASSWORD)
    answer = signed_in(site.browser(), path="/admin/login/?next=//evil.example", next="//evil.example")
    assert answer.headers["Location"] == "/admin/"


def test_admin_without_staff(site, victim, run):
    """Admin pages, doctor and dashboard by who is not signed in, or is no staff | the login, no data"""
    for path in ("/admin/", "/admin/doctor/", "/admin/playlists/playlistrun/", "/admin/accounts/spotifyaccount/"):
        answer = site.browser().open(path)
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/admin/login/")


def test_a_schedule_is_code(site, operator):
    """Staff adds a schedule, which could call any function | 403, even for a superuser"""
    answer = operator.submit("/admin/django_q/schedule/add/", func="os.system", args="'id'")
    assert answer.status_code == 403
    assert not Schedule.objects.filter(func="os.system").exists()


def test_forged_admin_action(site, victim, operator):
    """Another site submits an admin action in the operator's browser | 403, nothing is done"""
    SpotifyAccount.objects.create(
        user=victim, account_id="a", spotify_user_id="a", pending=False, expires_at=NOW, authorized_at=NOW
    )
    form = {"action": "disconnect", "_selected_action": str(victim.pk)}
    answer = operator.open("/admin/accounts/user/", "POST", data=form, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert SpotifyAccount.objects.exists()


def test_rights_of_staff(site, victim):
    """Staff without rights posts an action or opens the doctor | 403, or the list without it; nothing is done"""
    User.objects.create_user("helper", password=PASSWORD, is_staff=True)
    browser = site.browser()
    assert signed_in(browser, "helper").status_code == 302
    form = {"action": "generate", "_selected_action": str(victim.pk)}
    assert browser.submit("/admin/accounts/user/", **form).status_code == 403
    assert browser.submit("/admin/doctor/").status_code == 403
    assert not PlaylistRun.objects.exists()
