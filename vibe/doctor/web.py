"""Whether browsers find the web server where PUBLIC_URL sends them."""

from __future__ import annotations

from collections.abc import Iterator

import requests
from django.conf import settings
from django.utils.translation import gettext as _

from vibe.doctor.exam import Exam
from vibe.doctor.rows import Finding, mend, ok

PATIENCE = 10.0  # seconds
OURS = b'{"status": "ok"}'  # what vibe.health.health answers


def answers(_exam: Exam) -> Iterator[Finding]:
    url = f"{settings.PUBLIC_URL}/health"
    try:
        answer = requests.get(url, timeout=PATIENCE, allow_redirects=False)
    except requests.exceptions.SSLError:
        remedy = _("A new one can take some minutes; then see the log of the proxy, and docs/go-live.md.")
        yield mend(_("no browser trusts the certificate of {url}").format(url=url), remedy)
    except requests.RequestException:
        remedy = _(
            "Start the web server, or everything with manage.py run. For https the name must lead to this machine, "
            "and ports 80 and 443 be open: see docs/go-live.md."
        )
        yield mend(_("nobody answers at {url}").format(url=url), remedy)
    else:
        if answer.status_code == 200 and answer.content == OURS:
            yield ok(_("answers at {url}").format(url=url))
        else:
            remedy = _(
                "Another program may have this address. A proxy must pass the host on and say "
                "X-Forwarded-Proto: https; see docs/go-live.md."
            )
            yield mend(_("{url} answers {status}, not as we do").format(url=url, status=answer.status_code), remedy)
