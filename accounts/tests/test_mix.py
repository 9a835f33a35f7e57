from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts import mix
from accounts.mix import Unreadable, read, shares


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        *[("auto", "auto"), ("АВТО", "auto"), ("off", "off"), (" any ", "off"), ("выкл", "off")],
        *[("ru 40 en 50 other 10", "ru 40 latin 50 other 10"), ("RU 40, EN 50", "ru 40 latin 50 other 10")],
        *[("ru: 40%; английский: 60%", "ru 40 latin 60"), ("русский=100", "ru 100"), ("ru 0", "ru 0 other 100")],
        *[("ru40en60", "ru 40 latin 60"), ("ｒｕ ４０ ｅｎ ６０", "ru 40 latin 60"), ("ja ٤٠", "ja 40 other 60")],
        *[("ru 50 latin 50 other 0", "ru 50 latin 50")],
    ],
)
def test_a_mix_is_read_as_people_write_it(words, kept):
    assert read(words) == kept
    assert read(kept) == kept


@pytest.mark.parametrize(
    ("words", "unknown", "total"),
    [
        *[("ru 40 en 90", "", 130), ("ru 40 other 10", "", 50), ("ru 101", "", 101), ("xx 40 en 60", "xx", None)],
        *[("de 50", "de", None), ("banana", "banana", None), ("auto 50 en 50", "auto", None)],
        *[("", "", None), ("ru", "", None), ("40", "", None), ("ru 40 40", "", None), ("ru 40 ru 60", "", None)],
        *[("ru 40 rus 60", "", None), ("ru -5", "", None), ("ru 12.5", "", None), ("ru 1000", "", None)],
        ("<b>&\"'; DROP TABLE", "", None),
    ],
)
def test_what_is_no_mix_says_why(words, unknown, total):
    with pytest.raises(Unreadable) as wrong:
        read(words)
    assert (wrong.value.unknown, wrong.value.total) == (unknown, total)


@given(st.text(max_size=60) | st.text("ru en40,5 other%", max_size=30))
def test_whatever_is_read_fits_its_column_and_adds_up(words):
    try:
        kept = read(words)
    except Unreadable:
        return
    assert len(kept) <= 200
    assert sum((shares(kept) or {"": 100}).values()) == 100


def test_every_language_may_have_its_share():
    wish = read(" ".join(f"{code} 1" for code in mix.CODES if code != mix.OTHER))
    assert len(wish) <= 200
    assert set(shares(wish) or ()) == set(mix.CODES)


def test_the_shares_are_none_for_auto_empty_for_off_and_leave_nothing_to_others_unasked():
    assert (shares("auto"), shares("off")) == (None, {})
    assert shares("ru 40 en 60") == {"ru": 40, "latin": 60, "other": 0}


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        *[
            ("xx 50", "“xx” is no language"),
            ("ru 40 en 90", "come to 130%, not to 100%"),
            ("ru", "Write auto, off, or"),
        ],
    ],
)
def test_the_operator_is_told_what_is_wrong(wish, sentence):
    with pytest.raises(ValidationError, match=sentence):
        mix.validate(wish)
