"""The programme, the brand and the API keys."""

import uuid

import msgspec
from django.db import transaction
from django.utils.translation import get_language
from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.pages import cut, decode_cursor
from kernel.api.problems import InvalidBody, InvalidCursor
from kernel.db import connection
from kernel.shapes import Moment, Page, given
from points.channels.actions import create_api_key, revoke_api_key
from points.channels.calculations import SCOPES
from points.channels.errors import KeyNotFound, ScopeUnknown
from points.channels.models import ApiKey
from points.interfaces import program
from points.interfaces.console import rendering
from points.interfaces.console.base import ConsoleEndpoint
from points.interfaces.console.errors import CHANGING, READING
from points.interfaces.console.schemas import settings as schemas
from points.interfaces.console.schemas.session import Nothing
from points.interfaces.finding import require_id
from points.program.calculations import ProgramSettings
from points.program.errors import SettingsContradict
from points.program.queries import get_program
from tenants.models import Merchant


class ProgramView(ConsoleEndpoint):
    """How points are earned, how long they live, what they are worth."""

    @operation(
        summary="Get the programme's settings",
        answers={200: schemas.ProgramOut},
        refuses=[*READING],
        scope="settings:read",
    )
    def get(self, request: Request) -> schemas.ProgramOut:
        return _program(get_program().settings, _fresh_merchant())

    @operation(
        summary="Change the programme's settings",
        description="Only what is named changes, section by section; unknown keys are refused."
        " Points granted before keep their dates.",
        body=schemas.ProgramChange,
        answers={200: schemas.ProgramOut},
        refuses=[InvalidBody, SettingsContradict, KeyReused, *CHANGING],
        idempotency_key="optional",
        scope="settings:write",
    )
    def patch(self, request: Request, body: schemas.ProgramChange) -> schemas.ProgramOut:
        changes = given(body)
        point_name = changes.pop("point_name", None)
        settings = program.change_settings(changes=changes, audit=self.audit)
        if isinstance(point_name, str):
            self.change_brand({_point_name_field(): point_name})
        return _program(settings, _fresh_merchant())


class BrandView(ConsoleEndpoint):
    """How the shop looks and what it calls its points."""

    @operation(
        summary="Get the brand",
        answers={200: schemas.BrandOut},
        refuses=[*READING],
        scope="settings:read",
    )
    def get(self, request: Request) -> schemas.BrandOut:
        return rendering.brand(_fresh_merchant())

    @operation(
        summary="Change the brand",
        description="Seen by everybody within seconds.",
        body=schemas.BrandChange,
        answers={200: schemas.BrandOut},
        refuses=[InvalidBody, *CHANGING],
        scope="settings:write",
    )
    def patch(self, request: Request, body: schemas.BrandChange) -> schemas.BrandOut:
        changes = given(body)
        return rendering.brand(self.change_brand(changes) if changes else _fresh_merchant())


class ApiKeys(ConsoleEndpoint):
    """Keys by which other systems call the partner API."""

    @operation(
        summary="List API keys, newest first",
        description="One query.",
        query=Page,
        answers={200: schemas.ApiKeyItems},
        refuses=[InvalidCursor, *READING],
        scope="api_keys:read",
    )
    def get(self, request: Request, query: Page) -> schemas.ApiKeyItems:
        keys = ApiKey.objects.order_by("-created_at", "-id")
        after = decode_cursor(query.cursor, tuple[Moment, uuid.UUID])
        if after is not None:
            keys = keys.extra(
                where=["(channels_apikey.created_at, channels_apikey.id) < (%s, %s)"],
                params=list(after),
            )
        rows = list(keys[: query.limit + 1])
        page, following = cut(rows, query.limit, lambda row: (row.created_at, row.pk))
        return schemas.ApiKeyItems(items=[rendering.api_key(row) for row in page], next=following)

    # Takes no Idempotency-Key: the answer, which holds the secret, would be kept with it.
    @operation(
        summary="Make an API key",
        description="The full key is told in this answer and never again.",
        body=schemas.ApiKeyIn,
        answers={201: schemas.NewApiKeyOut},
        refuses=[ScopeUnknown, *CHANGING],
        scope="api_keys:write",
    )
    @transaction.atomic
    def post(self, request: Request, body: schemas.ApiKeyIn) -> schemas.NewApiKeyOut:
        row, key = create_api_key(
            name=body.name, scopes=list(dict.fromkeys(body.scopes)), at=clock.now(),
            actor=self.staff.actor,
        )  # fmt: skip
        told = rendering.api_key(row)
        self.audit(
            "api_key.made",
            f"api_key:{row.pk}",
            after={"name": row.name, "prefix": row.prefix, "scopes": row.scopes},
        )
        return schemas.NewApiKeyOut(**msgspec.structs.asdict(told), key=key)


class ApiKeyRevocation(ConsoleEndpoint):
    """Making a key useless."""

    @operation(
        summary="Revoke an API key",
        description="It is refused from now on; revoked before: the same answer again.",
        body=Nothing,
        answers={200: schemas.ApiKeyOut},
        refuses=[KeyNotFound, *CHANGING],
        scope="api_keys:write",
    )
    @transaction.atomic
    def post(self, request: Request, body: Nothing, key_id: str) -> schemas.ApiKeyOut:
        now = clock.now()
        row = revoke_api_key(key_id=require_id(key_id, KeyNotFound), at=now)
        if row.revoked_at == now:
            self.audit("api_key.revoked", f"api_key:{row.pk}", after={"prefix": row.prefix})
        return rendering.api_key(row)


class ApiScopes(ConsoleEndpoint):
    """What a key may be allowed to do."""

    @operation(
        summary="List the scopes of API keys",
        answers={200: schemas.ScopeItems},
        refuses=[*READING],
        scope="api_keys:read",
    )
    def get(self, request: Request) -> schemas.ScopeItems:
        items = [schemas.ScopeOut(code=code, title=str(title)) for code, title in SCOPES.items()]
        return schemas.ScopeItems(items=items)


def _program(settings: ProgramSettings, merchant: Merchant) -> schemas.ProgramOut:
    return schemas.ProgramOut(
        point_name=merchant.point_name(get_language() or "en"), **msgspec.structs.asdict(settings)
    )


def _fresh_merchant() -> Merchant:
    """The row as it is now; the one of the request may be some seconds old."""
    merchant: Merchant = Merchant.objects.get(pk=connection.tenant.pk)
    return merchant


def _point_name_field() -> str:
    language = get_language() or "en"
    return "point_name_zh" if language.startswith("zh") else "point_name_en"
