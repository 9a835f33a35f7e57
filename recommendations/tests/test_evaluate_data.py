from __future__ import annotations

import gzip
import os
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from recommendations.evaluation.cases import LONG_AGO, NOW, split
from recommendations.evaluation.data import DataError, load
from recommendations.evaluation.generated import generate

MADE_UP = generate()
PLAYS = "user,session,track,time,seconds_played\n"


def lay(folder, **files):
    """interactions="..." is written as interactions.csv."""
    for name, text in files.items():
        (folder / f"{name}.{'txt' if name == 'development_users' else 'csv'}").write_text(text)
    return load(folder)


def test_interactions_with_artists_and_development_users(tmp_path):
    data = lay(
        tmp_path,
        interactions="user,track\nann,10\nann,9\nbob,9\nann,9\n",
        tracks="track_id,album_id,artist_id,duration_sec\n9,1,7,60\n10,1,70,60\n",
        development_users="bob\n",
    )
    assert data.listeners == {"ann": [0, 1], "bob": [0]}  # 9 before 10, each once
    assert data.artists == [0, 1]
    assert data.has_artists
    assert data.development == {"bob"}


def test_without_artists_each_track_has_its_own(tmp_path):
    data = lay(tmp_path, interactions="user,track\nann,b\nann,a\n")
    assert data.artists == [0, 1]
    assert not data.has_artists


def test_compressed_plays_come_in_the_order_of_time(tmp_path):
    with gzip.open(tmp_path / "plays.csv.gz", "wt") as file:
        file.write(PLAYS + "ann,s2,b,30,1\nann,s1,b,20,1\nann,s1,a,10,1\n")
    data = load(tmp_path)
    assert data.sessions == {"ann": [[(10, 0), (20, 1)], [(30, 1)]]}
    assert data.listeners == {"ann": [0, 1]}


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"interactions": ""}, "line 1: the column 'user' is missing"),
        ({"interactions": "user,song\n1,2\n"}, "line 1: the column 'track' is missing"),
        ({"interactions": "user,track\n1,2\n3\n"}, "line 3: 2 values are expected, 1 are there"),
        ({"interactions": "user,track\n1,\n"}, "line 2: a value is empty"),
        ({"interactions": "user,track\n1,2\n", "tracks": "track_id,artist_id\n9,9\n"}, "track 2 of interactions.csv"),
        ({"interactions": "user,track\n1,2\n", "development_users": "1\n5\n"}, "line 2: there is no user 5"),
        ({"interactions": "user,track\n"}, "interactions.csv, line 1: nothing follows the header"),
        ({"interactions": "user;track\n1;2\n"}, "line 1: the column 'user' is missing"),
        ({"interactions": "user,track\n1,2\n\n1,3\n"}, "line 3: 2 values are expected, 0 are there"),
        ({"interactions": "user,track\n1,2,3\n"}, "line 2: 2 values are expected, 3 are there"),
        ({"interactions": 'user,track\n1,"2\n3,4\n'}, "unexpected end of data"),
        ({"interactions": "user,track\n1," + "9" * 200_000 + "\n"}, "after line 1: field larger than field limit"),
        ({"interactions": "user,track\n1,2\n", "tracks": "track_id,artist_id\n2,\n"}, "tracks.csv, line 2: a value"),
        ({"plays": PLAYS}, "plays.csv, line 1: nothing follows the header"),
        ({"plays": PLAYS + "1,2,3,noon,1\n"}, "line 2: the time is 'noon'"),
        ({"plays": PLAYS + "1,2,3,-5,1\n"}, "line 2: the time is '-5'"),
        ({"plays": PLAYS + "1,2,3,²,1\n"}, "line 2: the time is '²'"),
        ({"plays": PLAYS + "1,2,3,1.5,1\n"}, "line 2: the time is '1.5'"),
        ({"plays": PLAYS + "1,2,3," + "9" * 5000 + ",1\n"}, "line 2: the time is '99999999999999999999'"),
        ({"plays": PLAYS + "1,2,3,1700000000000,1\n"}, "line 2: the time is '1700000000000'"),
    ],
)
def test_a_broken_file_gets_a_sentence_that_names_the_line(tmp_path, files, sentence):
    with pytest.raises(DataError, match=re.escape(sentence)):
        lay(tmp_path, **files)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("interactions.csv", b"user,track\n1,\xff\n", "after line 1: this is no UTF-8 text"),
        ("interactions.csv", "user,track\n1,2\n".encode("utf-16"), "after line 1: this is no UTF-8 text"),
        ("interactions.csv", b"user,track\n1,2\n" + b"\x00" * 3, "line 3: 2 values are expected, 1 are there"),
        ("development_users.txt", b"1\n\xff\n", "development_users.txt, line 2: this is no UTF-8 text"),
        ("tracks.csv.gz", b"track_id,artist_id\n2,1\n", "tracks.csv.gz, after line 1: Not a gzipped file"),
        (
            "tracks.csv.gz",
            gzip.compress(b"track_id,artist_id\n", mtime=0)[:-8] + b"\0" * 8,
            "after line 1: CRC check failed",
        ),
        ("tracks.csv.gz", gzip.compress(b"track_id,artist_id\n" * 999, mtime=0)[:30], "tracks.csv.gz, after line"),
    ],
)
def test_what_is_no_text_gets_a_sentence(tmp_path, name, content, sentence):
    (tmp_path / "interactions.csv").write_text("user,track\n1,2\n")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=re.escape(sentence)):
        load(tmp_path)


def test_a_mark_of_the_encoding_before_the_header_is_no_part_of_it(tmp_path):
    for name, text in (("interactions.csv", "user,track\nann,1\n"), ("development_users.txt", "ann\n")):
        (tmp_path / name).write_text(text, encoding="utf-8-sig")
    data = load(tmp_path)
    assert (data.listeners, data.development) == ({"ann": [0]}, frozenset({"ann"}))


def test_ids_may_be_anything(tmp_path):
    odd = ["Ж" * 1000, "9" * 4000, '"quoted, and more"', " spaced ", "\x00"]
    data = lay(tmp_path, interactions="user,track\n" + "".join(f"{one},{one}\n" for one in odd))
    assert len(data.listeners) == len(data.artists) == len(odd)


@pytest.mark.parametrize("name", ["interactions.csv", "tracks.csv", "development_users.txt", ""])
def test_what_can_not_be_read_gets_a_sentence(tmp_path, name):
    lay(tmp_path, interactions="user,track\n1,2\n", tracks="track_id,artist_id\n2,1\n", development_users="1\n")
    if not name:
        with pytest.raises(DataError, match="is no folder that may be read"):
            load(tmp_path / "interactions.csv")
        return
    path = tmp_path / name
    path.unlink()
    path.symlink_to("/proc/self/mem")  # which nobody may read from its beginning, not even root
    with pytest.raises(DataError, match=f"{name}.*(Input/output error|Permission denied)"):
        load(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_gets_a_sentence(tmp_path):
    tmp_path.chmod(0)
    try:
        with pytest.raises(DataError, match="is no folder that may be read"):
            load(tmp_path)
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize("name", ["interactions.csv", "development_users.txt"])
def test_a_folder_in_the_place_of_a_file_gets_a_sentence(tmp_path, name):
    (tmp_path / "interactions.csv").write_text("user,track\n1,2\n")
    (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / name).mkdir()
    with pytest.raises(DataError, match=r"has neither|Is a directory"):
        load(tmp_path)


def test_the_command_says_the_sentence_and_ends_with_1(tmp_path):
    (tmp_path / "interactions.csv").write_text("user,track\n1\n")
    with pytest.raises(CommandError, match=r"interactions\.csv, line 2: 2 values are expected, 1 are there") as ended:
        call_command("evaluate", data=tmp_path)
    assert ended.value.returncode == 1


def test_one_listener_alone_gets_a_sentence(tmp_path):
    data = lay(tmp_path, interactions="user,track\n" + "".join(f"ann,{n}\n" for n in range(60)))
    with pytest.raises(DataError, match=r"nobody is left to answer|are needed, 0 are there"):
        split(data, users=5, seed=0)


def test_nobody_with_enough_tracks_gets_a_sentence(tmp_path):
    data = lay(tmp_path, interactions="user,track\nann,1\n")
    for merged in (1, 3):
        with pytest.raises(DataError, match=f"30 tracks .* {merged} or more are needed, 0 are there"):
            split(data, users=5, seed=0, merged=merged)


def test_halves_are_plays_likes_and_what_is_to_be_found():
    for case in split(MADE_UP, users=20, seed=1).cases:
        tracks = set(MADE_UP.listeners[case.listener])
        assert case.known | case.truth == tracks
        assert not case.known & case.truth
        assert len(case.known) == len(tracks) // 2
        assert abs(len(case.plays) - len(case.likes)) <= 1
        assert all(at <= NOW - timedelta(days=LONG_AGO) for _track, at in case.likes)


def test_in_time_only_what_is_heard_first_in_the_future_is_to_be_found(tmp_path):
    plays = [(session, f"{session}-{n}", session * 86_400 + n) for session in range(10) for n in range(6)]
    again = [(9, "0-0", 9 * 86_400 + 50)]
    lines = [f"ann,{session},{track},{at},1" for session, track, at in (*plays, *again)]
    also = [line.replace("ann", "bob") for line in lines]
    data = lay(tmp_path, plays=PLAYS + "\n".join(lines + also) + "\n")
    [case] = split(data, users=1, seed=0).cases
    assert len(case.truth) == 18  # three of ten sessions
    assert len(case.known) == 42
    assert case.plays[0][1] < NOW
    assert [at for _track, at in case.plays] == sorted((at for _track, at in case.plays), reverse=True)


def test_merged_listeners_keep_apart_what_one_knows_and_another_lacks():
    cases = split(MADE_UP, users=10, seed=2, merged=3).cases
    assert len(cases) == 10
    assert all(case.listener.count("+") == 2 and not case.known & case.truth for case in cases)


def test_few_known_tracks_leave_the_truth_as_it_is():
    whole, few = (split(MADE_UP, users=10, seed=2, known=known).cases for known in (0, 5))
    assert all(len(case.known) == 5 for case in few)
    assert [case.truth for case in few] == [case.truth for case in whole]


def test_whoever_has_too_few_tracks_is_not_drawn():
    cases = split(MADE_UP, users=50, seed=0, least=50).cases
    assert min(len(MADE_UP.listeners[case.listener]) for case in cases) >= 50


def test_nobody_left_to_answer_gets_a_sentence():
    data = replace(MADE_UP, development=frozenset(MADE_UP.listeners))
    with pytest.raises(DataError, match="nobody is left to answer"):
        split(data, users=5, seed=0)
