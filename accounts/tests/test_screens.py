"""A message's text and its buttons from one template, sealed to the chat."""

from __future__ import annotations

import pytest
from django.template import engines
from hypothesis import given
from hypothesis import strategies as st

from accounts import callbacks, screens
from accounts.templatetags.telegram import label


def test_rows_are_lines_and_cells_without_label_or_target_are_left_out():
    content = "\nOpen => https://a.b/?x=1&amp;y=2 | Why => why:12\n\n => nothing | Nothing =>\nAgain => generate\n"
    assert screens.cells(content) == [
        [("Open", "https://a.b/?x=1&y=2"), ("Why", "why:12")],
        [("Again", "generate")],
    ]


@given(st.text(max_size=60))
def test_any_name_makes_one_cell(name):
    html = engines["django"].from_string("{{ name }} => block:1 | Other => x").render({"name": label(name)})
    rows = screens.cells(html)
    assert len(rows) == 1
    assert rows[0][-1] == ("Other", "x")
    assert len(rows[0]) == 2 or not label(name).strip()


@given(st.integers(), st.text("abcdefgh:_0123456789", min_size=1, max_size=50))
def test_a_button_opens_in_its_own_chat_alone(chat_id, action):
    data = callbacks.sealed(chat_id, action)
    assert len(data.encode()) <= 64
    assert callbacks.opened(chat_id, data) == action
    assert callbacks.opened(chat_id + 1, data) is None
    assert callbacks.opened(chat_id, data.replace(action, action + "0", 1)) is None


@pytest.mark.parametrize("data", ["", "~", "generate", "generate~", "~0123456789ab", "generate~ёёё"])
def test_what_nobody_sealed_does_not_open(data):
    assert callbacks.opened(7, data) is None


def test_an_action_too_long_for_telegram_is_refused():
    with pytest.raises(ValueError, match="too long"):
        callbacks.sealed(7, "x" * 52)
