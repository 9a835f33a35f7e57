from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vibe.texts import cut


def test_a_text_is_cut_where_telegram_would_count_too_much():
    assert cut("Кино - Перемен", 14) == "Кино - Перемен"
    assert cut("Кино - Перемен", 8) == "Кино -…"
    assert cut("🎸🎸🎸", 6) == "🎸🎸🎸"
    assert cut("🎸🎸🎸", 5) == "🎸🎸…"
    assert cut("🎸🎸🎸", 4) == "🎸…"


@given(st.text(), st.integers(1, 50))
def test_no_text_is_longer_or_has_half_a_character(text, units):
    short = cut(text, units)
    assert len(short.encode("utf-16-le")) <= 2 * units
    assert short == text or text.startswith(short[:-1])
