"""Attacks on the linking of an account. The first line of each test is its row in docs/security.md."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from accounts.models import OAuthState, SpotifyAccount
from botapp.tests.listener import says
from vibe.tests.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def token_of(link):
    return parse_qs(urlsplit(link).query)["token"][0]


def nonce_of(page):
    return page.text.partition("fin_")[2].split('"')[0].split("<")[0]


def test_replay_of_a_link(site, victim):
    """A one-time link is used a second time | 410, no second sign-in begins"""
    link = site.link(victim)
    site.agreed(site.browser(), link)
    assert site.browser().open(link).status_code == 410
    assert site.browser().submit("/auth/spotify/start", token=token_of(link)).status_code in {403, 410}
    assert OAuthState.objects.get().used_at is not None


def test_preview_of_a_link(site, victim):
    """Previews and scanners fetch the link before its owner does | 200 each time, it is not used up"""
    link = site.link(victim)
    for method in ("GET", "HEAD", "GET"):
        assert site.browser().open(link, method).status_code == 200
    assert site.agreed(site.browser(), link)


def test_guessed_tokens(site, victim):
    """A thousand guessed tokens from one address | 404, and 429 after the first few"""
    site.link(victim)
    browser = site.browser()
    statuses = [browser.open(f"/auth/spotify/start?token=guess{number}").status_code for number in range(30)]
    assert set(statuses) == {404, 429}
    assert statuses[-1] == 429


def test_replay_of_the_return(site, victim):
    """The address that Spotify sent the browser to is opened again | 400, the consent stays what it was"""
    browser = site.browser()
    back = site.agreed(browser, site.link(victim))
    assert browser.open(back).status_code == 200
    before = SpotifyAccount.objects.values().get()
    assert browser.open(back).status_code == 400
    assert SpotifyAccount.objects.values().get() == before


def test_race_of_two_returns(site, victim):
    """Ten returns with one state at the same moment | one is taken, nine get 400; one consent"""
    browser = site.browser()
    back = site.agreed(browser, site.link(victim))
    cookies = browser.cookies.get_dict()

    def come_back():
        return site.browser().open(back, cookies=cookies).status_code

    assert sorted(at_once(10, come_back)) == [200] + [400] * 9
    assert SpotifyAccount.objects.count() == 1


def test_victims_spotify_into_a_strangers_chat(site, mallory, victim):
    """Login CSRF: a stranger's link is sent to the victim, who agrees and confirms | refused, the consent is dropped"""
    browser = site.browser()
    page = browser.open(site.agreed(browser, site.link(mallory)))
    assert "Mallory" in browser.open(site.link(mallory)).text  # whom it is for stands on the page before
    said = says(7, f"/start fin_{nonce_of(page)}")
    assert [screen.kind for screen in said if screen.chat_id == 7] != []
    assert not SpotifyAccount.objects.filter(pending=False).exists()
    assert not SpotifyAccount.objects.filter(user=mallory).exists()


def test_strangers_spotify_into_the_victims_chat(site, mallory, victim):
    """Login CSRF the other way: the victim opens the stranger's return address | 400, nothing is kept"""
    begun, back = site.browser(), site.agreed(site.browser(), site.link(mallory))
    begun.submit(site.link(victim), token=token_of(site.link(victim)))
    assert begun.open(back).status_code == 400
    assert not SpotifyAccount.objects.exists()


def test_forged_form(site, victim):
    """Another site submits the confirmation in the victim's browser | 403, the link stays unused"""
    browser, link = site.browser(), site.link(victim)
    browser.open(link)
    forged = {"token": token_of(link), "csrfmiddlewaretoken": "x" * 64}
    answer = browser.open("/auth/spotify/start", "POST", data=forged, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert OAuthState.objects.get().used_at is None


def test_planted_session(site, victim):
    """A session id planted in the victim's browser beforehand | it is replaced, and never holds the sign-in"""
    browser = site.browser()
    browser.cookies.set("sessionid", "planted0planted0planted0planted0")
    back = site.agreed(browser, site.link(victim))
    assert "planted0planted0planted0planted0" not in set(browser.cookies.get_dict().values())
    with_planted = site.browser()
    with_planted.cookies.set("sessionid", "planted0planted0planted0planted0")
    assert with_planted.open(back).status_code == 400


@pytest.mark.parametrize("name", ["next", "redirect_uri", "return_to", "url"])
def test_open_redirect(site, victim, name):
    """An address of the attacker's in `next` and the like | ignored: the one redirect there is leads to Spotify"""
    link = site.link(victim) + f"&{name}=https://evil.example"
    browser = site.browser()
    answer = browser.submit(link, **{"token": token_of(link), name: "https://evil.example"})
    assert answer.headers["Location"].startswith(f"{site.spotify.url}/authorize?")
    assert "evil" not in answer.headers["Location"]
    back = site.spotify.consent(answer.headers["Location"], "anna") + f"&{name}=https://evil.example"
    assert "Location" not in browser.open(back).headers


@pytest.mark.parametrize("junk", ["%0d%0aSet-Cookie:%20evil=1", "%00", "%ff%fe", "%F0%9F%8E%B5" * 50, "a" * 6000])
def test_header_injection(site, junk):
    """Line ends, NUL, broken UTF-8, 6,000 characters in token, state, code and error | a page, no header of theirs"""
    for path in (f"start?token={junk}", f"callback?state={junk}&code={junk}", f"callback?error={junk}&state={junk}"):
        answer = site.browser().open(f"/auth/spotify/{path}")
        assert answer.status_code in {400, 404, 414, 429}, path
        assert "evil" not in answer.headers.get("Set-Cookie", "")


def test_host_header(site, victim):
    """A foreign Host or X-Forwarded-Host | 400, or not believed: links are made from PUBLIC_URL alone"""
    link = site.link(victim)
    assert site.browser().open(link, headers={"Host": "evil.example"}).status_code == 400
    answer = site.browser().open(link, headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"})
    assert answer.status_code == 200
    assert "evil.example" not in answer.text + str(answer.headers)


def test_wrong_methods(site, victim):
    """DELETE, PUT, PATCH and a HEAD at the return address | 405, nothing is used up"""
    link = site.link(victim)
    for method in ("DELETE", "PUT", "PATCH"):
        assert site.browser().open(link, method).status_code in {403, 405}
    browser = site.browser()
    back = site.agreed(browser, site.link(victim))
    assert browser.open(back, "HEAD").status_code == 405
    assert browser.open(back).status_code == 200
