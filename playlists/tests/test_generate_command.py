from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from playlists.models import PlaylistRun
from playlists.states import LEASE


def run(*arguments: str) -> int:
    try:
        call_command("generate", *arguments)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_the_tracks_the_novelty_the_cost_and_the_link_are_printed(listener, capsys):
    assert run("--user", str(listener.pk), "--size", "5") == 0
    out = capsys.readouterr().out
    made = PlaylistRun.objects.get()
    for track in made.tracks.all():
        assert track.name in out
        assert track.source in out
    assert "You asked for at least 80 % new; 5 of 5 are new." in out
    assert "artists, " in out
    assert made.playlist_url in out
    assert "spotify/playlist_write 2" in out
    assert "writing 0." in out


@pytest.mark.usefixtures("warm")
def test_json_is_one_object_and_nothing_else(listener, capsys):
    assert run("--user", "@alice", "--size", "5", "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["run"]["status"] == "success"
    assert [track["position"] for track in shown["tracks"]] == [1, 2, 3, 4, 5]
    assert shown["tracks"][0].keys() == {"position", "id", "name", "artists", "source", "reason", "is_new_to_bot"}


@pytest.mark.usefixtures("warm")
def test_a_playlist_that_is_there_already_is_shown_again(listener, sandbox, capsys):
    assert run("--user", "tg:7", "--size", "5") == 0
    first = capsys.readouterr().out
    sandbox.calls(clear=True)
    assert run("--user", "tg:7") == 0
    again = capsys.readouterr().out
    assert "was there already" in again
    assert again.endswith(first)
    assert sandbox.calls() == []


@pytest.mark.usefixtures("warm")
def test_a_dry_run_says_that_it_is_one(listener, capsys):
    assert run("--user", "@alice", "--dry-run", "--size", "3", "--min-new-ratio", "1") == 0
    assert "Dry run" in capsys.readouterr().out


@pytest.mark.usefixtures("warm")
def test_a_run_may_be_wilder_and_in_other_languages_than_its_listener_wishes(listener, capsys):
    listener.wildness, listener.languages = 2, "off"
    listener.save()
    dials = ["--wild", "7", "--languages", "ru 100"]
    assert run("--user", "@alice", "--dry-run", "--size", "5", *dials, "--json") == 0
    shown = json.loads(capsys.readouterr().out)["run"]
    assert (shown["wildness"], shown["languages"]) == (7, "ru 100")
    assert shown["report"]["languages"] == {"aimed": {"ru": 1.0, "other": 0.0}, "tracks": {"ru": 5}}
    assert run("--user", "@alice", "--dry-run", "--size", "5", "--json") == 0
    shown = json.loads(capsys.readouterr().out)["run"]
    assert (shown["wildness"], shown["languages"], shown["report"]["languages"]["aimed"]) == (2, "off", {})


@pytest.mark.usefixtures("warm")
def test_everybody_gets_a_playlist_and_one_failure_does_not_stop_the_rest(listener, sandbox, capsys):
    broken = User.objects.create_user("aaron")
    broken.spotify_accounts.create(
        account_id="x", spotify_user_id="x", pending=False, needs_reconnect=True,
        expires_at=datetime.now(UTC) - timedelta(days=1), authorized_at=datetime.now(UTC),
    )  # fmt: skip
    User.objects.create_user("not-linked")
    assert run("--all", "--size", "3", "--json") == 1
    shown = json.loads(capsys.readouterr().out)
    assert [one["run"]["status"] for one in shown["runs"]] == ["success", "needs_link"]


def test_a_failed_run_is_one_line_and_exit_code_one(listener, sandbox, capsys):
    sandbox.fault("forbidden", reason="not_registered", times=None)
    assert run("--user", "@alice") == 1
    printed = capsys.readouterr()
    assert "list of users" in printed.err
    assert "Traceback" not in printed.err
    assert printed.out == ""


def test_a_failed_run_is_still_one_json_object(listener, sandbox, capsys):
    sandbox.fault("forbidden", reason="not_registered", times=None)
    assert run("--user", "@alice", "--json") == 1
    shown = json.loads(capsys.readouterr().out)
    assert (shown["run"]["status"], shown["run"]["error"]["code"], shown["tracks"]) == ("failed", "not_registered", [])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["--user", "@nobody"], "no_user"), (["--user", "@alice", "--like", "jazz"], "wish_no_tags"),
     (["--user", "@alice", "--like", "🎸"], "wish_unreadable"), (["--user", "@alice", "--size", "0"], "usage"),
     (["--all", "--queue", "--force"], "usage")],
)  # fmt: skip
def test_what_is_refused_is_one_json_object_too(alice, settings, capsys, arguments, code):
    settings.LASTFM_API_KEY = ""
    with pytest.raises(CommandError) as error:
        call_command("generate", *arguments, "--json")
    shown = json.loads(capsys.readouterr().out)
    assert (shown["run"], shown["tracks"], shown["error"]["code"]) == (None, [], code)
    assert (shown["error"]["notes"], error.value.returncode) == (str(error.value), 2)
    assert not PlaylistRun.objects.exists()


@pytest.mark.parametrize("name", ["4711", "tg:5", "@nobody", "what", "tg:x", "-1"])
def test_an_unknown_user_is_told_in_one_line(db, name):
    with pytest.raises(CommandError, match="No user") as error:
        call_command("generate", f"--user={name}")
    assert error.value.returncode == 2


def test_a_user_without_spotify_is_told_how_to_connect(db, capsys):
    User.objects.create_user("bob")
    assert run("--user", "@bob") == 1
    assert "manage.py connect" in capsys.readouterr().err


def test_a_user_whose_run_is_under_way_is_told(listener, capsys):
    PlaylistRun.objects.create(
        user=listener, day=datetime.now(UTC).date(), created_at=datetime.now(UTC), size_asked=5, min_new_ratio=0.8,
        status="running", lease_until=datetime.now(UTC) + LEASE,
    )  # fmt: skip
    assert run("--user", "@alice") == 1
    assert "under way" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [[], ["--user", "@alice", "--all"], ["--user", "@alice", "--size", "0"], ["--user", "@alice", "--size", "101"],
     ["--user", "@alice", "--size", "many"], ["--user", "@alice", "--min-new-ratio", "1.1"],
     ["--user", "@alice", "--min-new-ratio", "nan"], ["--user", "@alice", "--wild", "11"],
     ["--user", "@alice", "--wild", "lots"], ["--user", "@alice", "--languages", "ru 40 en 90"],
     ["--user", "@alice", "--languages", "xx 100"]],
)  # fmt: skip
def test_bad_arguments_are_refused(alice, arguments):
    with pytest.raises(CommandError):
        call_command("generate", *arguments)
    assert not PlaylistRun.objects.exists()


def test_a_wish_makes_another_list_and_is_named_with_it(listener, capsys):
    assert run("--user", "@alice", "--size", "5", "--like", "by Kino", "--dry-run") == 0
    out = capsys.readouterr().out
    assert "By your wish “by Kino”" in out
    assert "Кино" in out
    assert PlaylistRun.objects.get().steer == "by Kino"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--user", "@alice", "--like", "🎸"],
        ["--user", "@alice", "--like", "x" * 61],
        ["--all", "--queue", "--like", "jazz"],
    ],
)
def test_a_wish_that_can_not_be_read_or_queued_is_refused(alice, arguments):
    with pytest.raises(CommandError):
        call_command("generate", *arguments)
    assert not PlaylistRun.objects.exists()
