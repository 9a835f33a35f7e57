"""A newcomer's walk in a real browser: `make run`, the chat, `/start`, the link, the consent, the finished playlist.

Not part of `make test`, for it needs Chromium: `make walk`. Screenshots are left in var/walk.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import element_to_be_clickable, number_of_windows_to_be
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from vibe.tests import telegram_schema
from vibe.tests.browser import SIZES, complaints, dress
from vibe.tests.browser import browser as chromium
from vibe.tests.sandbox_process import ROOT

SHOTS = ROOT / "var" / "walk"
PATIENCE = 60  # seconds
WORDS = {
    "en": {
        "connect": "Connect Spotify",
        "link": "The link works once",
        "linked": "Spotify is connected",
        "first": "Make my first playlist",
        "done": "Open in Spotify",
        "why": "Why these tracks",
        "hour": "08:00",
        "confirm": "Go on to Spotify",
        "agreed": "One more step",
        "page": "Page 1 of 3",
    },
    "ru": {
        "connect": "Подключить Spotify",
        "link": "Ссылка действует один раз",
        "linked": "Spotify подключён",
        "first": "Создать первый плейлист",
        "done": "Открыть в Spotify",
        "why": "Почему эти треки",
        "hour": "08:00",
        "confirm": "Перейти в Spotify",
        "agreed": "Остался один шаг",
        "page": "Страница 1 из 3",
    },
}


@pytest.fixture(scope="module")
def chat() -> Iterator[str]:
    """The one address that `manage.py run` prints, with nothing configured."""
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "manage.py", "run", "--pretend"]
    process = subprocess.Popen(command, cwd=ROOT, env=bare, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    said = ""
    while not (found := re.search(r"Open\s+(http\S+)", said)):
        line = process.stdout.readline()
        assert line, said
        said += line
    assert re.search(r"Admin\s+http\S+/admin/\s+user admin, password \S+", said + process.stdout.readline())
    try:
        yield found[1]
    finally:
        process.terminate()
        process.communicate(timeout=90)
        assert process.returncode == 0


@pytest.fixture(params=SIZES)
def browser(request: pytest.FixtureRequest) -> Iterator[webdriver.Chrome]:
    with chromium(request.param, dark=request.param == "desktop") as driver:
        yield driver


class Walker:
    def __init__(self, browser: webdriver.Chrome, language: str, size: str) -> None:
        self.browser, self.name, self.words, self.shots = browser, f"{language}-{size}", WORDS[language], 0
        self.dress = size, size == "desktop"
        self.wait = WebDriverWait(browser, PATIENCE, poll_frequency=0.2)

    def shoot(self, what: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.wait.until(lambda driver: driver.execute_script("return document.getAnimations().length") == 0)
        self.shots += 1
        self.browser.save_screenshot(str(SHOTS / f"{self.name}-{self.shots:02}-{what}.png"))

    def write(self, text: str) -> None:
        self.find("#text").send_keys(text + "\n")

    def last(self, name: str) -> WebElement:
        """The newest thing to press with that label."""
        label = self.words[name]
        path = f"//*[contains(@class,'buttons')]//*[self::a or self::button][normalize-space()='{label}']"
        return self.wait.until(lambda driver: driver.find_elements(By.XPATH, path) or False)[-1]

    def press(self, name: str) -> None:
        self.browser.execute_script("arguments[0].click()", self.last(name))

    def until_said(self, name: str) -> None:
        self.wait.until(lambda driver: self.words[name] in driver.find_element(By.ID, "log").text)

    def elsewhere(self, address: str) -> None:
        """Opens it in a new tab, as the chat does."""
        self.browser.switch_to.new_window("tab")
        dress(self.browser, *self.dress)
        self.browser.get(address)

    def submit(self, value: str = "") -> None:
        self.find(f"button[value='{value}']" if value else "form button").click()

    def find(self, selector: str) -> WebElement:
        """What can be pressed there, once it can: the page may still be on its way."""
        return self.wait.until(element_to_be_clickable((By.CSS_SELECTOR, selector)))


@pytest.mark.parametrize("language", WORDS)
def test_from_start_to_the_finished_playlist(chat, browser, language, request):
    kind = request.node.callspec.params["browser"]
    walker = Walker(browser, language, kind)
    number = list(WORDS).index(language) + len(WORDS) * list(SIZES).index(kind)
    browser.get(f"{chat}?as={1001 + number}&language={language}")
    walker.shoot("empty")
    browser.get(linked(walker, number))
    walker.shoot("back")
    walker.find("#start").click()
    walker.until_said("linked")
    walker.shoot("linked")
    walker.press("first")
    walker.last("hour")
    walker.shoot("playlist")
    at_spotify(walker)
    assert complaints(browser) == []
    look(chat.removesuffix("/chat"))


def linked(walker: Walker, number: int) -> str:
    """From `/start` through the consent; where its last page leads. `number`: which of the world's listeners."""
    browser = walker.browser
    walker.write("/start")
    walker.last("connect")
    walker.shoot("welcome")
    walker.press("connect")
    walker.until_said("link")
    walker.shoot("link")
    links = browser.find_elements(By.XPATH, "//*[@id='log']//a[contains(@href,'/auth/spotify/start')]")
    walker.elsewhere(str(links[-1].get_attribute("href")))
    assert walker.words["confirm"] == walker.find("form button").text
    walker.shoot("confirm")
    walker.submit()
    # Each is a listener of his own: an account at Spotify belongs to one person here.
    Select(walker.find("select[name=listener]")).select_by_index(number)
    walker.shoot("consent")
    walker.submit("allow")
    back = str(walker.find("a[href*='start=fin_']").get_attribute("href"))
    assert walker.words["agreed"] in browser.page_source
    walker.shoot("agreed")
    browser.close()
    browser.switch_to.window(browser.window_handles[0])
    return back


def at_spotify(walker: Walker) -> None:
    """The card's button leads to the whole playlist."""
    browser = walker.browser
    address = walker.last("done").get_attribute("href")
    walker.press("why")
    walker.until_said("page")
    walker.shoot("why")
    browser.execute_script("arguments[0].click()", walker.last("done"))
    walker.wait.until(number_of_windows_to_be(2))
    browser.switch_to.window(browser.window_handles[1])
    walker.wait.until(lambda driver: driver.current_url == address)
    walker.shoot("at-spotify")
    assert len(browser.find_elements(By.CSS_SELECTOR, "ol li")) == 30


def look(sandbox: str) -> None:
    """Whatever the bot asked of Telegram was well-formed."""
    calls = requests.get(f"{sandbox}/_sandbox/telegram/calls", timeout=10).json()
    assert calls
    telegram_schema.check_calls(calls)
