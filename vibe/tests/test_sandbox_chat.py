"""The page with the chat: what a browser gets of it."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from vibe.sandbox.chat_page import WORDS
from vibe.tests.sandbox_local import uri
from vibe.tests.telegram_local import AGAIN, TOKEN, Chats, inline


@pytest.fixture
def chats() -> Chats:
    return Chats()


def page(chats: Chats, **query: Any) -> str:
    answer = chats.http.get("/chat", query_string=query)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    return answer.get_data(as_text=True)


def events(chats: Chats, **query: Any) -> dict[str, Any]:
    news: dict[str, Any] = chats.http.get("/chat/events", query_string=query).get_json()
    return news


class Labels(HTMLParser):
    """Every field and button of a page, and whether it has a name."""

    def __init__(self) -> None:
        super().__init__()
        self.nameless: list[str] = []
        self.labelled: set[str] = set()
        self.inside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.inside += tag == "label"
        self.labelled.add(known.get("for") or "")
        is_field = tag in ("input", "select") and known.get("type") != "hidden"
        if is_field and not self.inside and known.get("id") not in self.labelled and "aria-label" not in known:
            self.nameless.append(str(known))

    def handle_endtag(self, tag: str) -> None:
        self.inside -= tag == "label"


@pytest.mark.parametrize(("language", "words"), [("ru", "Созданные плейлисты"), ("en", "Playlists that were made")])
def test_the_page_speaks_the_persons_language(chats, language, words):
    text = page(chats, language=language)
    assert f'<html lang="{language}">' in text
    assert words in text
    other = WORDS["en" if language == "ru" else "ru"]["send"]
    assert f'aria-label="{other}"' not in text


def test_both_languages_have_all_words():
    assert WORDS["ru"].keys() == WORDS["en"].keys()


def test_nothing_is_loaded_from_elsewhere_and_every_field_has_a_name(chats):
    answer = chats.http.get("/chat")
    text = answer.get_data(as_text=True)
    assert re.findall(r'(?:src|href)="(?!/|data:)', text) == []
    nonce = re.findall(r'nonce="([^"]+)"', text)
    assert len(nonce) == 2
    assert f"script-src 'nonce-{nonce[0]}'" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    reader = Labels()
    reader.feed(text)
    assert reader.nameless == []
    assert 'role="log" aria-live="polite"' in text


def test_several_people_share_the_page_and_the_browser_remembers_the_last(chats):
    page(chats, **{"as": 1001, "language": "ru"})
    made = chats.http.get("/chat?as=new&name=Boris&language=en")
    assert (made.status_code, made.headers["Location"]) == (302, "/chat?as=1002&name=Boris&language=en")
    assert 'data-as="1002"' in page(chats, **{"as": 1002, "name": "Boris", "language": "en"})
    text = page(chats)
    assert 'data-as="1002" data-language="en"' in text
    assert '<option value="1001">Аня</option><option value="1002" selected>Boris</option>' in text
    chats.http.delete_cookie("chat_as")
    assert 'data-as="1002"' in page(chats)
    chats.do("say", chat=1002, text="hi")
    assert chats.look("updates")[0]["message"]["from"] == {
        "id": 1002,
        "is_bot": False,
        "first_name": "Boris",
        "language_code": "en",
    }


def test_a_browser_without_a_choice_speaks_for_its_person(chats):
    text = chats.http.get("/chat", headers={"Accept-Language": "ru-RU,ru;q=0.9,en;q=0.5"}).get_data(as_text=True)
    assert 'data-language="ru"' in text
    assert ">Аня<" in text


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/sandbox_bot?start=fin_a-B", "/chat?start=fin_a-B"),
        ("/vibe_bot?start=x", "/chat?start=x"),
        ("/sandbox_bot", "/chat"),
        ("/sandbox_bot?start=%22%3E", "/chat"),
        ("/sandbox_bot?start=" + "x" * 65, "/chat"),
    ],
)
def test_a_link_to_the_bot_leads_to_the_chat_with_its_payload(chats, path, target):
    answer = chats.http.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (302, target)


def test_the_payload_waits_behind_the_start_button(chats):
    assert 'data-start="fin_a-B"' in page(chats, start="fin_a-B")
    assert 'data-start=""' in page(chats, start='"><script>')


def test_events_tell_only_what_is_new(chats):
    page(chats, **{"as": 7})
    chats.do("say", chat=7, text="/start fin_secret")
    chats.done("sendMessage", chat_id=7, text="hi", reply_markup=inline(AGAIN))
    first = events(chats, **{"as": 7})
    assert [(row["id"], row["side"], row["html"]) for row in first["rows"]] == [(1, "me", "/start"), (2, "bot", "hi")]
    assert first["rows"][1]["buttons"] == [[{"text": "Again", "data": "again"}]]
    quiet = events(chats, **{"as": 7, "since": first["version"], "toasted": 0, "mark": first["shelf"]["mark"]})
    assert (quiet["rows"], quiet["toasts"], quiet["shelf"]) == ([], [], None)
    query = chats.do("press", chat=7, message_id=2, data="again")["callback_query_id"]
    assert events(chats, **{"as": 7})["waiting"]
    chats.done("answerCallbackQuery", callback_query_id=query, text="Done")
    chats.done("editMessageText", chat_id=7, message_id=2, text="ho")
    chats.done("deleteMessage", chat_id=7, message_id=1)
    news = events(chats, **{"as": 7, "since": first["version"], "toasted": 0})
    assert [row.get("html", "gone") for row in news["rows"]] == ["gone", "ho"]
    assert (news["toasts"], news["waiting"]) == ([{"text": "Done", "alert": False}], False)
    assert [row["id"] for row in events(chats, **{"as": 7})["rows"]] == [2]
    assert events(chats, **{"as": 7, "since": 10**6})["again"]
    assert events(chats, **{"as": 8})["rows"] == []


def test_events_tell_what_the_bot_is_doing_and_offers(chats):
    page(chats, **{"as": 7, "language": "ru"})
    chats.done("setMyCommands", commands=[{"command": "go", "description": "Начать"}], language_code="ru")
    chats.done("setMyDescription", description="О боте", language_code="ru")
    chats.done("sendMessage", chat_id=7, text="x", reply_markup={"keyboard": [["One", {"text": "Two"}]]})
    chats.done("sendMessage", chat_id=7, text="y")
    chats.done("sendChatAction", chat_id=7, action="typing")
    news = events(chats, **{"as": 7})
    assert (news["doing"], news["about"], news["keyboard"]) == (True, "О боте", [["One", "Two"]])
    assert news["commands"] == [{"command": "go", "description": "Начать"}]
    chats.later(seconds=6)
    chats.done("sendMessage", chat_id=7, text="z", reply_markup={"remove_keyboard": True})
    news = events(chats, **{"as": 7})
    assert (news["doing"], news["keyboard"]) == (False, [])


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<b>a</b> <strong>b</strong> &lt;i&gt; &amp;copy; & c", "<b>a</b> <b>b</b> &lt;i&gt; &amp;copy; &amp; c"),
        ('<a href="javascript:alert(1)">x</a>', "<a>x</a>"),
        ('<a href="https://a.b/?c=1&amp;d=&quot;" onclick="alert(1)">x</a>', '<a href="https://a.b/?c=1&amp;d=&quot;"'),
        ("<tg-spoiler>x</tg-spoiler>", '<span class="spoiler" tabindex="0">x</span>'),
        ("<code onmouseover=alert(1)>&#60;script&#x3e;</code>", "<code>&lt;script&gt;</code>"),
    ],
)
def test_a_message_reaches_the_browser_with_allowed_tags_only(chats, html, shown):
    chats.done("sendMessage", chat_id=7, text=html, parse_mode="HTML")
    sent = events(chats, **{"as": 7})["rows"][0]["html"]
    assert shown in sent
    assert not re.search(r"<[^>]*\bon|javascript", sent)


def test_what_people_write_is_no_html(chats):
    chats.do("say", chat=7, text="<img src=x onerror=alert(1)>", name="<script>")
    assert events(chats, **{"as": 7})["rows"][0]["html"] == "&lt;img src=x onerror=alert(1)&gt;"
    assert "<script>" not in page(chats, **{"as": 7})


def test_a_document_can_be_saved_and_is_never_opened_as_a_page(chats):
    form = {"chat_id": "7", "document": (io.BytesIO(b"<script>"), "данные.html", "text/html")}
    chats.http.post(f"/bot{TOKEN}/sendDocument", data=form)
    file = events(chats, **{"as": 7})["rows"][0]["file"]
    assert (file["name"], file["size"], file["image"]) == ("данные.html", "8 B", False)
    answer = chats.http.get(file["href"])
    assert (answer.get_data(), answer.mimetype) == (b"<script>", "application/octet-stream")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert chats.http.get("/chat/file?id=nope").status_code == 404


def test_playlists_appear_beside_the_chat_as_they_are_made(chats):
    before = events(chats)["shelf"]
    chats.link()
    made = chats.playlist(name="<b>Daily</b>", description="a & b")
    chats.call("POST", f"playlists/{made}/items", {"uris": [uri(12)]})
    after = events(chats, mark=before["mark"])["shelf"]
    assert (before["count"], after["count"]) == (0, 1)
    assert "&lt;b&gt;Daily&lt;/b&gt;" in after["html"]
    assert "Группа крови <small>Кино</small>" in after["html"]
    assert 'Anna</a> <small class="linked">connected' in after["html"]


def test_the_home_page_leads_to_the_chat(chats):
    assert 'href="/chat"' in chats.http.get("/").get_data(as_text=True)
