from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.languages import language

LINES = (Path(__file__).parent / "languages.txt").read_text(encoding="utf-8").splitlines()
LABELLED = [[part.strip() for part in line.split(" | ")] for line in LINES if " | " in line and line[0] != "#"]


def wrong(only: str = "") -> list[list[str]]:
    return [row for row in LABELLED if row[0].startswith(only) and language(*row[1:]) != row[0]]


def test_two_hundred_labelled_titles_are_told_apart():
    assert len(LABELLED) >= 200
    assert len(wrong()) / len(LABELLED) <= 0.1, wrong()


@pytest.mark.parametrize(("told", "most"), [("ru", 0.06), ("latin", 0.03)])
def test_the_error_on_what_most_listeners_hear_is_small(told, most):
    assert len(wrong(told)) / len([row for row in LABELLED if row[0] == told]) <= most


@given(st.text(max_size=30), st.text(max_size=30))
def test_whatever_the_names_are_a_language_is_a_plain_word(artist, title):
    assert language(artist, title).isascii()
