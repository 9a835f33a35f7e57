from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import unfold
from django.utils import translation
from django.utils.translation.template import templatize

from vibe.tests.test_locale import IN_TEMPLATE, MARKERS
from vibe.theme_words import WORDS

THEME = Path(unfold.__file__).parent
# Of files, images, inlines, sliders, data sets and the palette of commands, which no page of ours has.
NOT_SHOWN = {
    "Add row",
    "Choose file to upload",
    "Click to cancel",
    "Click to download",
    "Dataset not found. No action performed.",
    "Image preview",
    "Not enough data.",
    "Record picture",
    "Select currency",
    "This item will be deleted.",
    "You can not create nested object without parent",
}


def of_the_theme() -> Iterator[str]:
    for path in sorted(THEME.rglob("*")):
        if "contrib" in path.parts and "filters" not in path.parts:
            continue
        if path.suffix == ".html":
            found = IN_TEMPLATE.finditer(templatize(path.read_text(encoding="utf-8")))
            yield from (ast.literal_eval(one["text"]) for one in found)
        elif path.suffix == ".py":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MARKERS and node.args:
                    yield getattr(node.args[0], "value", "")


def test_every_word_that_the_theme_shows_is_said_in_russian():
    with translation.override("en"):
        ours = {str(word) for word in WORDS}
    texts = {text for text in of_the_theme() if isinstance(text, str) and text.strip() == text != ""}
    assert len(texts) > 100
    assert ours <= texts
    with translation.override("ru"):
        say = translation.gettext  # by another name: these words are not ours to collect
        assert {text for text in texts - ours if say(text) == text} == NOT_SHOWN
