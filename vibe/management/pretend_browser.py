"""Walks the sign-in as a person with a browser would: pages, forms, cookies, redirects. For the demo."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

TIMEOUT = 20  # seconds


class _Forms(HTMLParser):
    """The first form of a page: where it goes and the values it carries."""

    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form" and self.action is None:
            self.action = values.get("action") or ""
        if tag == "input" and values.get("name") and values.get("type") != "radio":
            self.fields[values["name"] or ""] = values.get("value") or ""


def sign_in(link: str, listener: str) -> str:
    """Opens the one-time link, confirms, allows access as `listener`; answers the last page's address.

    Raises `requests.HTTPError` where a page refuses.
    """
    with requests.Session() as session:
        confirm = session.get(link, timeout=TIMEOUT)
        consent = _submit(session, confirm)
        done = _submit(session, consent, listener=listener, decision="allow")
        return done.url


def _submit(session: requests.Session, page: requests.Response, **choices: str) -> requests.Response:
    page.raise_for_status()
    forms = _Forms()
    forms.feed(page.text)
    answer = session.post(
        urljoin(page.url, forms.action or ""),
        data={**forms.fields, **choices},
        headers={"Referer": page.url},
        timeout=TIMEOUT,
    )
    answer.raise_for_status()
    return answer
