"""Chromium for tests: a phone or a desktop, light or dark, with what it complains of and what axe finds.

with browser("phone", dark=True) as driver:
    driver.get(address)
    assert violations(driver) == complaints(driver) == []
    shoot(driver, Path("var/looks/landing.png"))
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path

from selenium import webdriver

SIZES = {"phone": (412, 915), "desktop": (1280, 900)}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
# Without "preload" axe would fetch the stylesheets itself, which a strict policy forbids and the console tells.
RUN_AXE = """
const [rules, done] = arguments;
axe.run(document, {preload: false, runOnly: rules}).then(
  found => done(found.violations.map(one =>
    `${one.id} (${one.impact}): ${one.help}: ` + one.nodes.map(node => node.target.join(" ")).join(", "))),
  error => done([String(error)]));
"""
# Those below the window too, which wait until somebody scrolls there.
ALL_PICTURES = """
const done = arguments[0], pictures = [...document.images];
pictures.forEach(one => one.loading = "eager");
Promise.allSettled(pictures.map(one => one.decode())).then(() => done());
"""


@contextmanager
def browser(size: str = "desktop", dark: bool = False, language: str = "en") -> Iterator[webdriver.Chrome]:
    """`size`: a name of SIZES. `language`: what it asks pages for."""
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for word in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", f"--accept-lang={language}"):
        options.add_argument(word)
    if dark:
        options.add_argument("--force-dark-mode")  # tabs that pages open are dark too
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
    try:
        dress(driver, size, dark)
        yield driver
    finally:
        driver.quit()


def dress(driver: webdriver.Chrome, size: str, dark: bool) -> None:
    """Makes the present tab a phone's or a desktop's, light or dark; a new tab has to be dressed again."""
    width, height = SIZES[size]
    driver.set_window_size(width, height + 100)  # which alone stays wider than a phone, and its edge is drawn
    screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == "phone"}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})


def shoot(driver: webdriver.Chrome, path: Path) -> None:
    """The whole page as PNG, beyond the window too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    driver.execute_async_script(ALL_PICTURES)
    size = driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
    whole = {"clip": {**size, "scale": 1}, "captureBeyondViewport": True}
    shot = driver.execute_cdp_cmd("Page.captureScreenshot", whole)
    path.write_bytes(base64.b64decode(shot["data"]))


def violations(driver: webdriver.Chrome) -> list[str]:
    """What of WCAG 2.1 A and AA and of axe's own advice the page breaks, a sentence each."""
    driver.execute_script(_axe())
    found: list[str] = driver.execute_async_script(RUN_AXE, RULES)
    return found


def complaints(driver: webdriver.Chrome) -> list[str]:
    """Errors of the console since it was last asked, refusals of the content policy among them."""
    return [row["message"] for row in driver.get_log("browser") if row["level"] == "SEVERE"]


def overflow(driver: webdriver.Chrome) -> int:
    """By how many pixels the page is wider than its window."""
    wider: int = driver.execute_script(
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wider


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
