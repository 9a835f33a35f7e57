"""What he said of a playlist is obeyed by those that follow."""

from __future__ import annotations

from botapp import given
from playlists.tests.at_spotify import make, now, on_day
from recommendations import feedback
from recommendations.identity import artist_key, credited, song
from recommendations.models import RecommendationHistory

DAYS = 3


def test_what_he_rejected_stays_away_and_what_he_wants_more_of_is_where_the_next_list_starts(listener, sandbox):
    first = make(listener, now(), size=10)
    account = listener.spotify
    disliked, blocked, wanted = first.tracks.all()[:3]
    words = {track: given.word(track, account) for track in (disliked, blocked, wanted)}
    feedback.say(account, "dislike", **words[disliked], now=now())
    feedback.block(account, words[blocked]["artist"], now())
    feedback.say(account, "more", **words[wanted], now=now())
    # As if none had been given, or novelty alone would keep them away.
    RecommendationHistory.objects.all().delete()
    for day in range(1, DAYS + 1):
        run = make(listener, on_day(sandbox, day), size=10, min_new_ratio=0.0)
        assert run.status == "success"
        assert words[disliked]["key"] not in {song(track["key"]) for track in run.planned}
        names = [name for track in run.tracks.all() for name in track.artists.split(", ")]
        guests = [guest for track in run.tracks.all() for guest in credited(track.name)]
        assert artist_key(words[blocked]["artist"]) not in {*map(artist_key, names), *guests}
        assert words[wanted]["key"] in [seed[0] for seed in run.ledger.read()["seeds"]]
    assert words[wanted]["key"] not in [seed[0] for seed in first.ledger.read()["seeds"]]
