"""The WSGI application that gunicorn serves."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from vibe.logs import log_uncaught

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibe.settings")
log_uncaught()
application = get_wsgi_application()
