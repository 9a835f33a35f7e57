"""A list by an artist and in his spirit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from recommendations import steered
from recommendations.candidates import Listening, Profile, SeedArtist
from recommendations.identity import artist_key, match_key
from recommendations.likeness import sound
from recommendations.questions import FAILED, Answer, artist_search, similar_artists, top_tracks
from recommendations.steered import Anew, Ask, Astray, Course
from recommendations.steering import TRIED, Steer

SHARE = 3  # at most one track in so many is by the artist himself
TOPS = 8  # of his best-known tracks that the list starts from
NEAR = 15  # artists close to him among whom the listener's own are looked for
CLOSE = 0.3  # how close they have to be
BESIDE = 0.5  # what the listener's tracks by those weigh beside his own: in his spirit, and not in theirs


def course(
    steer: Steer, listening: Listening, profile: Profile, size: int, anew: Anew, ask: Ask, *, lastfm: bool
) -> Course:
    """Raises `Astray` where no service knows anybody of that name."""
    name, id_, found = _meant(steer, listening, ask)
    near, tops = ask([similar_artists(name), top_tracks(name)]) if lastfm else ((), ())
    key = artist_key(name)
    if not (found or near or tops) and key not in profile.known_artists:
        failed = any(rows is FAILED for rows in (near, tops, found))
        raise Astray("sources_failed" if failed else "wish_artists" if steer.may_be_several else "wish_unknown")
    close = {artist_key(row.artist): BESIDE * row.match for row in near[:NEAR] if row.match >= CLOSE} | {key: 1.0}
    own = steered.only(listening, close)
    his = anew(own)
    ids = {match_key(row.artist, row.title): row.id for row in found}
    titles = dict.fromkeys(row.title for row in chain(tops[:TOPS], found[: 0 if tops else TOPS]))
    seeds = [steered.seed(name, title, 1.0, ids.get(match_key(name, title), ""), id_) for title in titles]
    mine = [replace(one, weight=one.weight * close[artist_key(one.artist)]) for one in his.seeds]
    asked = SeedArtist(id_, name, key, profile.known_artists.get(key, 1), "")
    return Course(
        profile=replace(
            profile,
            seeds=steered.together(seeds, mine),
            artists=(asked,),
            known_artists={**profile.known_artists, key: asked.count},
        ),
        listening=own,
        followed={"artist": name},
        caps={key: max(size // SHARE, 1)},
        asked_artist=key,
    )


def _meant(steer: Steer, listening: Listening, ask: Ask) -> tuple[str, str, Answer]:
    """(name, Spotify's id, tracks of his that a search brought up): as the listener's own library spells him first."""
    heard = {artist_key(one.artist): one for one in (*listening.plays, *listening.likes) if one.artist}
    for name in steer.artist:
        if one := heard.get(artist_key(name)):
            return one.artist, one.artist_id, ()
    tried = steer.artist[:TRIED]
    answers = ask([artist_search(name) for name in tried])
    for same in (artist_key, lambda name: sound(artist_key(name))):
        for name, rows in zip(tried, answers, strict=True):
            if tracks := tuple(row for row in rows if row.track and same(row.artist) == same(name)):
                return tracks[0].artist, tracks[0].track.artist.id if tracks[0].track else "", tracks
    return tried[:2][-1], "", _nothing(answers)  # the likeliest nominative, where there is one


def _nothing(answers: Sequence[Answer]) -> Answer:
    return FAILED if any(rows is FAILED for rows in answers) else ()
