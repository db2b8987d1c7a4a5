"""Django settings of the reference chat server, all from ``INSPECTOR_CHAT_*`` environment variables.

``inspector chat`` sets the variables (see inspector/chat/launch.py); ``django-admin`` works with the defaults:
``DJANGO_SETTINGS_MODULE=inspector.chat.settings INSPECTOR_CHAT_DATA=/some/folder django-admin shell``.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

_HERE = Path(__file__).resolve().parent


def _setting(name: str, default: str = "") -> str:
    return os.environ.get(f"INSPECTOR_CHAT_{name}", default)


def _words(name: str, default: str = "") -> list[str]:
    return [word for word in _setting(name, default).split(",") if word]


def _local_key(folder: Path) -> str:
    """The secret key of a local trial: made once, readable by its owner only, never in the source."""
    path = folder / "secret-key"
    if not path.exists():
        made = folder / f"secret-key.{os.getpid()}"
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(50), encoding="ascii")
        # link() fails when another process was first; then its key is the one in use.
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(made)
        made.unlink()
    return path.read_text(encoding="ascii")


DATA = Path(_setting("DATA", str(Path.cwd() / "inspector-chat")))
DATA.mkdir(parents=True, exist_ok=True)

DEBUG = _setting("DEBUG", "0") == "1"
DEMO = _setting("DEMO", "0") == "1"
TLS = _setting("TLS", "0") == "1"
SECRET_KEY = _setting("SECRET_KEY") or (_local_key(DATA) if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("DEBUG is off: put a long random string into INSPECTOR_CHAT_SECRET_KEY")

ALLOWED_HOSTS = _words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = _words("TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "inspector.chat",
    "channels",
    "rest_framework",
    "rest_framework.authtoken",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "inspector.chat.middleware.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "inspector.chat.urls"
ASGI_APPLICATION = "inspector.chat.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA / "chat.sqlite3",
        # Channels closes connections before every event that a consumer handles; opening one costs as much as a query.
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # Several processes write: readers do not wait for the writer, writers queue instead of failing.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The layer's queue per socket. 100 (the default) loses messages of a short burst in silence.
_capacity = int(_setting("CAPACITY", "2000"))
# Seconds after which a waiting message is dropped. The in-memory layer then also takes the channel out of its groups:
# one slow minute would make a member deaf for good.
_expiry = int(_setting("EXPIRY", "600"))
# redis-py 8 gives sockets a timeout of 5 s, as long as the layer's blocking read (channels_redis issue 422): none.
_redis_timeout = float(_setting("REDIS_TIMEOUT", "0")) or None


def _channel_layer(address: str) -> dict[str, object]:
    """``memory``, ``redis://host:port`` or ``pubsub+redis://host:port`` as a CHANNEL_LAYERS entry."""
    if address == "memory":
        limits = {"capacity": _capacity, "expiry": _expiry}
        return {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": limits}
    if urlsplit(address).scheme.endswith("redis"):
        host = {"address": address.removeprefix("pubsub+"), "socket_timeout": _redis_timeout}
        if address.startswith("pubsub+"):
            return {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [host]}}
        limits = {"capacity": _capacity, "expiry": _expiry}
        return {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [host], **limits}}
    raise ImproperlyConfigured(f"channel layer {address!r}: expected memory, redis://… or pubsub+redis://…")


CHANNEL_LAYERS = {"default": _channel_layer(_setting("LAYER", "memory"))}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "index"
LOGOUT_REDIRECT_URL = "index"

LANGUAGE_CODE = "en"
LANGUAGES = [("ko", "한국어"), ("en", "English")]
LOCALE_PATHS = [_HERE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA / "media"
# Set by the nginx profile: the view checks who asks, nginx sends the file (X-Accel-Redirect).
ACCEL_REDIRECT = _setting("BEHIND_PROXY", "0") == "1"
FILE_UPLOAD_PERMISSIONS = 0o644 if ACCEL_REDIRECT else 0o600
UPLOAD_MAX_BYTES = 5 * 1024 * 1024
# Files of up to this size stay in memory while they are received; larger ones go to a temporary file.
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
SESSION_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
BEHIND_PROXY = _setting("BEHIND_PROXY", "0") == "1"
if BEHIND_PROXY:
    # The proxy sets it on every request, whatever the client sent.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

REST_FRAMEWORK = {
    # JSON only: the browsable API needs inline scripts, which the content security policy forbids.
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    # Who asks is told by the connection, or by the one proxy in front; a client's own X-Forwarded-For would let it
    # escape the throttles by changing it.
    "NUM_PROXIES": 1 if BEHIND_PROXY else 0,
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.URLPathVersioning",
    "ALLOWED_VERSIONS": ["v1", "v2"],
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
        "rest_framework.throttling.ScopedRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": "60/min",
        "user": _setting("API_RATE", "600/min"),
        # Guessing passwords is slow work.
        "token": "10/min",
    },
}

# What one socket may send; above it the server answers with an error and at last closes with 4429.
SOCKET_MESSAGES_PER_SECOND = float(_setting("SOCKET_RATE", "20"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": _setting("LOG_LEVEL", "WARNING")},
}

# Routes that break on purpose, for `inspector lab`; never elsewhere.
LABS = _setting("LABS", "0") == "1"

# Where `inspector.trace` writes; empty for no trace.
INSPECTOR_TRACE = os.environ.get("INSPECTOR_TRACE", "")
