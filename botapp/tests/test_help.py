"""/help and /id."""

from __future__ import annotations

import re

import pytest

from botapp.tests.at_home import in_each_language, meet, wrong
from botapp.tests.listener import says
from botapp.turn import HANDLERS

pytestmark = pytest.mark.django_db


@in_each_language
def test_help_names_commands_that_are_there_and_brings_the_keyboard(language):
    meet(language=language)
    (screen,) = says(7, "/help")
    named = set(re.findall(r"^/(\w+)", screen.html, re.MULTILINE))
    assert len(screen.html) < 4096
    assert {"generate", "status", "connect", "lang"} <= named
    assert screen.keyboard


@wrong
def test_words_behind_it_do_not_matter(words):
    meet()
    assert [said.kind for said in says(7, f"/help {words}")] == ["help"]
    assert [said.kind for said in says(7, f"/id {words}")] == ["id"]


def test_a_stranger_may_ask_for_help_and_for_the_number_of_his_chat():
    assert [said.kind for said in says(99, "/help")] == ["help"]
    assert "<code>99</code>" in says(99, "/id")[0].html


def test_each_key_of_the_keyboard_is_a_command():
    meet()
    (screen,) = says(7, "/help")
    keys = [key for row in screen.keyboard for key in row]
    assert len(keys) == 6
    for key in keys:
        (answer, *_rest) = says(7, key)
        assert answer.kind != "unknown", key


def test_help_names_no_command_that_is_not_there():
    meet()
    (screen,) = says(7, "/help")
    assert set(re.findall(r"^/(\w+)", screen.html, re.MULTILINE)) <= set(HANDLERS)


def test_help_names_each_command_but_those_before_the_door():
    meet()
    (screen,) = says(7, "/help")
    named = set(re.findall(r"^/(\w+)", screen.html, re.MULTILINE))
    assert {name for name, entry in HANDLERS.items() if entry.typed} - named == {"start", "help", "email"}
