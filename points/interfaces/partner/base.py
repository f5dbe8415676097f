"""What every partner endpoint shares: the key, its scopes, the actor."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from kernel import clock, context
from kernel.api import Endpoint
from kernel.db import NOTHING, Ask, ask
from kernel.errors import DomainError
from points.channels.calculations import allows
from points.channels.errors import KeyInvalid, KeyMissing, ScopeMissing
from points.channels.queries import Caller, identify, recall
from points.flows import audited


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer jf_…`, valid in the schema of the host it came to."""

    def authenticate(self, request: Request) -> tuple[None, Caller]:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if not key:
            raise KeyMissing()
        if scheme.lower() != "bearer" or len(key) > 200 or not key.isascii():
            raise KeyInvalid()
        caller = self._recall(request, key) or identify(key=key, at=datetime.now(UTC))
        context.set_actor(f"key:{caller.prefix}")
        return None, caller

    def _recall(self, request: Request, key: str) -> Caller | None:
        """The caller from memory, if the view confirms it with the first thing it asks."""
        view = request.parser_context["view"]
        # Under an Idempotency-Key the first thing asked is whether it was answered before; and
        # OPTIONS asks nothing at all.
        confirms = view.confirms_caller and request.method == "POST"
        if not confirms or request.headers.get("Idempotency-Key"):
            return None
        recalled = recall(key=key, at=datetime.now(UTC))
        if recalled is None:
            return None
        caller, view.confirmation = recalled
        return caller

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class PartnerEndpoint(Endpoint):
    """Base of the partner API's views."""

    authentication_classes = (ApiKeyAuthentication,)
    # Whether `post` hands `confirmation` to its flow, which asks it before or with all else.
    confirms_caller: ClassVar[bool] = False
    confirmation: Ask[None] = NOTHING
    request: Any

    def handle_exception(self, exc: Exception) -> Response:
        """A refusal is for keys that hold: one that came before the flow has confirmed nothing."""
        if isinstance(exc, DomainError) and self.confirmation is not NOTHING:
            try:
                ask(self.confirmation)
            except KeyInvalid as refused:
                exc = refused
        return super().handle_exception(exc)

    def check_scope(self, scope: str | None) -> None:
        if scope is not None and not allows(self.request.auth.scopes, scope):
            raise ScopeMissing(scope=scope)

    def credential_id(self) -> str:
        return f"key:{self.request.auth.id}"

    @property
    def actor(self) -> str:
        """Who is written into the ledger."""
        return f"key:{self.request.auth.prefix}"

    def audit(
        self,
        action: str,
        subject: str,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        """Note what another system changed, in the caller's transaction; dated by the real clock."""
        audited.record(
            action=action, subject=subject, before=before, after=after,
            actor=self.actor, actor_name=self.request.auth.prefix, actor_role="api_key",
            surface="partner", at=datetime.now(UTC), business_at=clock.now(),
        )  # fmt: skip
