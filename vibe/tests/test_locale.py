"""The catalogues hold exactly the text of the sources, and the Russian one says all of it. Needs no GNU gettext."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from gettext import c2py
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation.template import templatize

from playlists import course, notes, reasons

APPS = ("accounts", "botapp", "playlists", "recommendations", "vibe")
# The names xgettext looks for, as far as they are used here; text under any other would never be collected.
MARKERS = ("_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy")
IN_TEMPLATE = re.compile(r"""\b(?:_|n?gettext)\(\s*u?(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
# What a translation must carry over unchanged: {fields}, %(fields)s, tags, names of settings.
VERBATIM = re.compile(r"\{[^{}]*\}|%\(\w+\)[a-z]|<[^<>]+>|\b[A-Z]+(?:_[A-Z]+)+\b")
SAME_IN_RUSSIAN = {"Spotify", "Telegram", "ISRC", "#", "Daily Vibe", "Daily Vibe · {day}"}


def catalogue(language: str, kind: str = "po") -> Path:
    return settings.BASE_DIR / "locale" / language / "LC_MESSAGES" / f"django.{kind}"


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for app in APPS:
        for path in sorted((settings.BASE_DIR / app).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def marked_in_python() -> Iterator[str]:
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in MARKERS:
                text = getattr(node.args[0], "value", None)
                assert isinstance(text, str), f"{path}:{node.lineno}: only a plain string can be collected"
                yield text


def marked_in_templates() -> Iterator[str]:
    for folder in ("templates", *APPS):
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.suffix in (".html", ".txt"):
                for found in IN_TEMPLATE.finditer(templatize(path.read_text(encoding="utf-8"))):
                    yield ast.literal_eval(found["text"])


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_catalogue_holds_every_text_of_the_sources_and_no_other(language):
    collected = {entry.msgid for entry in polib.pofile(catalogue(language)) if not entry.obsolete}
    assert collected == {*marked_in_python(), *marked_in_templates()}


def test_translation_functions_are_imported_under_names_that_are_collected():
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
                names = [alias.asname or alias.name for alias in node.names if "gettext" in alias.name]
                assert set(names) <= set(MARKERS), path


def test_every_text_is_said_in_russian():
    for entry in polib.pofile(catalogue("ru")):
        assert entry.translated(), entry.msgid  # neither empty nor fuzzy nor obsolete
        assert len(entry.msgstr_plural) in (0, 4), entry.msgid
        for text in (entry.msgstr, *entry.msgstr_plural.values()):
            assert not text or re.search("[а-яё]", text) or entry.msgid in SAME_IN_RUSSIAN, entry.msgid


def test_a_translation_keeps_fields_tags_and_names_of_settings():
    for entry in polib.pofile(catalogue("ru")):
        wanted = Counter(VERBATIM.findall(entry.msgid_plural or entry.msgid))
        for text in entry.msgstr_plural.values() or [entry.msgstr]:
            assert Counter(VERBATIM.findall(text)) == wanted, text


@pytest.mark.parametrize("language", ["en", "ru"])
def test_what_is_compiled_is_what_is_written(language):
    written, compiled = polib.pofile(catalogue(language)), polib.mofile(catalogue(language, "mo"))
    assert {entry.msgid: (entry.msgstr, entry.msgstr_plural) for entry in compiled} == {
        entry.msgid: (entry.msgstr, entry.msgstr_plural) for entry in written.translated_entries()
    }
    assert compiled.metadata["Plural-Forms"] == written.metadata["Plural-Forms"]


def test_russian_counts_one_few_and_many():
    rule = polib.mofile(catalogue("ru", "mo")).metadata["Plural-Forms"].rpartition("plural=")[2].rstrip(";")
    one, few, many = 0, 1, 2
    assert [c2py(rule)(number) for number in (0, 1, 2, 5, 11, 21, 101)] == [many, one, few, many, many, one, one]


def test_a_run_speaks_the_language_that_is_active():
    said = []
    for language in ("ru", "en"):
        with translation.override(language):
            reason = reasons.sentence({"relation": "similar_track", "because": "Кино - Пачка сигарет"})
            said.append((notes.sentence("timeout", {}), reason, str(course.STEPS["asking"])))
    assert said == [
        (
            "Spotify не ответил вовремя. Попробуйте ещё раз через несколько минут.",
            "те, кто слушает «Кино - Пачка сигарет», слушают и это",
            "опрашиваем источники",
        ),
        (
            "Spotify did not answer in time. Try again in a few minutes.",
            "listeners of Кино - Пачка сигарет also play this",
            "asking the sources",
        ),
    ]


def test_no_translated_line_breaks_a_playlist_description():
    with translation.override("ru"):
        line = notes.description("30 сентября 2026 г.", 100, 100, "0123456789")
    assert len(line) <= 300
    assert "\n" not in line


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "title"), [("ru-RU,ru;q=0.9,en;q=0.8", "Такой ссылки мы не знаем"), ("de", "This link is not known")]
)
def test_a_page_speaks_the_language_of_the_browser(client, asked, title):
    page = client.get("/auth/spotify/start?token=none", headers={"Accept-Language": asked})
    assert f"<h1>{title}</h1>" in page.content.decode()
