"""All settings, from the environment or a `.env` file; `.env.example` describes every name.

A wrong value never stops the import: `vibe/checks.py` reports it with what to write instead.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from csp.constants import NONE, SELF

from vibe import database, log_config
from vibe.environment import BASE_DIR, env, number, switch, words
from vibe.environment import ENV_FILE as ENV_FILE
from vibe.environment import NOT_NUMBERS as NOT_NUMBERS
from vibe.environment import NOT_READ as NOT_READ
from vibe.environment import NOT_SWITCHES as NOT_SWITCHES
from vibe.sidebar import UNFOLD as UNFOLD

# --- Core
DEBUG = switch("DEBUG")
SECRET_KEY = env.str("SECRET_KEY", default="")
ALLOWED_HOSTS = words("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
TOKEN_ENCRYPTION_KEYS = words("TOKEN_ENCRYPTION_KEYS", default=[])
INTERNAL_JOB_TOKEN = env.str("INTERNAL_JOB_TOKEN", default="")
ROOT_URLCONF = "vibe.urls"
WSGI_APPLICATION = "vibe.wsgi.application"

# --- Applications
INSTALLED_APPS = [
    "unfold",  # before the admin, whose templates it replaces
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_q",
    "vibe",
    "vibe.clients",
    "accounts",
    "recommendations",
    "playlists",
    "botapp",
]
MIDDLEWARE = [
    "vibe.middleware.bodiless_head",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "vibe.admin_policy.admin_policy",
    "vibe.middleware.permissions_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "vibe.middleware.chosen_language",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",  # last: it answers for a login that was refused
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Database and cache
DB_PATH = env.str("DB_PATH", default="")
DATABASE_URL = env.str("DATABASE_URL", default="")
REDIS_URL = env.str("REDIS_URL", default="")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASE: dict[str, Any] = database.described(DATABASE_URL) or database.in_file(DB_PATH, BASE_DIR)
DATABASES = {"default": DATABASE}
DATABASE["CONN_MAX_AGE"] = 600
if DATABASE["ENGINE"].endswith("sqlite3"):
    # Without WAL and IMMEDIATE a third of the transactions of four writers fail as "locked".
    DATABASE["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA journal_size_limit=67108864;",
    }
else:
    DATABASE["CONN_HEALTH_CHECKS"] = True
    # Neither a network that swallows packets nor a process asleep in a transaction may hold the others for longer.
    patience: dict[str, Any] = {"connect_timeout": 10, "tcp_user_timeout": 30_000}
    patience["options"] = "-c idle_in_transaction_session_timeout=30s"
    DATABASE["OPTIONS"] = patience | DATABASE.get("OPTIONS", {})
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# --- People
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{kind}Validator"}
    for kind in ("UserAttributeSimilarity", "MinimumLength", "CommonPassword", "NumericPassword")
]
LOGIN_URL, LOGIN_REDIRECT_URL = "admin:login", "admin:index"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
# Who guesses is locked out from where he guesses; the operator at her own desk is not.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "vibe.lockout.page"
AXES_DISABLE_ACCESS_LOG = True  # who signed in from where is kept of nobody
AXES_CLIENT_IP_CALLABLE = "vibe.visitors.address"
AXES_SENSITIVE_PARAMETERS = ["username", "password", "ip_address"]
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False  # accounts/admin.py shows what an operator needs of it

# --- Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ru", "Русский")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# --- Static files
STATIC_URL = "static/"  # straight from the packages: nothing to collect, and so nothing to forget
WHITENOISE_USE_FINDERS = True

# --- Web security; an https PUBLIC_URL is what makes an installation a production one
HTTPS = PUBLIC_URL.startswith("https://")
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# This host alone: its siblings are not ours to force to https, and a place on the preload list is for good.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# A name that browsers take from this very host alone, over https.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = [f"{'__Host-' * HTTPS}{name}" for name in ("sessionid", "csrftoken")]
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True  # no script of ours or of the admin's theme reads either
SESSION_COOKIE_AGE, SESSION_EXPIRE_AT_BROWSER_CLOSE, CSRF_COOKIE_AGE = 12 * 3600, True, None
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# Lax, not Strict: the return from Spotify is a cross-site top-level GET and must carry the session.
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if HTTPS else []
# Covers come from Spotify's image host alone, and the one form that leaves us goes to Spotify's consent page.
SPOTIFY_IMAGES_URL = env.str("SPOTIFY_IMAGES_URL", default="https://i.scdn.co")
SPOTIFY_ACCOUNTS_URL = env.str("SPOTIFY_ACCOUNTS_URL", default="https://accounts.spotify.com")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "style-src": [SELF],
        "img-src": [SELF, SPOTIFY_IMAGES_URL],
        "form-action": [SELF, SPOTIFY_ACCOUNTS_URL],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Queue (a doorbell: the run row is the truth), two of them, so that a person never waits behind the night
WORKERS = number("WORKERS", default=2)
MANUAL_WORKERS = number("MANUAL_WORKERS", default=2)
TASK_TIMEOUT = 600  # seconds; a run's own deadline is far below, for the cluster's is a kill
Q_CLUSTER = {
    "name": "manual",
    "orm": "default",
    "workers": MANUAL_WORKERS,
    "queue_limit": 1,
    "timeout": TASK_TIMEOUT,
    "retry": 3 * TASK_TIMEOUT + 60,  # counted from the fetch: it covers those that wait in a worker's hands before it
    "ack_failures": True,
    "max_attempts": 1,  # repeats belong to the run, not to the queue
    "catch_up": False,
    "poll": 0.5,
    "recycle": 200,
    "max_rss": 300_000,  # kilobytes of a worker, after which it is renewed between two tasks
    "save_limit": -1,  # what succeeded is on our own rows
    "cache": "off",  # no such cache: nobody reads its statistics, and a Redis that is away must not disturb it
    "ALT_CLUSTERS": {"night": {"workers": WORKERS}},
}

# --- Logging
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = log_config.described(LOG_LEVEL)

# --- Spotify
SPOTIFY_CLIENT_ID = env.str("SPOTIFY_CLIENT_ID", default="")
SPOTIFY_CLIENT_SECRET = env.str("SPOTIFY_CLIENT_SECRET", default="")
SPOTIFY_REDIRECT_URI = env.str("SPOTIFY_REDIRECT_URI", default=f"{PUBLIC_URL}/auth/spotify/callback")
SPOTIFY_DEFAULT_MARKET = env.str("SPOTIFY_DEFAULT_MARKET", default="")
SPOTIFY_API_URL = env.str("SPOTIFY_API_URL", default="https://api.spotify.com/v1/")
SPOTIFY_CALL_GAP_MS = number("SPOTIFY_CALL_GAP_MS", default=300)
SPOTIFY_DAILY_CALLS = number("SPOTIFY_DAILY_CALLS", default=300)

# --- Last.fm
LASTFM_API_KEY = env.str("LASTFM_API_KEY", default="")
LASTFM_API_URL = env.str("LASTFM_API_URL", default="https://ws.audioscrobbler.com/2.0/")
LASTFM_CALL_GAP_MS = number("LASTFM_CALL_GAP_MS", default=500)

# --- ListenBrainz, and MusicBrainz, by whose ids it knows artists and recordings
LISTENBRAINZ = switch("LISTENBRAINZ", default=True)
LISTENBRAINZ_TOKEN = env.str("LISTENBRAINZ_TOKEN", default="")
LISTENBRAINZ_API_URL = env.str("LISTENBRAINZ_API_URL", default="https://api.listenbrainz.org").rstrip("/")
LISTENBRAINZ_LABS_URL = env.str("LISTENBRAINZ_LABS_URL", default="https://labs.api.listenbrainz.org").rstrip("/")
LISTENBRAINZ_CALL_GAP_MS = number("LISTENBRAINZ_CALL_GAP_MS", default=400)
MUSICBRAINZ_API_URL = env.str("MUSICBRAINZ_API_URL", default="https://musicbrainz.org").rstrip("/")
MUSICBRAINZ_CALL_GAP_MS = number("MUSICBRAINZ_CALL_GAP_MS", default=1100)

# --- Deezer and ReccoBeats, which need no key: docs/outside-services.md says why both are off
DEEZER, RECCOBEATS = switch("DEEZER"), switch("RECCOBEATS")
DEEZER_API_URL = env.str("DEEZER_API_URL", default="https://api.deezer.com").rstrip("/")
DEEZER_CALL_GAP_MS = number("DEEZER_CALL_GAP_MS", default=150)
RECCOBEATS_API_URL = env.str("RECCOBEATS_API_URL", default="https://api.reccobeats.com").rstrip("/")
RECCOBEATS_CALL_GAP_MS = number("RECCOBEATS_CALL_GAP_MS", default=1000)

# --- Telegram
TELEGRAM_BOT_TOKEN = env.str("TELEGRAM_BOT_TOKEN", default="")
TELEGRAM_API_URL = env.str("TELEGRAM_API_URL", default="https://api.telegram.org")
TELEGRAM_LINK_URL = env.str("TELEGRAM_LINK_URL", default="https://t.me/")
TELEGRAM_CALL_GAP_MS = number("TELEGRAM_CALL_GAP_MS", default=50)
TELEGRAM_MODE = env.str("TELEGRAM_MODE", default="polling")
OPERATOR_CHAT_ID = env.str("OPERATOR_CHAT_ID", default="")
BOT_OPEN = switch("BOT_OPEN")

# --- The playlist
DEFAULT_PLAYLIST_SIZE = number("DEFAULT_PLAYLIST_SIZE", default=30)
MIN_NEW_RATIO = number("MIN_NEW_RATIO", default=0.8)
RECENT_DAYS_WINDOW = number("RECENT_DAYS_WINDOW", default=30)
COOLDOWN_DAYS = number("COOLDOWN_DAYS", default=60)
ARTIFICIAL_ARTISTS_FILE = env.str("ARTIFICIAL_ARTISTS_FILE", default="")
PLAYLIST_VISIBILITY = env.str("PLAYLIST_VISIBILITY", default="private")
MANUAL_RUNS_A_DAY = number("MANUAL_RUNS_A_DAY", default=5)
TIDY_AFTER_DAYS = number("TIDY_AFTER_DAYS", default=14)
LISTEN_HOURS = number("LISTEN_HOURS", default=3)
LEARNING = env.str("LEARNING", default="on")
