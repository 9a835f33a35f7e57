"""Likes of long ago in a whole run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from playlists import reasons
from playlists.generate import generate
from recommendations.models import SavedTrack

pytestmark = pytest.mark.usefixtures("warm")


def make(user, **options):
    return generate(user, trigger="shell", clock=lambda: datetime.now(UTC), **options)


def test_one_track_in_ten_is_a_like_of_long_ago_that_says_so(listener):
    run = make(listener)
    likes = {like.spotify_track_id: like for like in SavedTrack.objects.all()}
    forgotten = list(run.tracks.filter(source="forgotten_likes"))
    assert (run.total, run.new, len(forgotten)) == (30, 27, 3)
    for track in forgotten:
        liked = likes[track.spotify_track_id].added_at
        assert (run.day - liked.date()).days > 365
        assert str(liked.year) in reasons.sentence(track.reason)
    assert "min_new_ratio" not in run.relaxations


def test_where_all_have_to_be_new_there_is_none(listener):
    listener.min_new_ratio = 1.0
    listener.save()
    run = make(listener)
    assert (run.total, run.new) == (30, 30)
