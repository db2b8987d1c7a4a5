"""The project of the Channels tutorial (channels.readthedocs.io/en/stable/tutorial/), parts 1 to 3."""

SECRET_KEY = "tutorial"
DEBUG = True
ALLOWED_HOSTS: list[str] = []
INSTALLED_APPS = ["daphne", "chat", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware"]
ROOT_URLCONF = "mysite.urls"
ASGI_APPLICATION = "mysite.asgi.application"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
