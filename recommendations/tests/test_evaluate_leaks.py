"""What would make figures too good: whoever is evaluated must not be heard by those who answer."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from recommendations.evaluation.baselines import POOLED, WHOLE
from recommendations.evaluation.cases import split
from recommendations.evaluation.catalogue import Catalogue
from recommendations.evaluation.engine import Engine
from recommendations.evaluation.generated import generate
from recommendations.evaluation.others import Others
from recommendations.questions import artist_tags, similar_artists, similar_tracks, tag_tracks, top_tracks
from recommendations.sources.lastfm_tags import SOURCE

DATA = generate()


def named() -> frozenset[str]:
    return frozenset(list(DATA.listeners)[:300])


@pytest.mark.parametrize("test", [False, True])
def test_services_see_neither_development_nor_tested_listeners(test):
    data = replace(DATA, development=named())
    drawn = split(data, users=100, seed=0, test=test)
    tested = split(data, users=100, seed=0, test=True).cases
    hidden = named().union(case.listener for case in tested)
    assert hidden.isdisjoint(drawn.others)
    assert {case.listener for case in drawn.cases} <= hidden
    assert set(drawn.others) == set(DATA.listeners) - hidden


def test_nobody_is_in_both_splits():
    for data in (DATA, replace(DATA, development=named())):
        dev, test = (split(data, users=250, seed=5, test=test) for test in (False, True))
        assert not {case.listener for case in dev.cases} & {case.listener for case in test.cases}


def test_in_data_without_a_list_whoever_is_evaluated_is_hidden():
    drawn = split(DATA, users=100, seed=0)
    assert set(drawn.others) == set(DATA.listeners) - {case.listener for case in drawn.cases}


def test_services_answer_nothing_that_only_the_evaluated_have():
    track, artist = len(DATA.artists), max(DATA.artists) + 1
    drawn = split(DATA, users=100, seed=0)
    listeners = dict(DATA.listeners)
    for case in drawn.cases:
        listeners[case.listener] = [*listeners[case.listener], track]
    data = replace(DATA, artists=[*DATA.artists, artist], listeners=listeners)
    catalogue = Catalogue(Others.of(data, drawn.others), seed=0)
    assert catalogue.fetch(similar_tracks(f"a{artist}", f"t{track}")) == ()
    assert catalogue.fetch(top_tracks(f"a{artist}")) == ()
    answers = (catalogue.fetch(similar_tracks("a", f"t{other}")) for other in range(track))
    assert not any(row.title == f"t{track}" for rows in answers for row in rows)


def test_no_list_depends_on_what_is_to_be_found():
    drawn = split(DATA, users=4, seed=0)
    others = Others.of(DATA, drawn.others)
    rng = random.Random(1)
    others_wanted = [
        replace(case, truth=frozenset(rng.sample(range(len(DATA.artists)), len(case.truth)))) for case in drawn.cases
    ]
    engine = Engine(Catalogue(others, seed=0), seed=0)

    def lists(cases):
        whole = [ranker(others, [case.known for case in cases]) for ranker in WHOLE.values()]
        return [engine.serve(case, tuple(POOLED)) for case in cases], whole

    assert lists(drawn.cases) == lists(others_wanted)


def test_no_list_names_what_is_known():
    drawn = split(DATA, users=4, seed=0)
    others = Others.of(DATA, drawn.others)
    engine = Engine(Catalogue(others, seed=0), seed=0)
    whole = [ranker(others, [case.known for case in drawn.cases]) for ranker in WHOLE.values()]
    for case, *orders in zip(drawn.cases, *whole, strict=True):
        served = engine.serve(case, tuple(POOLED))
        for order in (served.published, *served.ranked.values(), *orders):
            assert order
            assert case.known.isdisjoint(order)


def test_in_data_without_artists_no_service_tells_of_any():
    drawn = split(DATA, users=1, seed=0)
    catalogue = Catalogue(Others.of(DATA, drawn.others), seed=0, artist_service=False)
    assert catalogue.fetch(similar_tracks("a0", "t0"))
    assert catalogue.fetch(similar_artists("a0")) == catalogue.fetch(top_tracks("a0")) == ()


def test_of_tags_the_stand_in_knows_nothing_and_is_asked_nothing():
    catalogue = Catalogue(Others.of(DATA, split(DATA, users=1, seed=0).others), seed=0)
    assert not catalogue.available(SOURCE.service, SOURCE.capability)
    assert catalogue.fetch(tag_tracks("shoegaze")) == catalogue.fetch(artist_tags("a1")) == ()
