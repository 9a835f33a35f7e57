"""The simulated artist radio plays as ListenBrainz does, and knows nobody but the others."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from recommendations import mbids
from recommendations.evaluation.cases import split
from recommendations.evaluation.catalogue import Catalogue
from recommendations.evaluation.engine import Engine
from recommendations.evaluation.generated import generate
from recommendations.evaluation.names import isrc, number
from recommendations.evaluation.others import Others
from recommendations.questions import artist_radio, recordings, recordings_of, similar_artists
from recommendations.sources.listenbrainz_artist_radio import EACH, NEAR, SOURCE

DATA = generate()
DRAWN = split(DATA, users=100, seed=0)
OTHERS = Others.of(DATA, DRAWN.others)


def radio(seed: int = 0) -> Catalogue:
    return Catalogue(OTHERS, seed, artist_radio=True)


def played(catalogue: Catalogue, artist: int, near: int = NEAR, each: int = EACH) -> dict[str, list[int]]:
    programme: dict[str, list[int]] = {}
    for row in catalogue.fetch(artist_radio(f"a{artist}", near, each)):
        programme.setdefault(row.artist, []).append(number(row.id))
    return programme


def test_it_is_there_only_when_wanted():
    assert radio().available(SOURCE.service)
    silent = Catalogue(OTHERS, 0)
    assert not silent.available(SOURCE.service)
    assert played(silent, 3) == {}


def test_an_isrc_leads_to_the_artist_and_the_ids_of_recordings_to_their_names():
    catalogue = radio()
    track = 40
    artist = f"a{DATA.artists[track]}"
    assert mbids.artist(artist, catalogue.fetch(recordings_of(isrc(track)))) == artist
    (row,) = catalogue.fetch(recordings([f"t{track}"]))
    assert (row.artist, row.title, row.id) == (artist, "t40", "t40")


def test_it_plays_the_artist_and_the_ten_drawn_out_of_the_twenty_nearest():
    catalogue = radio()
    near = Catalogue(OTHERS, 0).fetch(similar_artists("a3"))
    nearest = [row.artist for row in near[:20]]
    programme = played(catalogue, 3)
    assert next(iter(programme)) == "a3"
    others = list(programme)[1:]
    assert 1 < len(others) <= NEAR
    assert others == [artist for artist in nearest if artist in others]  # nearest first


def test_of_each_artist_it_plays_the_well_known_recordings_but_for_the_best_known():
    listeners = Counter(track for user in DRAWN.others for track in DATA.listeners[user])
    for artist, tracks in played(radio(), 3).items():
        his = sorted(listeners[track] for track in range(len(DATA.artists)) if DATA.artists[track] == int(artist[1:]))
        for track in tracks:
            assert his[-1] > listeners[track] >= his[3]  # of six: the one that outdoes three of the five others


def test_the_same_seed_draws_the_same_and_another_one_another_programme():
    def drawn(seed: int):
        catalogue = radio(seed)
        return [played(catalogue, artist, each=1) for artist in range(10)]

    assert drawn(0) == drawn(0)
    assert drawn(0) != drawn(1)


def test_the_engines_own_source_hears_it():
    catalogue = Catalogue(OTHERS, 0, track_service=False, artist_service=False, artist_radio=True)
    served = Engine(catalogue, 0).serve(DRAWN.cases[0])
    assert served.published
    services = {(question.service, question.family) for question in catalogue.asked}
    assert services >= {
        ("musicbrainz", "recordings"),
        ("listenbrainz", "artist_radio"),
        ("listenbrainz", "recordings"),
    }


def test_it_plays_nothing_that_only_the_evaluated_have():
    track, artist = len(DATA.artists), max(DATA.artists) + 1
    listeners = dict(DATA.listeners)
    for case in DRAWN.cases:
        listeners[case.listener] = [*listeners[case.listener], track]
    data = replace(DATA, artists=[*DATA.artists, artist], listeners=listeners)
    catalogue = Catalogue(Others.of(data, DRAWN.others), 0, artist_radio=True)
    assert played(catalogue, artist) == {}
    assert not any(f"a{artist}" in played(catalogue, other) for other in range(artist))


@pytest.mark.parametrize("track_service", [True, False])
def test_no_list_depends_on_what_is_to_be_found(track_service):
    engine = Engine(Catalogue(OTHERS, 0, track_service=track_service, artist_radio=True), 0)
    for case in DRAWN.cases[:2]:
        other = replace(case, truth=frozenset(range(5)))
        assert engine.serve(case, ("votes",)) == engine.serve(other, ("votes",))
