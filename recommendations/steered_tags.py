"""A list of a style or mood, by what Last.fm's listeners call artists and tracks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from recommendations import steered
from recommendations.candidates import Candidate, Found, Listening, Profile, Ranked
from recommendations.identity import artist_key
from recommendations.questions import FAILED, Answer, artist_tags, tag_tracks
from recommendations.reasons import OF_TRACKS
from recommendations.sources.lastfm_tags import SOURCE, tagged
from recommendations.steered import Anew, Ask, Astray, Course
from recommendations.steering import Steer
from recommendations.tags import SEED, fit, plain

KNOWN_TAG = 20  # tracks from which on the words are a tag that people use
OWN_ARTISTS = 15  # of the listener's, whose tags are asked for
LEAST = 0.2  # how well an artist has to fit
TRUSTED = 0.5  # an artist with a track that people give the tag to
TOPS = 25  # the best-known tracks of the tag, of which each day starts from others
OWN_NEIGHBOURS = 2  # of the listener's artists whose neighbours are asked for
DOUBTFUL = 50  # artists that are asked about before the choice
SAY = 15  # how much more tags say here than in another list


def course(steer: Steer, listening: Listening, profile: Profile, anew: Anew, ask: Ask) -> Course:
    """Raises `Astray` where nobody uses such a tag."""
    rows = dict(zip(steer.tags, ask([tag_tracks(tag) for tag in steer.tags]), strict=True))
    rows |= {tag: rows[tag] or rows.get(plain(tag), ()) for tag in (*steer.genres, *steer.moods)}
    tags, sure, known = _followed(steer, rows)
    own = profile.artists[:OWN_ARTISTS]
    fits = {artist_key(row.artist): TRUSTED for tag in sure for row in rows[tag]}
    answers = zip(own, ask([artist_tags(artist.name) for artist in own]), strict=True)
    judged = {artist.key: _fit(known, answer) for artist, answer in answers if answer}
    fits |= judged
    mine = steered.only(listening, [key for key, how_well in fits.items() if how_well >= LEAST])
    his = anew(mine)
    weight = steered.BELOW if len(his.seeds) >= steered.ENOUGH else 1.0
    tops = [row for tag in sure or tags for row in rows[tag]][:TOPS]
    turn = profile.day * 7 % max(len(tops), 1)
    others = [steered.seed(row.artist, row.title, weight) for row in (*tops[turn:], *tops[:turn])]
    weights = {**profile.source_weights, SOURCE.name: profile.source_weights.get(SOURCE.name, 1.0) * SAY}
    return Course(
        profile=replace(
            profile,
            seeds=steered.together(his.seeds[: steered.SEEDS // 2], others),
            artists=his.artists[:OWN_NEIGHBOURS],
            source_weights=weights,
        ),
        listening=mine,
        followed={"tags": tags} | ({"partly": True} if known != steer else {}),
        words=tuple(word for tag in tags for word in tagged("asked_tag", tag, rows[tag])),
        fits=fits,
        judged=frozenset(judged),
        called=" ".join(tags),
        wanted=known,
    )


def _followed(steer: Steer, rows: dict[str, Answer]) -> tuple[list[str], list[str], Steer]:
    """(the tags to go by, those of them whose tracks need no second look, the wish without what nobody knows)."""
    whole = max(steer.whole, key=lambda tag: len(rows[tag]))
    genres, moods = (tuple(tag for tag in tags if rows[tag]) for tags in (steer.genres, steer.moods))
    # A mood alone is no jazz: where a style was asked for that nobody knows, nothing is.
    if len(rows[whole]) >= KNOWN_TAG or (rows[whole] and not genres):
        return [whole], [whole], steer
    if not (genres or (moods and not steer.genres)):
        raise Astray("sources_failed" if any(answer is FAILED for answer in rows.values()) else "wish_unknown")
    sure = genres if len(genres) == 1 else () if genres else moods
    return [*genres, *moods], list(sure), replace(steer, genres=genres, moods=moods)


def _fit(steer: Steer, rows: Answer) -> float:
    return max(fit(whole, steer.genres, steer.moods, rows) for whole in steer.whole)


def kept(way: Course, ranked: Sequence[Ranked], ask: Ask) -> list[Candidate]:
    """The candidates whose artists fit, with how well; of an artist whom nobody tags, what tracks have led to.

    Of an artist about whom nobody could be asked nothing is known, and he may be of any style.
    """
    wanted = way.wanted or Steer("")
    doubtful = steered.artists_in_order((one.candidate for one in ranked), way.fits, DOUBTFUL)
    answers = dict(zip(doubtful, ask([artist_tags(name) for name in doubtful.values()]), strict=True))
    fits = {key: _fit(wanted, rows) for key, rows in answers.items() if rows}
    untold = {key for key, rows in answers.items() if not rows and rows is not FAILED}
    stay = []
    for one in (one.candidate for one in ranked):
        how_well = fits.get(one.artist_key, way.fits.get(one.artist_key, 0.0))
        if one.artist_key in fits or one.artist_key in way.judged:
            word = Found(
                SOURCE.name, "asked_style", f"{SEED}{way.called}", way.called, how_well, 1, one.artist, one.title
            )
            one.found.append(word)
        elif one.artist_key in untold:
            one.found[:] = [word for word in one.found if word.relation in OF_TRACKS]
        if one.found if one.artist_key in untold else how_well >= LEAST:
            stay.append(one)
    return stay
