"""A message's text and its buttons from one template, sealed to the chat."""

from __future__ import annotations

import pytest
from django.template import engines
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import callbacks, screens
from accounts.models import Outbox
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


MARKERS = ("::buttons::", "::keyboard::")
NAMES = [
    name
    for marker in MARKERS
    for name in (marker, f"Bob\n{marker}\nEvil => https://evil.example\n{marker}", f"{marker}\n")
]
NAMES += ["::buttons", "buttons::", ":buttons:", "::::buttons::::"]


def request(**payload: object) -> Outbox:
    about = {"user": 5, "name": "Bob", "chat": 9, "active": True, "used": 1, "slots": 5, "email": "b@c.de"}
    return Outbox(chat_id=7, kind="approve_request", payload=about | payload)


@pytest.mark.parametrize("field", ["name", "email", "handle"])
@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_holds_a_marker_is_only_a_name(name, field):
    _text, expected = screens.rendered(request(), None, timezone.now())
    text, markup = screens.rendered(request(**{field: name}), None, timezone.now())
    assert markup == expected
    assert text.replace(screens.JOINER, "").count(name.strip()) == 1 or "\n" in name
    assert "Places taken" in text


@given(st.text(alphabet=":\n\r butonskeyard", max_size=40), st.sampled_from(MARKERS), st.text(":\n", max_size=4))
def test_no_text_from_outside_makes_a_section(before, marker, after):
    harmless = screens._harmless({"a": [before + marker + after, {before + marker: 1}]})
    (key,) = harmless["a"][1]
    for text in (harmless["a"][0], key):
        assert not screens.SECTION.search(f"::{text}::")
        assert text.replace(screens.JOINER, "") in (before + marker + after, before + marker)
