"""HTTP addresses."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.contrib.staticfiles.views import serve
from django.urls import include, path, re_path

from inspector.chat import views

__all__ = ["urlpatterns"]

urlpatterns = [
    path("", views.index, name="index"),
    path("chat/<str:name>/", views.room, name="room"),
    path("echo/", views.echo, name="echo"),
    path("labs/orm/", views.orm, name="orm"),
    path("uploads/<int:pk>/", views.upload, name="upload"),
    path("accounts/login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("accounts/signup/", views.signup, name="signup"),
    path("accounts/demo/", views.demo_login, name="demo-login"),
    path("language/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    re_path(r"^api/(?P<version>v[0-9]+)/", include("inspector.chat.api.urls")),
    path("healthz", views.health, name="health"),
    # An ASGI server sends no files; nginx in front of it does, and without nginx this view. ASGIStaticFilesHandler
    # would answer 500 to /static/../x: it stands outside of Django's own handling of suspicious paths.
    re_path(r"^static/(?P<path>.*)$", serve, {"insecure": True}),
]

if settings.LABS:
    urlpatterns.append(path("labs/", include("inspector.chat.labs.urls")))
