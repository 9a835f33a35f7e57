"""/preview: a list before it is written, and what may be done with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django_q.models import OrmQ

from accounts.models import Outbox, User
from accounts.screens import rendered
from botapp.tests.at_home import LANGUAGES, NOW, WRONG
from botapp.tests.test_generate import a_playlist
from botapp.tests.turns import answers, rows, screen, screens
from playlists.models import PlaylistRun
from playlists.notify import LISTED, done
from playlists.states import LEASE
from vibe.clients.models import Heartbeat

TRACK = {"artists": "Кино", "name": "Перемен", "source": "liked", "reason": {"relation": "fallback"}, "is_new": True}


@pytest.fixture
def ann(alice: User) -> User:
    Heartbeat.objects.create(name="reap", at=NOW)
    return alice


def shown(user: User, **columns) -> PlaylistRun:
    return a_playlist(user, **{"dry_run": True, "asked": 1, "plan": {"tracks": [TRACK] * 3}, **columns})


def refused(user: User, run: PlaylistRun | str, command: str = "write") -> str:
    (text,) = answers(user, command, f"{run.pk}" if isinstance(run, PlaylistRun) else run, pressed=5)
    return text


@pytest.mark.parametrize(
    ("argument", "size", "ratio"),
    [
        *[
            ("", 30, 0.8),
            ("40", 40, 0.8),
            ("20:100", 20, 1.0),
            ("20 50%", 20, 0.5),
            ("1, 0", 1, 0.0),
            ("100", 100, 0.8),
        ],
        *[("４０", 40, 0.8), ("٣", 3, 0.8), ("٢٠ ٥٠٪", 20, 0.5)],
    ],
)
def test_a_preview_is_a_dry_run_with_a_card(ann, argument, size, ratio):
    (row,) = rows(ann, "preview", argument)
    run = PlaylistRun.objects.get()
    assert (row.kind, row.key, row.payload["preview"]) == ("progress", f"run:{run.pk}:1:card", True)
    assert (run.dry_run, run.night, run.size_asked, run.min_new_ratio) == (True, None, size, ratio)
    assert [ring.task["args"] for ring in OrmQ.objects.all()] == [(run.pk,)]


def test_a_size_or_share_that_can_not_be_is_answered_with_what_can(ann):
    for argument in ["0", "101", "20 101", "20:", "30 -5", "٢٠٠", *WRONG]:
        assert "from 1 to 100" in answers(ann, "preview", argument)[0]
    assert not PlaylistRun.objects.exists()


def test_another_one_waits_until_the_first_is_there(ann):
    answers(ann, "preview")
    assert "already being made" in answers(ann, "preview")[0]
    assert "already being made" in answers(ann, "generate")[0]
    assert PlaylistRun.objects.count() == 1


def test_the_longest_list_fits_into_a_message_in_every_language(ann):
    reason = {"relation": "artist_top", "because": "<" * 400}
    long = {"artists": "я" * 400, "name": "&" * 400, "source": "liked", "reason": reason, "is_new": True}
    run = shown(ann, plan={"tracks": [long] * 100, "relaxations": []})
    done(run)
    row = _row(run)
    for language in LANGUAGES:
        text, markup = rendered(row, User(language=language), NOW)
        assert text.count("\n") > LISTED
        visible = text.replace("&lt;", "<").replace("&amp;", "&")
        assert 2_000 < len(visible) < 4_096 + 7 * LISTED  # of which the tags of each line are not shown
        assert len(visible.replace("<i>", "").replace("</i>", "")) <= 4_096
        assert markup is not None
    assert "… and 70 more tracks" in rendered(row, None, NOW)[0]


def _row(run: PlaylistRun) -> Outbox:
    return Outbox.objects.get(key=f"run:{run.pk}:{run.asked}:preview")


def test_it_offers_to_be_written_or_changed(ann):
    run = shown(ann)
    done(run)
    assert screen(_row(run), ann)[1] == {"Write it": f"write:{run.pk}", "Change": f"change:{run.pk}"}


def test_write_has_that_very_list_published_and_a_card_of_its_own(ann):
    run = shown(ann)
    (row,) = rows(ann, "write", f"{run.pk}", pressed=5)
    run.refresh_from_db()
    assert (row.kind, row.key) == ("progress", f"run:{run.pk}:2:card")
    assert (run.status, run.dry_run, run.night, run.asked, run.attempts) == ("queued", False, None, 2, 0)
    assert run.planned == [TRACK] * 3
    assert not run.tracks.exists()
    assert [ring.task["args"] for ring in OrmQ.objects.all()] == [(run.pk,)]


def test_pressed_twice_it_is_written_once(ann):
    run = shown(ann)
    answers(ann, "write", f"{run.pk}", pressed=5)
    assert "already being made" in refused(ann, run)
    PlaylistRun.objects.update(status="success", playlist_url="https://open.spotify.com/playlist/abc")
    ((text, buttons),) = screens(ann, "write", f"{run.pk}", pressed=5)
    assert "has been written already" in text
    assert buttons == {"Open in Spotify": "https://open.spotify.com/playlist/abc"}
    PlaylistRun.objects.update(status="failed")
    assert "could not be written" in refused(ann, run)
    assert OrmQ.objects.count() == 1


def test_it_is_good_for_a_day(ann):
    assert "too old" in refused(ann, shown(ann, finished_at=NOW - timedelta(hours=24, seconds=1)))
    assert (
        rows(ann, "write", f"{shown(ann, finished_at=NOW - timedelta(hours=24)).pk}", pressed=5)[0].kind == "progress"
    )


def test_it_carries_the_date_on_which_it_is_written(ann):
    run = shown(ann, day=(NOW - timedelta(days=1)).date())
    answers(ann, "write", f"{run.pk}", pressed=5)
    run.refresh_from_db()
    assert run.day == NOW.date()


@pytest.mark.parametrize("status", ["queued", "running"])
def test_beside_another_list_that_was_asked_for_it_waits_its_turn(ann, status):
    run = shown(ann)
    a_playlist(ann, 1, status=status, asked=1, lease_until=NOW + LEASE)
    assert "already being made" in refused(ann, run)
    run.refresh_from_db()
    assert (run.dry_run, run.tracks.count()) == (True, 3)


def test_without_spotify_it_is_not_written(ann):
    run = shown(ann)
    ann.spotify_accounts.all().delete()
    assert "not connected" in refused(ann, run)


@pytest.mark.parametrize("command", ["write", "change"])
def test_a_preview_that_is_not_there_or_not_his_is_said_to_be_gone(ann, command):
    bob = User.objects.create_user("bob", telegram_chat_id=8)
    run = PlaylistRun.objects.create(
        user=bob, trigger="bot", day=NOW.date(), created_at=NOW, finished_at=NOW, status="success", dry_run=True,
        size_asked=5, min_new_ratio=0.8, plan={"tracks": [TRACK]},
    )  # fmt: skip
    for argument in ["", "4711", "12:3:x", f"{run.pk}", *WRONG]:
        assert "no longer there" in refused(ann, argument, command)
    assert PlaylistRun.objects.get().dry_run


def test_a_dry_run_of_the_shell_or_a_list_of_the_night_can_not_be_written(ann):
    for columns in ({"trigger": "shell"}, {"trigger": "nightly", "dry_run": False, "night": NOW.date()}):
        assert "no longer there" in refused(ann, shown(ann, **columns))


def test_change_offers_other_tracks_sizes_and_shares(ann):
    run = shown(ann, size_asked=25, min_new_ratio=0.9)
    ((text, buttons),) = screens(ann, "change", f"{run.pk}", pressed=5)
    assert "Now: 25 tracks, at least 90% of them new." in text
    assert buttons == {
        "Other tracks": "preview:25:90",
        **{f"{size} tracks": f"preview:{size}:90" for size in (10, 20, 30, 50)},
        **{f"{share}% new": f"preview:25:{share}" for share in (50, 80, 100)},
        "Cancel": "change_cancel",
    }


def test_cancel_takes_the_place_of_the_choices(ann):
    (row,) = rows(ann, "change_cancel", pressed=5)
    assert (row.message_id, row.kind) == (5, "change_cancel")
    assert not PlaylistRun.objects.exists()
