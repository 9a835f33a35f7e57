from __future__ import annotations

from dataclasses import replace

from recommendations.converse import Budget, converse
from recommendations.identity import match_key
from recommendations.questions import Row, artist_search, name_search, track_search
from recommendations.resolve import look_up
from recommendations.tests.told import Remembered, Told, candidate, found_row, track
from vibe.clients.errors import ServiceError

KREW = candidate("Кино", "Группа крови")
STAR = candidate("Кино", "Звезда по имени Солнце")
EXIT = candidate("Сплин", "Выхода нет")


def resolve(wanted, told, crowd=None):
    outcome = converse({"resolve": look_up(wanted, crowd or {})}, told, Remembered(), Budget())["resolve"]
    assert outcome.result is not None, outcome.errors
    return outcome.result


def test_one_name_takes_one_search():
    told = Told({track_search("Сплин", "Выхода нет"): (found_row("Сплин", "Выхода нет"),)})
    assert resolve([EXIT], told) == {EXIT.key: track("Сплин", "Выхода нет")}
    assert len(told.asked) == 1


def test_names_of_one_artist_share_a_search_and_what_came_along_is_learnt():
    others = found_row("Кино", "Пачка сигарет")
    told = Told(
        {
            artist_search("Кино"): (
                found_row("Кино", "Звезда по имени Солнце"),
                found_row("Кино", "Группа крови"),
                others,
            )
        }
    )
    found = resolve([KREW, STAR], told)
    assert found[KREW.key] == track("Кино", "Группа крови")
    assert found[STAR.key] == track("Кино", "Звезда по имени Солнце")
    assert found[match_key("Кино", "Пачка сигарет")] == others.track
    assert len(told.asked) == 1


def test_an_artist_of_whom_more_was_found_is_searched_as_a_whole():
    told = Told({artist_search("Сплин"): (found_row("Сплин", "Орбит без сахара"), found_row("Сплин", "Выхода нет"))})
    found = resolve([EXIT], told, {EXIT.artist_key: 2})
    assert found[EXIT.key] == track("Сплин", "Выхода нет")
    assert found[match_key("Сплин", "Орбит без сахара")] is not None
    assert len(told.asked) == 1


def test_a_name_the_artists_search_lacks_is_searched_by_itself():
    told = Told(
        {
            artist_search("Кино"): (found_row("Кино", "Группа крови"),),
            track_search("Кино", "Звезда по имени Солнце"): (found_row("Кино", "Звезда по имени Солнце"),),
        }
    )
    assert resolve([KREW, STAR], told)[STAR.key] == track("Кино", "Звезда по имени Солнце")
    assert len(told.asked) == 2


def test_a_name_that_two_searches_do_not_find_is_known_to_be_missing():
    told = Told({track_search("Сплин", "Выхода нет"): (found_row("Сплин", "Орбит без сахара"),)})
    found = resolve([EXIT], told)
    assert found[EXIT.key] is None
    assert told.asked == [track_search("Сплин", "Выхода нет"), name_search("Сплин", "Выхода нет")]


def test_the_length_that_a_source_told_keeps_another_take_away():
    concert = replace(track("Сплин", "Выхода нет", duration_ms=600_000), id="concert")
    studio = replace(track("Сплин", "Выхода нет", duration_ms=203_000), id="studio")
    told = Told({track_search("Сплин", "Выхода нет"): (Row(track=concert), Row(track=studio))})
    assert resolve([replace(EXIT, duration_ms=200_000)], told)[EXIT.key] == studio
    told = Told({track_search("Сплин", "Выхода нет"): (Row(track=concert),)})
    assert resolve([replace(EXIT, duration_ms=200_000)], told)[EXIT.key] is None


def test_a_karaoke_take_is_not_the_song():
    told = Told({track_search("Сплин", "Выхода нет"): (found_row("Сплин", "Выхода нет (Караоке)"),)})
    assert resolve([EXIT], told)[EXIT.key] is None


def test_a_name_whose_search_failed_is_left_open():
    told = Told({track_search("Сплин", "Выхода нет"): ServiceError("spotify", "timeout")})
    assert EXIT.key not in resolve([EXIT], told)
    told = Told({name_search("Сплин", "Выхода нет"): ServiceError("spotify", "timeout")})
    assert EXIT.key not in resolve([EXIT], told)


def test_quotes_and_colons_cannot_break_a_search():
    assert track_search('Гр. "Полюса": раз', 'a"b').args == ('track:"a b" artist:"Гр.  Полюса   раз"',)
