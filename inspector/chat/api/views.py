"""The REST API: rooms, messages, uploads, tokens."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db.models import QuerySet
from rest_framework import mixins, status
from rest_framework.authentication import SessionAuthentication, TokenAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.authtoken.serializers import AuthTokenSerializer
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, PermissionDenied
from rest_framework.pagination import CursorPagination, PageNumberPagination
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet, ModelViewSet

from inspector.chat import protocol, services
from inspector.chat.api.serializers import (
    MessageSerializerV1,
    MessageSerializerV2,
    RoomSerializer,
    UploadSerializer,
    UserSerializer,
)
from inspector.chat.models import Membership, Message, Room, Upload
from inspector.chat.protocol import ProtocolError
from inspector.chat.services import Events

__all__ = ["MeView", "MessageViewSet", "RoomViewSet", "TokenView", "UploadViewSet"]

_STATUS = {"forbidden": 403, "not_found": 404, "closed": 409}


class _Refused(APIException):
    """A rule of the chat was broken; the same codes as over WebSocket."""

    def __init__(self, failure: ProtocolError) -> None:
        super().__init__(str(failure), failure.code)
        self.status_code = _STATUS.get(failure.code, 400)


def _send(events: Events) -> None:
    layer = get_channel_layer()
    for group, event in events:
        async_to_sync(layer.group_send)(group, event)


class PageNumbers(PageNumberPagination):
    """Version 1: ``?page=2&page_size=50``."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100


class Cursor(CursorPagination):
    """Version 2: an opaque cursor, stable while new messages arrive."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100
    ordering = "-pk"


class IsAuthorOrReader(BasePermission):
    """Everybody who sees a message may read and like it; only its author may delete it."""

    def has_object_permission(self, request: Request, view: Any, obj: Message) -> bool:
        """Whether this user may do this to this message."""
        return request.method != "DELETE" or view.action == "like" or obj.author_id == request.user.pk


class RoomViewSet(mixins.ListModelMixin, mixins.CreateModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    """Rooms: list, create or enter, close."""

    serializer_class = RoomSerializer
    pagination_class = PageNumbers

    def get_queryset(self) -> QuerySet[Room]:
        """All rooms; their members in two more queries, however many rooms there are."""
        return Room.objects.prefetch_related("memberships__user").order_by("pk")

    def create(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Create the room, or enter it when it exists."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        room, created = Room.objects.get_or_create(name=serializer.validated_data["name"])
        services.join(room, request.user)
        body = self.get_serializer(self.get_queryset().get(pk=room.pk)).data
        return Response(body, status.HTTP_201_CREATED if created else status.HTTP_200_OK)

    @action(detail=True, methods=["post"])
    def close(self, request: Request, **kwargs: object) -> Response:
        """Close the room for everybody, with a reason."""
        room = self.get_object()
        reason = request.data.get("reason", "")
        if not isinstance(reason, str) or len(reason) > protocol.MAX_REASON:
            failure = ProtocolError("bad_field", f"“reason” is a string of at most {protocol.MAX_REASON} characters.")
            raise _Refused(failure)
        try:
            _send(services.close_room(room, request.user, reason))
        except ProtocolError as failure:
            raise _Refused(failure) from None
        return Response(self.get_serializer(self.get_queryset().get(pk=room.pk)).data)


class MessageViewSet(ModelViewSet):
    """Messages of the rooms the user is a member of: list (``?room=1``), post, delete, like."""

    http_method_names = ("get", "head", "options", "post", "delete")
    permission_classes = (IsAuthenticated, IsAuthorOrReader)

    def get_queryset(self) -> QuerySet[Message]:
        """Everything a page needs in four queries, whatever its size."""
        messages = services.visible_messages(self.request.user).order_by("-pk")
        room = self.request.query_params.get("room", "")
        if room.isascii() and room.isdigit() and len(room) < 19:
            messages = messages.filter(room=int(room))
        return messages.select_related("author", "upload").prefetch_related("likes", "recipients")

    def get_serializer_class(self) -> type[MessageSerializerV1 | MessageSerializerV2]:
        """The version's own form."""
        return MessageSerializerV2 if self.request.version == "v2" else MessageSerializerV1

    @property
    def paginator(self) -> PageNumbers | Cursor:
        """The version's own pagination."""
        if not hasattr(self, "_paginator"):
            self._paginator = Cursor() if self.request.version == "v2" else PageNumbers()
        return self._paginator

    def create(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Say something; sockets in the room hear it as well."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        if not Membership.objects.filter(room=data["room"], user=request.user).exists():
            raise PermissionDenied("You are not a member of this room.")
        try:
            message, events = services.say(data["room"], request.user, data["text"], data.get("to", ()))
        except ProtocolError as failure:
            raise _Refused(failure) from None
        _send(events)
        return Response(self.get_serializer(message).data, status.HTTP_201_CREATED)

    @action(detail=True, methods=["post", "delete"])
    def like(self, request: Request, **kwargs: object) -> Response:
        """Like (POST) or take it back (DELETE)."""
        message = self.get_object()
        _send(services.like(message.room, request.user, message.pk, request.method == "POST"))
        return Response(self.get_serializer(self.get_object()).data)


class UploadViewSet(mixins.CreateModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    """Files: multipart upload into a room one is a member of, and their description."""

    serializer_class = UploadSerializer
    parser_classes = (MultiPartParser,)

    def get_queryset(self) -> QuerySet[Upload]:
        """Files of the user's rooms."""
        return Upload.objects.filter(room__memberships__user=self.request.user)

    def perform_create(self, serializer: UploadSerializer) -> None:
        """Only members put files into a room."""
        room = serializer.validated_data["room"]
        if not Membership.objects.filter(room=room, user=self.request.user).exists():
            raise PermissionDenied("You are not a member of this room.")
        serializer.save(uploader=self.request.user)


class TokenView(APIView):
    """A token for programs: for a name and password, or for the user who is logged in."""

    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (AllowAny,)
    throttle_scope = "token"

    def post(self, request: Request, **kwargs: object) -> Response:
        """The user's token; the same one until an administrator deletes it."""
        user = request.user
        if not user.is_authenticated:
            serializer = AuthTokenSerializer(data=request.data, context={"request": request})
            serializer.is_valid(raise_exception=True)
            user = serializer.validated_data["user"]
        token, _created = Token.objects.get_or_create(user=user)
        return Response({"token": token.key})


class MeView(APIView):
    """Who the server thinks is asking."""

    def get(self, request: Request, **kwargs: object) -> Response:
        """The user and the way of authentication."""
        way = "token" if request.auth is not None else "session"
        return Response({**UserSerializer(request.user).data, "authentication": way, "version": request.version})
