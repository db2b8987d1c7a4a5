"""The pages."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header, url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from inspector.chat import demo, orm_lab
from inspector.chat.forms import RoomForm, SignUpForm
from inspector.chat.models import Room, Upload, clean_room_name
from inspector.chat.services import join

__all__ = ["demo_login", "echo", "health", "index", "orm", "room", "signup", "upload"]


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Rooms, and a form that opens or enters one."""
    form = RoomForm(request.POST or None)
    if request.method == "POST":
        if not request.user.is_authenticated:
            return redirect("login")
        if form.is_valid():
            found, _created = Room.objects.get_or_create(name=form.cleaned_data["name"])
            join(found, request.user)
            return redirect("room", name=found.name)
    rooms = Room.objects.all()[:100]
    return render(request, "chat/index.html", {"form": form, "rooms": rooms}, status=400 if form.errors else 200)


@login_required
@require_GET
def room(request: HttpRequest, name: str) -> HttpResponse:
    """A room; ``?consumer=sync`` talks to the synchronous consumer."""
    try:
        found = Room.objects.filter(name=clean_room_name(name)).first()
    except ValidationError:
        found = None
    if found is None:
        return render(request, "chat/no_room.html", {"name": name}, status=404)
    if found.name != name:
        return redirect("room", name=found.name)
    kind = "sync" if request.GET.get("consumer") == "sync" else "chat"
    return render(request, "chat/room.html", {"room": found, "kind": kind, "texts": _room_texts()})


def _room_texts() -> dict[str, str]:
    """What the page's script says, in the reader's language."""
    return {
        "connected": _("Connected"),
        "connecting": _("Connecting …"),
        "lost": _("Connection lost; trying again in {seconds} s"),
        "refused": _("The server refused the connection. Are you still logged in?"),
        "closed": _("This room was closed: {reason} (code {code})"),
        "ended": _("Connection ended: {reason} (code {code})"),
        "no reason": _("no reason given"),
        "typing": _("{names} typing …"),
        "only to": _("only to {names}"),
        "like": _("Like"),
        "error": _("Error: {message}"),
        "too large": _("This file is too large."),
        "upload failed": _("The file could not be uploaded: {message}"),
        "online": _("{name} came in"),
        "offline": _("{name} left"),
        # The protocol's error codes; anything not listed here is shown as the server wrote it.
        "error not_member": _("One of the chosen people is not in this room."),
        "error forbidden": _("Only the owner or a moderator may do this."),
        "error closed": _("This room is closed."),
        "error rate_limited": _("Too many messages; slow down."),
        "error too_large": _("This message is too long."),
        "error not_found": _("There is no such room or message."),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def signup(request: HttpRequest) -> HttpResponse:
    """Make an account and enter."""
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        login(request, form.save())
        return redirect("index")
    return render(request, "registration/signup.html", {"form": form}, status=400 if form.errors else 200)


@require_POST
def demo_login(request: HttpRequest) -> HttpResponse:
    """Enter as one of the demo users, who have no password; only where the server runs as a demo."""
    if not settings.DEMO:
        raise Http404("not a demo")
    name = request.POST.get("username", "")
    user = get_user_model().objects.filter(username=name).first() if demo.is_demo_name(name) else None
    if user is None or user.has_usable_password():
        return HttpResponse(_("There is no such demo user."), status=404, content_type="text/plain; charset=utf-8")
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = reverse("index")
    return redirect(target)


@require_GET
def echo(request: HttpRequest) -> HttpResponse:
    """A page that sends to ``/ws/echo/``."""
    return render(request, "chat/echo.html")


@login_required
@require_GET
def orm(request: HttpRequest) -> HttpResponse:
    """The same list read in five ways, with the queries of each; ``?way=`` reads it in one way, as JSON."""
    way = request.GET.get("way")
    if way is not None:
        if way not in orm_lab.WAYS:
            return JsonResponse({"error": f"way is one of: {', '.join(orm_lab.WAYS)}"}, status=400)
        result = orm_lab.measure(way)
        return JsonResponse({"way": way, "queries": len(result.statements), "messages": result.rows})
    context = {"results": [orm_lab.measure(way) for way in orm_lab.WAYS], "pitfalls": orm_lab.pitfalls()}
    return render(request, "chat/orm.html", context)


@login_required
@require_GET
def upload(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A file of a room, for its members, always as a download."""
    found = get_object_or_404(Upload, pk=pk, room__memberships__user=request.user)
    # Whatever is inside, the browser saves it and runs nothing of it.
    headers = {"Content-Security-Policy": "sandbox; default-src 'none'"}
    kind = "application/octet-stream"
    if settings.ACCEL_REDIRECT:
        headers["X-Accel-Redirect"] = f"/protected-media/{found.file.name}"
        headers["Content-Disposition"] = content_disposition_header(True, found.original_name) or "attachment"
        return HttpResponse(headers=headers, content_type=kind)
    # FileResponse writes a Content-Disposition of its own over one that is given.
    return FileResponse(
        found.file.open("rb"), as_attachment=True, filename=found.original_name, headers=headers, content_type=kind
    )


@require_GET
def health(request: HttpRequest) -> HttpResponse:
    """Whether the server answers at all."""
    return HttpResponse("ok\n", content_type="text/plain")
