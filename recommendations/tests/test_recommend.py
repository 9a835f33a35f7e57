from __future__ import annotations

import random
from collections.abc import Collection, Mapping

import pytest

from recommendations.candidates import Given, Listening
from recommendations.converse import Budget
from recommendations.identity import match_key
from recommendations.questions import Answer, Row, similar_artists, similar_tracks, track_search
from recommendations.recommend import Wish, longest_unheard_first, recommend
from recommendations.tests.told import NOW, Remembered, Told, found_row, heard, row
from vibe.clients.errors import ServiceError
from vibe.clients.types import Track

LIKES = tuple(heard(f"Band {n}", f"Song {n}", days_ago=100 + n) for n in range(10))
NAMES = [(f"Other {n}", f"Tune {n}") for n in range(60)]


class Known(dict[str, Track | None]):
    """`Names` in memory."""

    def known(self, keys: Collection[str]) -> dict[str, Track | None]:
        return {key: self[key] for key in keys if key in self}

    def learn(self, tracks: Mapping[str, Track | None]) -> None:
        self.update(tracks)


def catalogue(missing: Collection[int] = ()) -> dict:
    """Each like is played beside six others, all of which Spotify has but the `missing` ones."""
    answers: dict = {
        similar_tracks(like.artist, like.name): tuple(
            row(*name, match=1 - place / 10) for place, name in enumerate(NAMES[6 * n : 6 * n + 6])
        )
        for n, like in enumerate(LIKES)
    }
    return answers | {track_search(*name): (found_row(*name),) for n, name in enumerate(NAMES) if n not in missing}


def make(told, listening=None, names=None, budget=None, **wish):
    steps = []
    result = recommend(
        listening or Listening(likes=LIKES),
        Wish(**{"size": 10, "min_new_ratio": 0.8, "cooldown_days": 60, "now": NOW, "today": NOW.date(), **wish}),
        told,
        Remembered(),
        names if names is not None else Known(),
        budget or Budget(),
        random.Random(1),
        lambda step, **counts: steps.append((step, counts)),
    )
    return result, steps


def searches(told: Told) -> int:
    return sum(question.family == "search" and question.days == 0 for question in told.asked)


def test_a_list_is_found_ranked_resolved_and_full():
    told = Told(catalogue())
    result, steps = make(told)
    assert len(result.selection.picks) == 10
    assert all(pick.track and pick.is_new for pick in result.selection.picks)
    assert result.selection.relaxations == ()
    assert searches(told) <= 15
    assert [step for step, _ in steps] == ["candidates", "selecting", "resolving"]


def fives(names: list[tuple[str, str]]) -> list[tuple[Row, ...]]:
    return [tuple(found_row(*name) for name in names[n : n + 5]) for n in range(0, len(names), 5)]


class Alone(Told):
    """Nobody answers but one family, five tracks a question."""

    def __init__(self, family: str) -> None:
        super().__init__({})
        self.family, self.rows = family, fives(NAMES)

    def fetch(self, question):
        return self.rows.pop() if question.family == self.family and self.rows else super().fetch(question)


@pytest.mark.parametrize(
    ("family", "source"),
    [("recommendations", "spotify_recommendations"), ("artist_top_tracks", "spotify_top_tracks")],
)
def test_a_source_of_older_apps_alone_fills_a_list(family, source):
    result, _ = make(Alone(family))
    assert len(result.selection.picks) == 10
    assert {pick.reason.source for pick in result.selection.picks if pick.reason} == {source}
    assert result.selection.novelty >= 0.8


def test_the_same_day_gives_the_same_list():
    assert make(Told(catalogue()))[0].selection == make(Told(catalogue()))[0].selection


def test_names_that_are_known_cost_no_search():
    names = Known()
    make(Told(catalogue()), names=names)
    told = Told(catalogue())
    result, _ = make(told, names=names)
    assert len(result.selection.picks) == 10
    assert searches(told) == 0


def test_a_name_that_spotify_lacks_is_replaced_in_the_next_wave():
    told = Told(catalogue(missing=range(0, 60, 2)))
    result, _ = make(told)
    assert len(result.selection.picks) == 10
    assert result.looked_up["waves"] > 1
    assert result.looked_up["missing"] > 0
    assert "not_at_spotify" in result.selection.fates.values()


def test_a_spent_budget_gives_a_list_of_what_is_known_and_says_what_gave_way():
    names = Known({match_key(*name): found_row(*name).track for name in NAMES[:4]})
    result, _ = make(Told(catalogue()), names=names, budget=Budget({"spotify": 0}), min_new_ratio=1.0)
    picks = result.selection.picks
    assert sum(pick.is_new for pick in picks) == 4
    assert "min_new_ratio" in result.selection.relaxations


def test_with_every_source_down_the_listeners_own_likes_fill_the_list():
    class Down(Told):
        def fetch(self, question) -> Answer:
            raise ServiceError(question.service, "timeout")

    result, _ = make(Down({}))
    assert {pick.candidate.key for pick in result.selection.picks} == {like.key for like in LIKES}
    assert all(pick.reason is None for pick in result.selection.picks)
    assert all(source.answered == 0 for source in result.sources)


def test_what_was_given_lately_does_not_come_again():
    first, _ = make(Told(catalogue()))
    given = tuple(Given(p.track.id, p.candidate.key, "", NOW) for p in first.selection.picks if p.track)
    second, _ = make(Told(catalogue()), Listening(likes=LIKES, history=given))
    before, after = ({p.candidate.key for p in r.selection.picks} for r in (first, second))
    assert len(after) == 10
    assert before.isdisjoint(after)


def test_nine_of_ten_tracks_name_one_of_the_listeners_own():
    result, _ = make(Told(catalogue() | {similar_artists("Band 1"): ()}))
    own = {f"{like.artist} - {like.name}" for like in LIKES} | {like.artist for like in LIKES}
    reasons = [pick.reason for pick in result.selection.picks]
    assert sum(reason is not None and reason.because in own for reason in reasons) >= 9


def test_likes_are_offered_again_the_longest_unheard_first():
    old, new, played = heard("A", "a", 900), heard("B", "b", 10), heard("C", "c", 2000)
    plays = (heard("C", "c", 1), heard("C", "c", 20))
    order = longest_unheard_first(Listening(likes=(new, old, played), plays=plays))
    assert [one.artist for one in order] == ["A", "B", "C"]


RUSSIAN = tuple(heard(f"Группа {n}", f"Песня {n}", days_ago=100 + n) for n in range(10))
MORE_LIKES = tuple(heard(f"Band {n}", f"Song {n}", days_ago=100 + n) for n in range(10, 20))


def bilingual() -> dict:
    """As many in either language, but the Russian ones are no close matches."""
    names = [(f"Другие {n}", f"Мелодия {n}") for n in range(60)]
    lists = {
        similar_tracks(like.artist, like.name): tuple(
            row(*name, match=0.3 - place / 100) for place, name in enumerate(names[6 * n : 6 * n + 6])
        )
        for n, like in enumerate(RUSSIAN)
    }
    return catalogue() | lists | {track_search(*name): (found_row(*name),) for name in names}


@pytest.mark.parametrize(
    ("wish", "tracks"),
    [
        (None, {"latin": 8, "ru": 2}),  # as he listens: two thirds and one third, give or take a tenth
        ({"latin": 0.2, "ru": 0.8}, {"latin": 3, "ru": 7}),
        ({"ru": 1.0, "other": 0.0}, {"ru": 10}),
    ],
)
def test_a_list_is_in_the_languages_he_hears_or_asked_for(wish, tracks):
    listening = Listening(likes=(*LIKES, *MORE_LIKES, *RUSSIAN))
    result, _ = make(Told(bilingual()), listening, languages=wish)
    assert result.languages["tracks"] == tracks
    assert "languages" not in result.selection.relaxations
    free, _ = make(Told(bilingual()), listening, languages={})
    assert free.languages == {"aimed": {}, "tracks": {"latin": 10}}


def test_the_dial_of_wildness_reaches_the_ranking():
    assert make(Told(catalogue()), wildness=0.7)[0].rated["wildness"] == 0.7
