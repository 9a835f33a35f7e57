"""The texts of templates/telegram: what they say, that Telegram takes them, and that names can't break them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import Outbox, User
from accounts.outbox import say, send_due
from accounts.screens import rendered
from playlists import notes
from playlists.models import PlaylistRun
from playlists.notify import LISTED, SHOWN, card

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
URL = "https://open.spotify.com/playlist/abc?a=1&b=2"
RUN = {"run": 12, "day": "2026-11-23"}
INCIDENTS: list[dict[str, Any]] = [
    {"kind": "premium", "params": {"until": "2026-11-23T13:00:00+00:00"}},
    {"kind": "bad_key", "params": {"service": "spotify"}},
    {"kind": "bad_key", "params": {"service": "lastfm"}},
    {"kind": "quota", "params": {"until": "2026-11-24T00:30:00+00:00"}},
    {"kind": "quota", "params": {}},
    {"kind": "quota", "params": {"until": "2026-11-24T00:30:00+00:00", "family": "search"}},
    {"kind": "quota", "params": {"until": "2026-11-24T00:30:00+00:00", "ours": True}},
    {"kind": "quota", "params": {"until": "", "ours": True}},
    {"kind": "down", "params": {"service": "lastfm"}},
    {"kind": "worker", "params": {}},
    {"kind": "night", "params": {"count": 2, "users": ["al<ice", "tg7"]}},
    {"kind": "night", "params": {}},
    {"kind": "some<thing", "params": {}},
]
PROGRESS: dict[str, Any] = {"run": 12, "preview": False, "likes": 214, "candidates": 640, "names": 45, "tracks": 30}
PROGRESS |= {"sources": [{"name": name, "found": 21} for name in notes.SOURCES]}
REFUSALS = ("not_connected", "under_way", "parked", "too_many", "written", "not_written", "old", "gone")
PARKED_UNTIL = "2026-11-23T13:30:00+00:00"
PARKED = {"code": "rate_limited", "params": {"until": "2026-11-23T13:30:00+00:00"}}


def track(**changed: Any) -> dict[str, Any]:
    reason = {"relation": "similar_track", "because": "Кино - Перемен"}
    return {
        "artists": "AC/DC",
        "name": "Thunderstruck",
        "reason": reason,
        "source": "lastfm_similar_tracks",
        "is_new": True,
        **changed,
    }


def playlist(*tracks: dict[str, Any], relaxations: tuple[str, ...] = ()) -> dict[str, Any]:
    plan = {"tracks": tracks or [track()], "relaxations": list(relaxations)}
    named = {"playlist_name": "Daily Vibe · 23", "playlist_url": URL}
    return card(PlaylistRun(pk=12, plan=plan, day=date(2026, 11, 23), min_new_ratio=0.8, **named))


EVERYTHING = [
    ("playlist", playlist()),
    ("playlist", playlist(*[track(is_new=n % 2 == 0) for n in range(30)], relaxations=tuple(notes.RELAXATIONS))),
    ("playlist", {**playlist(), "url": ""}),
    *(("failed", {**RUN, "code": code, "params": {}}) for code in notes.ERRORS),
    ("parked", {**RUN, **PARKED, "until": "2026-11-23T13:30:00+00:00"}),
    ("failed", {**RUN, "code": "timeout", "params": {}, "forced": True}),
    ("needs_link", {**RUN, "code": "consent_ended"}),
    ("needs_link", {"code": "consent_ended"}),
    *(("progress", {"run": 12, "is_idle": idle, "preview": idle}) for idle in (True, False)),
    *(("progress", PROGRESS | {"step": step}) for step in ("library", "asking", "candidates", "selecting", "writing")),
    ("progress", {"run": 12, "preview": False, "step": "writing", "tracks": 1}),
    (
        "preview",
        card(PlaylistRun(pk=12, plan={"tracks": [track()] * 100}, day=date(2026, 11, 23), min_new_ratio=0.8), LISTED),
    ),
    ("ask_night", {}),
    ("latest_none", {}),
    ("preview_bad", {}),
    ("change_cancel", {}),
    ("change", {"size": 30, "share": 80, "sizes": [10, 20], "shares": [50, 100]}),
    *(("more_like", {"count": count}) for count in (0, 1, 5)),
    *(("refused", PARKED | {"why": why, "until": PARKED_UNTIL, "limit": 5, "is_idle": True}) for why in REFUSALS),
    *(("consent_ending", {"days": days}) for days in (0, 1, 14)),
    *(("incident_open", payload) for payload in INCIDENTS),
    *(("incident_closed", payload) for payload in INCIDENTS),
]


def text(kind: str, payload: dict[str, Any], user: User | None = None) -> str:
    return rendered(Outbox(kind=kind, payload=payload, chat_id=7), user, NOW)[0]


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_telegram_takes_every_message_in_every_language(sandbox, settings, db, language):
    settings.TELEGRAM_BOT_TOKEN, settings.TELEGRAM_CALL_GAP_MS = "123456:a-token", 0
    User.objects.create_user("bob", telegram_chat_id=5, language=language, timezone="Europe/Moscow")
    for number, (kind, payload) in enumerate(EVERYTHING):
        assert say(5, kind, f"{number}", payload)
    assert send_due(timezone.now) == {"sent": len(EVERYTHING)}
    for message in sandbox.state()["messages"][-len(EVERYTHING) :]:
        assert "\n\n\n" not in message["text"]
        assert message["text"] == message["text"].strip()


def test_a_card_shows_tracks_with_their_reasons_counts_link_and_button():
    html = text("playlist", playlist(*[track(is_new=n > 0) for n in range(SHOWN + 1)]))
    assert '<a href="https://open.spotify.com/playlist/abc?a=1&amp;b=2">Daily Vibe · 23</a>' in html
    assert "6 tracks\nYou asked for at least 80 % new; 5 of 6 are new.\n" in html
    assert html.count("<b>AC/DC</b> – Thunderstruck\n<i>listeners of Кино - Перемен also play this</i>") == SHOWN
    assert html.endswith("…")
    _, markup = rendered(Outbox(kind="playlist", payload=playlist(), chat_id=7), None, NOW)
    assert markup is not None
    assert markup["inline_keyboard"][0][0] == {"text": "Open in Spotify", "url": URL}


def test_a_whole_list_on_the_card_promises_no_more():
    assert "…" not in text("playlist", playlist())


def test_only_the_card_of_a_playlist_that_has_an_address_has_a_button():
    for kind, payload in EVERYTHING:
        _, markup = rendered(Outbox(kind=kind, payload=payload, chat_id=7), None, NOW)
        addresses = [cell.get("url") for row in (markup or {}).get("inline_keyboard", []) for cell in row]
        assert (URL in addresses) == (kind == "playlist" and bool(payload["url"])), kind


def test_a_listener_reads_no_names_of_settings():
    for kind, payload in EVERYTHING:
        if not kind.startswith("incident"):
            assert not re.search(r"[A-Z]{3,}_[A-Z]+", text(kind, payload)), payload


def test_what_gave_way_is_said():
    assert "possible this time" not in text("playlist", playlist())
    html = text("playlist", playlist(track(is_new=False), relaxations=("min_new_ratio", "short")))
    assert "only 0 of 1 are, as not enough unknown music was found." in html
    assert "possible this time:\n• The list is shorter than asked, as no more was found." in html
    old = playlist(relaxations=("min_new_ratio", "short")) | {"promise": {"relaxations": ["min_new_ratio"]}}
    assert "• Fewer tracks are new than you asked for" in text("playlist", old)


def test_names_that_look_like_tags_are_shown_as_they_are():
    reason = {"relation": "artist_top", "because": "<u>Ke$ha"}
    html = text("playlist", playlist(track(artists="<b>Sigur & Rós", name="I <3 'U' \"", reason=reason)))
    assert "&lt;b&gt;Sigur &amp; Rós" in html
    assert "I &lt;3 &#x27;U&#x27; &quot;" in html
    assert "&lt;u&gt;Ke$ha" in html


def test_the_longest_names_leave_the_text_within_telegrams_limit():
    reason = {"relation": "similar_track", "because": "&" * 2000}
    long = track(artists="<" * 2000, name="я" * 2000, reason=reason)
    payload = playlist(*[long] * SHOWN, relaxations=tuple(notes.RELAXATIONS))
    assert len(text("playlist", payload).replace("&lt;", "<").replace("&amp;", "&")) < 4096


def test_a_failure_says_what_to_do_and_which_run_it_was():
    html = text("failed", {**RUN, "code": "no_taste", "params": {}})
    assert "There is no playlist for Nov. 23, 2026." in html
    assert notes.sentence("no_taste", {}).replace("'", "&#x27;") in html
    assert "Run number 12" in html


def test_a_parked_run_is_told_in_the_listeners_time_and_is_nobodys_fault():
    user = User(language="en", timezone="Asia/Tokyo")
    html = text("parked", {**RUN, **PARKED, "until": "2026-11-23T13:30:00+00:00"}, user)
    assert html.count("10:30 p.m. (JST)") == 1
    assert "Nothing is wrong on your side" in html


def test_a_parked_run_is_told_one_hour_that_of_its_own_next_try():
    html = text("parked", {**RUN, **PARKED, "until": "2026-11-23T13:33:00+00:00"})
    assert ("1:33 p.m." in html, "1:30 p.m." in html) == (True, False)


@pytest.mark.parametrize(("language", "told"), [("en", "November 24, 01:00"), ("ru", "24 ноября, 01:00")])
def test_an_hour_of_another_day_is_told_with_its_date(language, told):
    user = User(language=language, timezone="Asia/Tokyo")
    params = {"until": (NOW + timedelta(hours=4)).isoformat()}
    assert told in text("incident_open", {"kind": "quota", "params": params}, user)


@pytest.mark.parametrize(
    ("facts", "is_of_the_day"),
    [({"code": "timeout"}, True), ({"code": "timeout", "forced": True}, False), ({"code": "too_short"}, False)],
)
def test_a_day_that_may_have_its_playlist_is_not_said_to_have_none(facts, is_of_the_day):
    html = text("failed", {**RUN, "params": {}, **facts})
    assert ("no playlist for" in html) == is_of_the_day
    assert ("no new playlist" in html) != is_of_the_day


@pytest.mark.parametrize(("days", "said"), [(0, "ends today"), (1, "ends in 1 day."), (14, "ends in 14 days.")])
def test_a_consent_that_ends_is_told_with_what_to_do(days, said):
    html = text("consent_ending", {"days": days})
    assert said in html
    assert "/connect" in html


def test_a_lost_consent_is_told_with_what_to_do():
    assert "/connect" in text("needs_link", {**RUN, "code": "needs_reconnect"})
    html = text("needs_link", {"code": "needs_reconnect"})
    assert html.startswith("<b>Spotify must be connected again.</b>")


@pytest.mark.parametrize(
    ("kind", "params", "said"),
    [
        ("premium", {}, "Renew the subscription"),
        ("bad_key", {"service": "lastfm"}, "Last.fm refuses the keys of this installation.</b>\nCheck LASTFM_API_KEY"),
        ("bad_key", {"service": "spotify"}, "SPOTIFY_CLIENT_SECRET"),
        ("quota", {"until": "2026-11-23T18:00:00+00:00"}, "by themselves after 18:00 UTC."),
        ("quota", {"family": "search"}, "one kind of request is used up: search."),
        ("quota", {"ours": True}, "raise SPOTIFY_DAILY_CALLS"),
        ("down", {"service": "spotify"}, "Spotify has been failing"),
        ("worker", {}, "read the worker&#x27;s log"),
        ("night", {"count": 3, "users": ["alice", "bob"]}, "3 playlists were not made.</b>\nalice, bob\nOpen the runs"),
        ("flood", {}, "attention: flood"),
    ],
)
def test_the_operator_is_told_what_to_do(kind, params, said):
    assert said.replace("&#x27;", "'") in text("incident_open", {"kind": kind, "params": params}).replace("&#x27;", "'")


def test_an_end_is_told_in_one_sentence():
    for payload in INCIDENTS:
        html = text("incident_closed", payload)
        assert html.startswith("Over: ")
        assert "\n" not in html


def test_the_language_is_the_listeners_own():
    payload = {**RUN, "code": "timeout", "params": {}}
    assert "не ответил вовремя" in text("failed", payload, User(language="ru"))
    assert "did not answer" in text("failed", payload, User(language="en"))
    assert "did not answer" in text("failed", payload)
