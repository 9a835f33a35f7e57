"""`manage.py whatif`: what a list would have been, from the ledger alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from playlists.disconnect import disconnect
from playlists.generate import generate
from playlists.models import PlaylistRun, PlaylistRunTrack, RunLedger
from playlists.reasons import OWN

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)


@pytest.fixture
def run(listener: User, warm: None, sandbox) -> PlaylistRun:
    made = generate(listener, trigger="shell", clock=lambda: datetime.now(UTC), size=12)
    assert made.status == "success"
    sandbox.calls(clear=True)
    return made


def whatif(capsys, *words: Any) -> dict[str, Any]:
    capsys.readouterr()
    call_command("whatif", *map(str, words), "--json")
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def refused(*words: Any) -> tuple[str, int]:
    with pytest.raises(CommandError) as error:
        call_command("whatif", *map(str, words))
    return str(error.value), error.value.returncode


def test_without_changes_a_real_run_gives_exactly_what_was_published(run, capsys, sandbox):
    told = whatif(capsys, run.pk)
    published = [
        (track.spotify_track_id, track.name, track.artists, None if track.reason["relation"] in OWN else track.score)
        for track in run.tracks.all()
    ]
    assert [(row["id"], row["name"], row["artists"], row["score"]) for row in told["rows"]] == published
    assert told["counts"] == {"kept": 12, "gone": 0, "new": 0}
    assert (told["look_up"], told["drift"]) == (0, 0)
    assert told["before"] == told["after"]
    assert told["before"]["novelty"] == run.novelty
    assert sandbox.calls() == []


def test_a_longer_list_keeps_the_old_one_and_says_what_is_new(run, capsys, sandbox):
    told = whatif(capsys, run.public_id, "--size", 20, "--ratio", 1)
    assert (told["before"]["total"], told["after"]["total"]) == (12, 20)
    assert told["after"]["settings"] | {"size": 20, "ratio": 1.0} == told["after"]["settings"]
    assert told["counts"]["new"] == 8 + told["counts"]["gone"]
    new = [row for row in told["rows"] if row["change"] == "new"]
    assert all(row["fate"] and row["was"] is None and row["name"] and row["artists"] for row in new)
    assert sum(row["look_up"] for row in new) == told["look_up"] == sum(not row["id"] for row in new)
    assert sandbox.calls() == []


def test_a_silenced_source_loses_its_tracks_and_each_says_why(run, capsys):
    source = run.tracks.first().source
    told = whatif(capsys, run.pk, "--weights", f"{source}=0")
    assert told["after"]["settings"]["weights"][source] == 0
    gone = [row for row in told["rows"] if row["change"] == "gone"]
    assert gone
    assert all(row["place"] is None and row["was"] and row["fate"] for row in gone)


def test_a_weight_of_a_source_that_said_nothing_is_told_to_change_nothing(run, capsys):
    weights = f"spotify_recommendations=2,{run.tracks.first().source}=2"
    assert whatif(capsys, run.pk, "--weights", weights)["silent"] == ["spotify_recommendations"]
    call_command("whatif", str(run.pk), "--weights", weights)
    assert "Nothing came from spotify_recommendations in this run" in capsys.readouterr().out


def steered(listener: User, words: str) -> PlaylistRun:
    made = generate(listener, trigger="shell", clock=lambda: datetime.now(UTC), size=12, steer=words)
    assert made.status == "success"
    return made


@pytest.mark.parametrize("languages", ["auto", "off", "ru 100"])
def test_a_wish_rests_the_languages_before_and_after(listener, sandbox, capsys, languages):
    made = steered(listener, "by Kino")
    told = whatif(capsys, made.pk, "--languages", languages)
    assert told["counts"] == {"kept": made.total, "gone": 0, "new": 0}
    assert told["before"] == told["after"]
    assert told["after"]["settings"]["languages"] == "off"
    call_command("whatif", str(made.pk), "--languages", languages)
    assert "A list by a wish is not shared out among languages." in capsys.readouterr().out


def test_a_wish_keeps_what_it_makes_of_a_weight_and_what_gave_way_before_the_choice(listener, sandbox, capsys):
    made = steered(listener, "спокойный джаз")
    told = whatif(capsys, made.pk)
    assert "wish_partly" in told["before"]["relaxations"]
    assert told["before"] == told["after"]
    assert told["before"]["settings"]["weights"] == made.report["weights"] == {}
    same = whatif(capsys, made.pk, "--weights", "lastfm_tags=1")
    assert (same["rows"], same["counts"]["gone"]) == (told["rows"], 0)
    assert whatif(capsys, made.pk, "--weights", "lastfm_tags=0")["rows"] != told["rows"]


def test_why_tracks_are_missing_is_told_only_while_they_are(run, capsys):
    PlaylistRun.objects.filter(pk=run.pk).update(relaxations=["short", "not_at_spotify", "quota"])
    assert whatif(capsys, run.pk)["after"]["relaxations"] == ["quota"]


def test_a_like_of_his_own_that_was_not_ranked_is_told_without_a_score(run, capsys):
    track = run.tracks.first()
    track.reason, track.score = {"relation": "forgotten_like", "because": "2019"}, 0.0
    track.save()
    row = next(row for row in whatif(capsys, run.pk)["rows"] if row["id"] == track.spotify_track_id)
    assert (row["change"], row["score_before"]) == ("kept", None)
    assert row["score"] > 0
    gone = whatif(capsys, run.pk, "--weights", f"{track.source}=0", "--size", 1)["rows"]
    assert all(row["score"] is None for row in gone if row["id"] == track.spotify_track_id and row["change"] == "gone")


def test_nothing_is_written(run, capsys):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        whatif(capsys, run.pk, "--size", 5)
    assert {query["sql"].split()[0] for query in asked} == {"SELECT"}


def test_a_person_reads_what_changes_and_why(run, capsys):
    call_command("whatif", str(run.pk), "--size", "3", "--wild", "10")
    shown = capsys.readouterr().out
    for words in (
        "Tracks: 12 → 3",
        "Wildness, 0 to 10: 0 → 10",
        "Kept ",
        f"Before: {run.new} of 12 new to the listener",
        "ranked below",
    ):
        assert words in shown, words
    for track in run.tracks.all():
        assert track.name in shown


def test_who_disconnects_leaves_nothing_to_replay(run):
    disconnect(run.user, datetime.now(UTC))
    assert not RunLedger.objects.exists()
    PlaylistRunTrack.objects.create(run=run, position=1, spotify_track_id="t", name="n", artists="a", source="s")
    assert refused(run.pk)[0] == (
        f"The ledger of run {run.pk} is no longer there: it is kept for 30 days, and while Spotify is connected."
    )


def test_who_is_deleted_takes_his_ledgers_along(run):
    run.user.delete()
    assert not RunLedger.objects.exists()


def chosen(user: User, ledger: dict[str, Any]) -> PlaylistRun:
    track = {"id": "t", "name": "n", "artists": "a", "score": 1.0, "is_new": True, "source": "s", "reason": {}}
    plan = {"tracks": [track], "relaxations": []}
    made = PlaylistRun.objects.create(
        user=user, day=NOW.date(), created_at=NOW, size_asked=2, min_new_ratio=0.5, plan=plan
    )
    RunLedger.objects.create(run=made, body=RunLedger.pack(ledger))
    return made


def test_a_ledger_of_the_first_version_is_too_old(alice):
    made = chosen(alice, {"seeds": [], "candidates": []})
    assert refused(made.pk) == (f"The ledger of run {made.pk} is of another version and too old to be replayed.", 1)


def test_a_run_that_chose_nothing_has_nothing_to_compare_with(alice):
    made = PlaylistRun.objects.create(user=alice, day=NOW.date(), created_at=NOW, size_asked=2, min_new_ratio=0.5)
    assert refused(made.pk) == (f"Run {made.pk} has chosen no tracks, so there is nothing to compare with.", 1)


@pytest.mark.parametrize("words", ["4711", "no-such-page", "²", "9" * 30, "-0"])
def test_a_run_that_is_not_there_is_named(db, words):
    assert refused("--size=5", "--", words) == (f"There is no run {words}.", 2)


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        *(("size", "0", "1"), ("size", "101", "100"), ("size", "ten", "whole number")),
        *(("ratio", "1.1", "1"), ("ratio", "nan", "number"), ("wild", "11", "10"), ("cooldown", "-1", "0")),
        *(("weights", "nobody=1", "There is no source nobody"), ("weights", "=1", "There is no source -")),
        *(
            ("weights", "lastfm_similar_tracks=11", "from 0 to 10"),
            ("weights", "lastfm_similar_tracks", "from 0 to 10"),
        ),
        ("weights", "lastfm_tags=1, lastfm_tags=2", "The weight of lastfm_tags is given twice."),
        *(("weights", "lastfm_similar_tracks=inf", "from 0 to 10"), ("languages", "klingon 50", "klingon")),
    ],
)
def test_a_value_out_of_bounds_is_said_with_its_option(db, option, value, words):
    told, code = refused("1", f"--{option}={value}")
    assert told.startswith(f"--{option}: ")
    assert words in told
    assert code == 2
