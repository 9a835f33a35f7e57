"""From a preview to the very playlist it showed, another choice, and more like it: with a worker, at the sandbox."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.models import Outbox, User
from botapp.tests.turns import answers, rows
from playlists import tasks
from playlists.models import PlaylistRun
from playlists.tests.at_spotify import AtSpotify
from recommendations.models import Feedback

pytestmark = pytest.mark.usefixtures("warm")

Asks = Callable[..., PlaylistRun]


@pytest.fixture
def asks(listener: User, sandbox) -> Asks:
    """Says or presses something in the bot, and lets a worker carry out what came of it."""

    def ask(command: str, arguments: str = "", pressed: int | None = None) -> PlaylistRun:
        (card,) = rows(listener, command, arguments, now=timezone.now(), pressed=pressed)
        assert card.kind == "progress"
        tasks.run(card.payload["run"])
        run = PlaylistRun.objects.get(pk=card.payload["run"])
        assert run.status == "success"
        return run

    return ask


def shown(run: PlaylistRun) -> list[str]:
    return [track.spotify_track_id for track in run.tracks.all()]


def test_what_was_previewed_is_what_is_written_once(listener, sandbox, asks):
    spotify = AtSpotify(sandbox)
    preview = asks("preview", "8")
    previewed = shown(preview)
    assert (len(previewed), spotify.writes()) == (8, [])
    assert not listener.spotify_accounts.get().history.exists()
    sandbox.calls(clear=True)
    run = asks("write", f"{preview.pk}", pressed=5)
    assert (run.pk, run.dry_run) == (preview.pk, False)
    assert spotify.ids(run.playlist_id) == shown(run) == previewed
    assert not [call for call in sandbox.calls("spotify") if call["path"] in ("/v1/search", "/v1/me/tracks")]
    assert "has been written already" in answers(listener, "write", f"{run.pk}", now=timezone.now(), pressed=5)[0]
    assert spotify.creations() == 1
    assert listener.spotify_accounts.get().history.count() == 8
    kinds = list(Outbox.objects.filter(key__startswith=f"run:{run.pk}:").order_by("pk").values_list("kind", flat=True))
    assert kinds == ["progress", "preview", "progress", "playlist"]


def test_the_same_preview_asked_for_again_shows_other_tracks(asks):
    runs = [asks("preview", "10") for _ in range(3)]
    assert len({track for run in runs for track in shown(run)}) == 30
    assert [run.new for run in runs] == [9] * 3  # the tenth is a like of long ago


def test_a_longer_preview_keeps_what_the_short_one_showed(asks):
    short, long = shown(asks("preview", "10")), shown(asks("preview", "15"))
    assert len(set(short) & set(long)) >= 7


def test_the_first_preview_of_a_day_shows_what_the_day_would_bring(listener, asks):
    previewed = shown(asks("preview", "10"))
    assert set(previewed) <= set(shown(asks("generate")))


def test_more_like_this_makes_that_list_what_the_next_one_starts_from(listener, asks):
    first = asks("generate")
    seeds = {seed[0] for seed in first.ledger.read()["seeds"]}
    keys = set(listener.spotify_accounts.get().history.values_list("match_key", flat=True))
    rows(listener, "more_like", f"{first.pk}", pressed=5)
    asked = set(Feedback.objects.filter(kind="more").values_list("match_key", flat=True))
    assert asked == keys
    second = asks("generate")
    assert len({seed[0] for seed in second.ledger.read()["seeds"]} & asked - seeds) >= 10
    assert set(shown(first)).isdisjoint(shown(second))
