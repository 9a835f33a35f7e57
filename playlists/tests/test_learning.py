"""What a listener does with his list, over real HTTP, and what the next list makes of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from playlists import learning, outcomes
from playlists.models import PlaylistRun, PlaylistRunTrack
from playlists.states import Outcome
from playlists.tests.at_spotify import AtSpotify, client_of, make, now, on_day
from recommendations import feedback
from recommendations.candidates import Listening
from recommendations.models import LibraryState, Play, SavedTrack

pytestmark = pytest.mark.usefixtures("warm")


@pytest.fixture
def spotify(listener, sandbox) -> AtSpotify:
    return AtSpotify(sandbox)


# The sandbox is that of other tests too, so any track may have been heard in one of them.
LEFT = {"kept", "heard"}


def became(run: PlaylistRun) -> dict[str, str]:
    return dict(run.tracks.values_list("spotify_track_id", "outcome"))


def new_ones(run: PlaylistRun) -> list[str]:
    return list(run.tracks.filter(is_new_to_bot=True).values_list("spotify_track_id", flat=True))


def later(run: PlaylistRun, hours: float) -> datetime:
    assert run.finished_at
    return run.finished_at + timedelta(hours=hours)


def play(sandbox, run: PlaylistRun, track_id: str, *, hours: float = 1, context: str | None = None) -> None:
    where = f"spotify:playlist:{run.playlist_id}" if context is None else context
    sandbox.play("demo", track_id, later(run, hours), where)


def test_what_he_played_liked_and_took_out_is_known_the_next_day_and_moves_the_next_list(listener, sandbox, spotify):
    first = make(listener, size=20)
    heard, liked, removed, left, *_others = new_ones(first)
    play(sandbox, first, heard)
    play(sandbox, first, removed, context="")
    sandbox.set_clock(now() + timedelta(hours=2))
    spotify.like(liked)
    spotify.remove(first.playlist_id, removed)
    second = make(listener, on_day(sandbox, 1), size=20)
    found = became(first)
    assert (found[heard], found[liked], found[removed], found[left]) == ("heard", "liked", "removed", "kept")
    assert {found[one] for one in found if one not in (liked, removed)} <= LEFT
    assert second.report["outcomes"] == {"looked": 1, "changed": 20, "error": ""}
    # He took it out of the list: it is neither given again nor a seed, while what he liked is a like.
    assert removed not in became(second)
    assert removed in learning.without_removed(listener.spotify, Listening()).disliked
    keys = dict(listener.spotify.history.values_list("spotify_track_id", "match_key"))
    assert keys[removed] not in {seed[0] for seed in second.ledger.read()["seeds"]}
    assert SavedTrack.objects.filter(spotify_track_id=liked).exists()
    spotify.unlike(liked)


def test_the_weights_of_a_run_are_those_of_the_lists_before_it_and_stand_on_its_report(listener, sandbox, spotify):
    first = make(listener, size=30)
    loved = "lastfm_similar_tracks"
    rows = first.tracks.order_by("position")
    rows.filter(position__lte=15).update(source=loved)
    rows.filter(position__gt=15).update(source="spotify_search")
    for day in range(1, 13):  # the same twelve times over, for as many lists
        copy = PlaylistRun.objects.get(pk=first.pk)
        copy.pk, copy.marker, copy.public_id, copy.night, copy.playlist_id = None, f"m{day}", f"p{day}", None, ""
        copy.save()
        PlaylistRunTrack.objects.bulk_create(
            PlaylistRunTrack(
                run=copy,
                position=row.position,
                spotify_track_id=f"{day}-{row.position}",
                source=row.source,
                outcome=Outcome.LIKED if row.source == loved and row.position % 2 else Outcome.KEPT,
            )
            for row in rows
        )
    PlaylistRun.objects.exclude(pk=first.pk).update(finished_at=now() - timedelta(days=40))
    second = make(listener, on_day(sandbox, 1))
    weights = second.report["weights"]
    assert weights[loved] > 1.2
    assert weights["spotify_search"] < 0.8
    assert weights == learning.weights(listener.spotify, later(first, 12))


@pytest.mark.parametrize(("switch", "expected"), [("off", {}), ("frozen", {"lastfm_top_tracks": 1.1})])
def test_an_operator_freezes_the_weights_or_does_without(listener, sandbox, spotify, settings, switch, expected):
    run = make(listener)
    PlaylistRun.objects.filter(pk=run.pk).update(report={**run.report, "weights": {"lastfm_top_tracks": 1.1}})
    settings.LEARNING = switch
    assert make(listener, on_day(sandbox, 1)).report["weights"] == expected


def test_judging_once_more_changes_nothing(listener, sandbox, spotify):
    first = make(listener)
    play(sandbox, first, new_ones(first)[0])
    moment = on_day(sandbox, 1)
    make(listener, moment)
    before = became(first)
    assert outcomes.judge(listener.spotify, moment) == 0
    assert became(first) == before


def test_a_list_older_than_a_month_keeps_what_was_found_out_of_it(listener, sandbox, spotify):
    first = make(listener)
    play(sandbox, first, new_ones(first)[0])
    make(listener, on_day(sandbox, 1))
    before = became(first)
    Play.objects.all().delete()
    assert outcomes.judge(listener.spotify, later(first, 31 * 24)) == 0
    assert became(first) == before


def test_a_word_to_the_bot_counts_and_a_word_taken_back_does_not(listener, sandbox, spotify):
    first = make(listener)
    said, blocked = new_ones(first)[:2]
    account, moment = listener.spotify, later(first, 0.1)
    keys = dict(account.history.values_list("spotify_track_id", "match_key"))
    row = first.tracks.get(spotify_track_id=said)
    told = {"track_id": said, "key": keys[said], "artist": row.artists.split(", ")[0], "title": row.name, "now": moment}
    feedback.say(account, "dislike", **told)
    feedback.block(account, first.tracks.get(spotify_track_id=blocked).artists.split(", ")[0], moment)
    outcomes.judge(account, moment)
    assert (became(first)[said], became(first)[blocked]) == ("disliked", "disliked")
    feedback.say(account, "like", **told)
    outcomes.judge(account, moment)
    assert became(first)[said] == "liked"
    account.feedback.all().delete()
    outcomes.judge(account, moment)
    assert (became(first)[said], became(first)[blocked]) == ("unknown", "unknown")


def test_a_track_heard_under_another_id_is_the_same_track(listener, sandbox, spotify):
    first = make(listener)
    given = listener.spotify.history.get(spotify_track_id=new_ones(first)[0])
    Play.objects.create(
        account=listener.spotify, spotify_track_id="another", match_key=given.match_key, name="x", artists=[["", "y"]],
        played_at=later(first, 0.1),
    )  # fmt: skip
    outcomes.judge(listener.spotify, now() + timedelta(hours=1))
    assert became(first)[given.spotify_track_id] == "heard"


def test_where_plays_were_missed_nothing_is_said_of_what_was_not_played(listener, sandbox, spotify):
    first = make(listener)
    moment = on_day(sandbox, 1)
    make(listener, moment)
    LibraryState.objects.update(plays_gap_at=later(first, 3))
    outcomes.judge(listener.spotify, moment)
    assert set(became(first).values()) <= {"unknown", "heard"}


def test_an_emptied_list_judges_no_track(listener, sandbox, spotify):
    first = make(listener)
    for track_id in became(first):
        spotify.remove(first.playlist_id, track_id)
    second = make(listener, on_day(sandbox, 1))
    assert second.report["outcomes"]["looked"] == 1
    assert set(became(first).values()) <= {"unknown", "heard"}


def test_a_standing_list_is_looked_at_before_it_is_written_over(listener, sandbox, spotify):
    listener.playlist_mode = "standing"
    listener.save()
    first = make(listener, force=True)
    removed = new_ones(first)[0]
    spotify.remove(first.playlist_id, removed)
    sandbox.set_clock(now())
    second = make(listener, force=True)
    assert second.playlist_id == first.playlist_id
    assert became(first)[removed] == "removed"
    assert removed not in became(second)


def test_spotify_refusing_to_show_the_list_costs_no_run(listener, sandbox, spotify):
    first = make(listener)
    moment = on_day(sandbox, 1)
    sandbox.fault(kind="server_error", path=f"/v1/playlists/{first.playlist_id}", status=503, times=None)
    second = make(listener, moment)
    assert (second.status, second.report["outcomes"]["error"]) == ("success", "unavailable")
    first.refresh_from_db()
    assert first.looked_at is None


def test_a_call_is_spent_on_looking_where_the_day_has_one_to_spare(listener, sandbox, spotify, settings):
    first = make(listener)
    account, client, moment = listener.spotify, client_of(listener), later(first, 13)
    sandbox.calls(clear=True)
    settings.SPOTIFY_DAILY_CALLS = 1
    assert learning.learn(first, account, client, moment)["looked"] == 0
    assert sandbox.calls("spotify") == []
    settings.SPOTIFY_DAILY_CALLS = 300
    assert learning.learn(first, account, client, moment)["looked"] == 1
    assert len(sandbox.calls("spotify")) == 1
    assert learning.learn(first, account, client, moment)["looked"] == 0


def test_a_list_of_this_morning_is_not_looked_at_yet(listener, sandbox, spotify):
    first = make(listener)
    assert learning.learn(first, listener.spotify, client_of(listener), later(first, 11))["looked"] == 0


def test_what_he_takes_out_later_is_seen_when_the_list_is_tidied(listener, sandbox, spotify):
    first = make(listener)
    make(listener, on_day(sandbox, 1))
    removed = new_ones(first)[0]
    spotify.remove(first.playlist_id, removed)
    make(listener, on_day(sandbox, 15))
    assert first.tracks.get(spotify_track_id=removed).held is False
    make(listener, on_day(sandbox, 16))
    assert became(first)[removed] == "removed"


def test_a_dry_run_looks_at_nothing(listener, sandbox, spotify):
    make(listener)
    dry = make(listener, on_day(sandbox, 1), dry_run=True)
    assert dry.report["outcomes"]["looked"] == 0
