"""Tracks that ListenBrainz's listeners play in the same sessions as the seed tracks."""

from __future__ import annotations

from recommendations import mbids
from recommendations.candidates import Found, Profile
from recommendations.questions import Conversation, recordings_of, similar_recordings
from recommendations.source import Source, words


def find(profile: Profile) -> Conversation[list[Found]]:
    seeds = [seed for seed in profile.seeds if seed.isrc]
    looked_up = yield [recordings_of(seed.isrc) for seed in seeds]
    pairs = zip(seeds, looked_up, strict=True)
    known = [(seed, key) for seed, rows in pairs if (key := mbids.recording(seed.artist, seed.name, rows))]
    answers = yield [similar_recordings(key) for _seed, key in known]
    heard = zip(known, answers, strict=True)
    return [word for (seed, _key), rows in heard for word in words(SOURCE.name, "similar_track", seed, rows)]


SOURCE = Source("listenbrainz_similar_recordings", "listenbrainz_labs", find)
