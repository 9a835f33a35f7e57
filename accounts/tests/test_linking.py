"""The whole way of a link through the browser, and the ways in which it is refused."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import SplitResult, parse_qs, quote, urlsplit

import pytest
import responses
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts import pasting, views
from accounts.models import OAuthState, Outbox, SpotifyAccount, User
from accounts.screens import rendered
from accounts.spotify_auth import SCOPES, begin_link, hashed
from accounts.tests.spotify import TOKEN_URL, answer_me, answer_token, linked_account, token_calls
from playlists.models import PlaylistRun
from recommendations import feedback
from recommendations.models import Feedback, LibraryState, Play, RecommendationHistory, SavedTrack
from vibe.clients.models import ApiUsage, ServiceState

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return User.objects.create(
        username="tg7", first_name="Alice", last_name="Liddell", telegram_chat_id=7, telegram_username="alice"
    )


def path(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def token_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["token"][0]


def sign_in(client: Client, address: str) -> SplitResult:
    """Confirms the link; answers Spotify's address, taken apart."""
    answer = client.post("/auth/spotify/start", {"token": token_of(address)})
    assert answer.status_code == 303
    return urlsplit(answer["Location"])


def come_back(client: Client, spotify_address: SplitResult, **query: str) -> Any:
    state = parse_qs(spotify_address.query)["state"][0]
    return client.get("/auth/spotify/callback", {"code": "good-code", "state": state, **query})


def link(client: Client, user: User, chat_id: int | None = None) -> Any:
    return come_back(client, sign_in(client, begin_link(user, timezone.now(), chat_id)))


@responses.activate
def test_a_link_begun_from_the_shell_is_active_at_once(client, alice):
    answer_token()
    answer_me()
    page = link(client, alice)
    assert page.status_code == 200
    assert "Spotify is connected" in page.text
    account = alice.spotify
    assert account is not None
    assert (account.account_id, account.spotify_user_id, str(account)) == ("alice-account", "alice-old-id", "Alice")
    assert account.scopes.split() == list(SCOPES)
    assert account.confirm_hash == ""
    assert timedelta(minutes=59) < account.expires_at - timezone.now() <= timedelta(hours=1)
    assert "canary" not in account.access_token_sealed + account.refresh_token_sealed
    assert parse_qs(token_calls()[0])["code"] == ["good-code"]
    assert ApiUsage.objects.get(family="token").calls == 1


@responses.activate
def test_a_link_begun_in_a_chat_stays_pending_until_the_chat_confirms(client, alice, settings):
    settings.TELEGRAM_BOT_TOKEN = "77:bot-canary"
    responses.post(
        "https://api.telegram.org/bot77:bot-canary/getMe", json={"ok": True, "result": {"username": "vibe_bot"}}
    )
    answer_token()
    answer_me()
    page = link(client, alice, chat_id=7)
    assert alice.spotify is None
    assert "the Telegram account <strong>Alice Liddell (@alice)</strong>" in page.text
    pending = SpotifyAccount.objects.get(pending=True)
    nonce = page.context["nonce"]
    assert f'href="https://t.me/vibe_bot?start=fin_{nonce}"' in page.text
    assert len(f"fin_{nonce}") <= 64  # Telegram's limit for a start parameter
    assert pending.confirm_hash == hashed(nonce)
    assert "canary" not in page.text


@responses.activate
def test_a_cache_that_is_away_costs_nobody_his_sign_in(client, alice, settings):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    settings.TELEGRAM_BOT_TOKEN = "77:bot-canary"
    responses.post(
        "https://api.telegram.org/bot77:bot-canary/getMe", json={"ok": True, "result": {"username": "vibe_bot"}}
    )
    answer_token()
    answer_me()
    page = link(client, alice, chat_id=7)
    assert (page.status_code, "https://t.me/vibe_bot?start=fin_" in page.text) == (200, True)


@responses.activate
def test_without_the_bots_name_the_page_says_what_to_send_to_it(client, alice):
    answer_token()
    answer_me()
    page = link(client, alice, chat_id=7)
    assert f"<code>/start fin_{page.context['nonce']}</code>" in page.text


def test_the_confirm_page_names_the_chat_that_would_be_connected(client, alice):
    page = client.get(path(begin_link(alice, timezone.now(), 7)))
    assert "Alice Liddell (@alice)" in page.text
    assert "Is this not you?" in page.text


def test_the_confirm_page_names_the_user_of_a_link_from_the_shell(client):
    bob = User.objects.create(username="bob<b>")
    page = client.get(path(begin_link(bob, timezone.now())))
    assert "<strong>bob&lt;b&gt;</strong>, a user of this installation" in page.text


def test_what_goes_to_spotify_is_the_least_that_is_needed(client, alice, settings):
    spotify = sign_in(client, begin_link(alice, timezone.now()))
    query = parse_qs(spotify.query)
    assert (spotify.scheme, spotify.netloc, spotify.path) == ("https", "accounts.spotify.com", "/authorize")
    assert query["redirect_uri"] == ["http://127.0.0.1:8000/auth/spotify/callback"]
    assert query["response_type"] == ["code"]
    assert "playlist-modify-public" not in query["scope"][0]
    settings.PLAYLIST_VISIBILITY = "public"
    query = parse_qs(sign_in(client, begin_link(alice, timezone.now())).query)
    assert "playlist-modify-public" in query["scope"][0].split()


@responses.activate
def test_previews_that_fetch_the_link_use_nothing_up(client, alice):
    address = begin_link(alice, timezone.now())
    for _ in range(3):
        assert Client().get(path(address)).status_code == 200
        assert Client().head(path(address)).status_code == 200
    assert OAuthState.objects.get().used_at is None
    assert sign_in(client, address)


def test_a_link_works_once_only(client, alice):
    address = begin_link(alice, timezone.now())
    sign_in(client, address)
    for answer in (
        Client().get(path(address)),
        Client().post("/auth/spotify/start", {"token": token_of(address)}),
    ):
        assert answer.status_code == 410
        assert "has been used" in answer.text


@responses.activate
def test_who_goes_back_from_spotifys_page_goes_on_with_the_same_sign_in(client, alice):
    answer_token()
    answer_me()
    address = begin_link(alice, timezone.now())
    first = sign_in(client, address)
    assert client.get(path(address)).status_code == 200
    assert sign_in(client, address) == first
    assert come_back(client, first).status_code == 200
    assert client.get(path(address)).status_code == 410


def test_a_sign_in_is_gone_on_with_for_ten_minutes_alone(client, alice):
    address = begin_link(alice, timezone.now())
    sign_in(client, address)
    session = client.session
    session[views.BEGUN] = {**session[views.BEGUN], "until": timezone.now().isoformat()}
    session.save()
    assert client.get(path(address)).status_code == 410


def test_a_link_dies_after_ten_minutes_and_when_a_newer_one_is_asked_for(client, alice):
    old = begin_link(alice, timezone.now() - timedelta(minutes=10))
    assert client.get(path(old)).status_code == 410
    first, second = begin_link(alice, timezone.now()), begin_link(alice, timezone.now())
    assert client.get(path(first)).status_code == 404
    assert client.get(path(second)).status_code == 200


@pytest.mark.parametrize("query", ["", "?token=", "?token=wrong", "?token=%00"])
def test_an_unknown_link_has_its_own_page(client, query):
    page = client.get(f"/auth/spotify/start{query}")
    assert page.status_code == 404
    assert "This link is not known" in page.text


def test_the_cookie_against_forged_forms_goes_with_the_browser_and_no_script_reads_it(client, alice):
    cookie = client.get(path(begin_link(alice, timezone.now()))).cookies["csrftoken"]
    assert (cookie["max-age"], cookie["expires"], cookie["httponly"], cookie["samesite"]) == ("", "", True, "Lax")


def test_the_post_is_protected_against_other_sites(alice):
    address = begin_link(alice, timezone.now())
    answer = Client(enforce_csrf_checks=True).post("/auth/spotify/start", {"token": token_of(address)})
    assert answer.status_code == 403
    assert "Cookies are needed here" in answer.text
    assert OAuthState.objects.get().used_at is None


@responses.activate
def test_a_replayed_return_is_refused_and_costs_no_call(client, alice):
    answer_token()
    answer_me()
    spotify = sign_in(client, begin_link(alice, timezone.now()))
    assert come_back(client, spotify).status_code == 200
    page = come_back(client, spotify)
    assert page.status_code == 400
    assert "This sign-in was not begun here" in page.text
    assert len(token_calls()) == 1


@responses.activate
def test_a_stolen_return_address_is_worth_nothing_in_another_browser(client, alice):
    answer_token()
    answer_me()
    spotify = sign_in(client, begin_link(alice, timezone.now()))
    for thief in (Client(), Client()):
        assert come_back(thief, spotify).status_code == 400
    assert not token_calls()
    assert come_back(client, spotify).status_code == 200


@responses.activate
def test_an_attackers_return_address_does_not_link_his_spotify_to_my_chat(alice):
    mallory = User.objects.create(username="mallory")
    his = sign_in(Client(), begin_link(mallory, timezone.now()))
    mine = Client()
    sign_in(mine, begin_link(alice, timezone.now()))
    assert come_back(mine, his).status_code == 400
    assert not token_calls()
    assert not SpotifyAccount.objects.exists()


@responses.activate
def test_a_wrong_state_uses_the_sign_in_up(client, alice):
    spotify = sign_in(client, begin_link(alice, timezone.now()))
    for state in ("", "wrong", "é"):
        assert client.get("/auth/spotify/callback", {"code": "c", "state": state}).status_code == 400
    assert come_back(client, spotify).status_code == 400


@responses.activate
def test_of_twenty_returns_at_once_one_is_served(client, alice):
    answer_token()
    answer_me()
    spotify = sign_in(client, begin_link(alice, timezone.now()))
    returns = []
    for _ in range(20):
        request = RequestFactory().get("/auth/spotify/callback?code=good-code&" + spotify.query)
        request.session = type(client.session)(client.session.session_key)
        assert views.BEGUN in request.session  # each has read the session before any has saved it
        returns.append(request)
    statuses = sorted(views.callback(request).status_code for request in returns)
    assert statuses == [200, *[400] * 19]
    assert len(token_calls()) == 1


@responses.activate
def test_a_sign_in_left_lying_expires(client, alice):
    spotify = sign_in(client, begin_link(alice, timezone.now()))
    session = client.session
    session[views.BEGUN] = {**session[views.BEGUN], "until": timezone.now().isoformat()}
    session.save()
    assert come_back(client, spotify).status_code == 410
    assert not token_calls()


def test_the_session_gets_a_new_id_when_a_sign_in_begins(client, alice):
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = planted = session.session_key
    sign_in(client, begin_link(alice, timezone.now()))
    cookie = client.cookies["sessionid"]
    assert cookie.value != planted
    # Lax: Spotify sends the browser back from another site.
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert views.BEGUN not in type(session)(planted)


@pytest.mark.parametrize("extra", [{"next": "https://evil.example"}, {"redirect_uri": "https://evil.example"}])
def test_no_parameter_sends_the_browser_elsewhere(client, alice, extra):
    answer = client.post("/auth/spotify/start", {"token": token_of(begin_link(alice, timezone.now())), **extra})
    assert "evil" not in answer["Location"]
    assert client.get("/auth/spotify/callback", {"state": "x", **extra}).status_code == 400


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("put", "/auth/spotify/start", 405),
        ("delete", "/auth/spotify/start", 405),
        ("post", "/auth/spotify/callback", 405),
        ("head", "/auth/spotify/callback", 405),
    ],
)
def test_other_methods_are_refused(client, method, address, status):
    assert getattr(client, method)(address).status_code == status


@responses.activate
def test_a_head_request_leaves_the_sign_in_to_the_person(client, alice):
    answer_token()
    answer_me()
    spotify = sign_in(client, begin_link(alice, timezone.now()))
    assert client.head(f"/auth/spotify/callback?code=c&{spotify.query}").status_code == 405
    assert come_back(client, spotify).status_code == 200


@responses.activate
def test_pages_are_kept_by_no_cache_and_told_to_no_other_site(client, alice):
    answer_token()
    answer_me()
    address = begin_link(alice, timezone.now())
    pages = [client.get(path(address)), link(client, alice), client.get("/auth/spotify/callback")]
    for page in pages:
        assert "no-store" in page["Cache-Control"]
        # Not no-referrer: browsers then send "Origin: null" with the form, and the CSRF check refuses it.
        assert page["Referrer-Policy"] == "same-origin"
        assert page["X-Frame-Options"] == "DENY"
        assert "http://" not in page.text
        assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", page.text)


@responses.activate
def test_no_secret_reaches_a_page_a_redirect_or_a_log(client, alice, caplog):
    answer_token()
    answer_me()
    address = begin_link(alice, timezone.now())
    with caplog.at_level(logging.DEBUG):
        spotify = sign_in(client, address)
        page = come_back(client, spotify)
    assert token_of(address) not in spotify.geturl() + page.text
    for secret in ("canary-access", "canary-refresh", "good-code", token_of(address)):
        assert secret not in page.text + page.headers.get("Location", "") + caplog.text
    assert token_of(address) not in str(OAuthState.objects.values_list())


def test_both_languages_are_chosen_by_the_browser(client):
    page = client.get("/auth/spotify/start", headers={"Accept-Language": "ru"})
    assert '<html lang="ru">' in page.text
    page = client.get("/auth/spotify/start", headers={"Accept-Language": "de,en;q=0.5"})
    assert '<html lang="en">' in page.text


def me_refused(status: int, message: str) -> None:
    answer_token()
    responses.get(
        "https://api.spotify.com/v1/me/", json={"error": {"status": status, "message": message}}, status=status
    )


def token_refused(status: int, error: str) -> None:
    responses.post(TOKEN_URL, json={"error": error, "error_description": "canary"}, status=status)


FAILURES: dict[str, tuple[Callable[[], object], int, str]] = {
    "not_registered": (
        lambda: me_refused(403, "The user is not registered for this application."),
        403,
        "not on the app's list",
    ),
    "premium": (
        lambda: me_refused(403, "Active premium subscription required for the owner of the app."),
        503,
        "Spotify has paused this app",
    ),
    "scopes": (lambda: answer_token(scope="user-library-read"), 403, "A permission is missing"),
    "no_scopes": (lambda: answer_token(scope=""), 403, "A permission is missing"),
    "me_scope": (lambda: me_refused(403, "Insufficient client scope"), 403, "A permission is missing"),
    "client": (lambda: token_refused(400, "invalid_client"), 503, "not set up for Spotify"),
    "code": (lambda: token_refused(400, "invalid_grant"), 410, "has been used or is too old"),
    "down": (lambda: responses.post(TOKEN_URL, body="<html>canary", status=502), 503, "Spotify does not answer"),
    "malformed": (lambda: responses.post(TOKEN_URL, body="canary"), 503, "Spotify does not answer"),
    "limited": (
        lambda: responses.post(TOKEN_URL, status=429, headers={"Retry-After": "600"}),
        503,
        "Spotify asks us to wait",
    ),
}


@pytest.mark.parametrize("failure", FAILURES)
@responses.activate
def test_each_failure_has_a_page_that_says_what_to_do(client, alice, failure, caplog):
    arrange, status, words = FAILURES[failure]
    arrange()
    page = link(client, alice)
    assert page.status_code == status
    assert words in unescape(page.text)
    assert "/connect" in page.text
    assert "canary" not in page.text
    assert not SpotifyAccount.objects.exists()
    assert ("a sign-in at Spotify failed" in caplog.text) == (status == 503)
    assert "ERROR" not in caplog.text


@responses.activate
def test_a_limit_met_here_stops_the_other_processes_too(client, alice):
    FAILURES["limited"][0]()
    link(client, alice)
    assert ServiceState.objects.get(service="spotify").blocked_until is not None
    assert link(client, alice).status_code == 503
    assert len(token_calls()) == 1


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [("access_denied", 403, "You did not agree"), ("server_error", 400, "Spotify did not let you sign in")],
)
@responses.activate
def test_a_no_on_spotifys_page_changes_nothing(client, alice, error, status, words):
    spotify = sign_in(client, begin_link(alice, timezone.now()))
    state = parse_qs(spotify.query)["state"][0]
    page = client.get("/auth/spotify/callback", {"error": error, "state": state})
    assert page.status_code == status
    assert words in page.text
    assert not token_calls()


def test_an_installation_without_a_client_id_says_so_before_the_link_is_used_up(client, alice, settings):
    settings.SPOTIFY_CLIENT_ID = ""
    answer = client.post("/auth/spotify/start", {"token": token_of(begin_link(alice, timezone.now()))})
    assert "SPOTIFY_CLIENT_ID" in answer.text
    assert OAuthState.objects.get().used_at is None


def liked(account: SpotifyAccount) -> SavedTrack:
    return SavedTrack.objects.create(
        account=account,
        spotify_track_id="t",
        match_key="k",
        name="Song",
        added_at=timezone.now(),
        seen_at=timezone.now(),
    )


@responses.activate
def test_a_new_consent_of_the_same_account_keeps_its_row_and_its_data(client, alice):
    old = linked_account(alice, needs_reconnect=True, authorized_at=timezone.now() - timedelta(days=200))
    liked(old)
    answer_token()
    answer_me()
    link(client, alice)
    account = SpotifyAccount.objects.get()
    assert account.pk == old.pk
    assert not account.needs_reconnect
    assert account.access_token_sealed != old.access_token_sealed
    assert timezone.now() - account.authorized_at < timedelta(minutes=1)
    assert account.saved_tracks.count() == 1


@pytest.fixture
def older(alice):
    """Another account of Alice's, of which everything there can be is known."""
    old, now = linked_account(alice, "older-account", standing_playlist_id="theirs"), timezone.now()
    liked(old)
    LibraryState.objects.create(account=old, total=1)
    Play.objects.create(account=old, spotify_track_id="p", match_key="p", name="Played", played_at=now)
    feedback.block(old, "Nobody", now)
    RecommendationHistory.objects.create(
        account=old, spotify_track_id="g", match_key="g", first_recommended_at=now, last_recommended_at=now
    )
    answer_token()
    answer_me()
    return old


def known_of(account: SpotifyAccount | None) -> list[int]:
    """Rows of what the listener was given, said and played, and of his library."""
    models: list[Any] = [RecommendationHistory, Feedback, Play, SavedTrack, LibraryState]
    return [model.objects.filter(account=account).count() for model in models]


def from_shell(client: Client, user: User, *, keep: bool | None) -> Any:
    return come_back(client, sign_in(client, begin_link(user, timezone.now(), keep=keep)))


@responses.activate
def test_another_account_is_refused_where_nobody_said_what_becomes_of_the_old_ones_data(client, alice, older):
    page = from_shell(client, alice, keep=None)
    assert page.status_code == 409
    assert "--keep or --clear" in page.text
    assert SpotifyAccount.objects.get() == older
    assert known_of(older) == [1] * 5


@responses.activate
def test_another_account_takes_over_what_is_known_of_the_listener_and_not_the_other_library(client, alice, older):
    assert "Spotify is connected" in from_shell(client, alice, keep=True).text
    account = SpotifyAccount.objects.get()
    assert (account.account_id, account.standing_playlist_id) == ("alice-account", "")
    assert known_of(account) == [1, 1, 1, 0, 0]
    assert not SavedTrack.objects.exists()


@responses.activate
def test_another_account_begins_from_nothing_where_that_was_said(client, alice, older):
    now = timezone.now()
    run = PlaylistRun.objects.create(
        user=alice, trigger="bot", day=now.date(), created_at=now, size_asked=1, min_new_ratio=0.5, status="success"
    )
    run.tracks.create(position=1, spotify_track_id="t", name="Given by the old one", artists="X", source="lastfm")
    from_shell(client, alice, keep=False)
    assert not run.tracks.exists()
    account = SpotifyAccount.objects.get()
    assert account.account_id == "alice-account"
    assert known_of(account) == [0] * 5
    assert not RecommendationHistory.objects.exists()


@responses.activate
def test_a_link_from_the_shell_is_told_in_the_chat_and_offers_the_first_playlist(client, alice):
    answer_token()
    answer_me()
    link(client, alice)
    told = Outbox.objects.get()
    assert (told.chat_id, told.kind, told.payload["first"]) == (7, "linked", True)
    assert "Make my first playlist" in str(rendered(told, alice, timezone.now()))


@responses.activate
def test_until_the_chat_confirms_the_old_account_goes_on_working(client, alice):
    old = linked_account(alice, "older-account")
    answer_token()
    answer_me()
    link(client, alice, chat_id=7)
    assert alice.spotify == old


@responses.activate
def test_a_second_try_replaces_the_first_pending_consent(client, alice):
    answer_token()
    answer_me()
    link(client, alice, chat_id=7)
    first = SpotifyAccount.objects.get().confirm_hash
    link(client, alice, chat_id=7)
    assert SpotifyAccount.objects.get().confirm_hash != first


@responses.activate
def test_an_account_of_another_user_is_not_taken_over(client, alice):
    bob = User.objects.create(username="bob", telegram_chat_id=8)
    his = linked_account(bob, display_name="Bob <b>")
    answer_token()
    answer_me()
    page = link(client, alice)
    assert page.status_code == 409
    assert "connected already" in page.text
    link(client, alice)
    # He hears of it once a day, and not who it was.
    told = Outbox.objects.get()
    assert (told.chat_id, told.kind, told.payload) == (8, "connect_tried", {"account": "Bob <b>"})
    assert "Bob &lt;b&gt;" in rendered(told, bob, timezone.now())[0]
    assert bob.spotify == his
    assert alice.spotify is None


def test_who_is_known_is_spoken_to_as_the_bot_does_whatever_the_browser_speaks(client, alice):
    alice.language = "ru"
    alice.save()
    address = begin_link(alice, timezone.now(), 7)
    page = client.get(path(address), headers={"Accept-Language": "en"})
    assert "Перейти в Spotify" in page.text


@responses.activate
def test_a_phones_link_opened_on_the_machine_itself_says_that_its_answer_belongs_into_the_chat(client, alice):
    state = parse_qs(urlsplit(pasting.begin(alice, timezone.now(), 7)).query)["state"][0]
    page = client.get("/auth/spotify/callback", {"code": "good-code", "state": state})
    assert page.status_code == 400
    assert "send it to the bot" in page.text
    assert "good-code" not in page.text
    assert state not in page.text
    assert OAuthState.objects.open(timezone.now()).exists()
    assert not token_calls()


def test_a_phones_link_opened_too_late_on_the_machine_itself_is_told_to_be_too_old(client, alice):
    state = parse_qs(urlsplit(pasting.begin(alice, timezone.now() - timedelta(minutes=10), 7)).query)["state"][0]
    page = client.get("/auth/spotify/callback", {"code": "good-code", "state": state})
    assert page.status_code == 410
    assert "too old" in page.text


def test_a_phones_state_begins_no_sign_in_in_a_browser(client, alice):
    state = parse_qs(urlsplit(pasting.begin(alice, timezone.now(), 7)).query)["state"][0]
    assert client.get(f"/auth/spotify/start?token={state}").status_code == 404
    assert client.post("/auth/spotify/start", {"token": state}).status_code == 404
    assert OAuthState.objects.get().used_at is None


@responses.activate
def test_a_consent_that_cannot_be_stored_is_told_and_not_kept(client, alice, settings):
    answer_token()
    answer_me()
    settings.TOKEN_ENCRYPTION_KEYS = []
    page = link(client, alice)
    assert page.status_code == 503
    assert "TOKEN_ENCRYPTION_KEYS" in page.text
    assert not SpotifyAccount.objects.exists()


@pytest.mark.parametrize("junk", ["\x00", "x" * 100_000, "\ud800", "é\r\nSet-Cookie: a=b"], ids=range(4))
def test_no_parameter_breaks_a_page(client, junk):
    value = quote(junk, errors="surrogatepass")
    assert client.get(f"/auth/spotify/start?token={value}").status_code == 404
    for query in (f"state={value}", f"state=x&code={value}", f"error={value}&state={value}"):
        assert client.get(f"/auth/spotify/callback?{query}").status_code == 400
