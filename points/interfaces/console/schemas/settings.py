"""API keys, the programme, the brand."""

import uuid
from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from kernel.shapes import Body, Items
from points.program.calculations import ProgramSettings

Section = dict[str, Any] | UnsetType
PointName = Annotated[str, Meta(min_length=1, max_length=20)]


class ApiKeyIn(Body):
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    scopes: Annotated[list[Annotated[str, Meta(max_length=60)]], Meta(min_length=1, max_length=20)]

    def __post_init__(self) -> None:
        self.name = _not_blank("name", self.name)


class ApiKeyOut(Struct, kw_only=True):
    id: uuid.UUID
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewApiKeyOut(ApiKeyOut, kw_only=True):
    """The full key is told this once."""

    key: str


class ApiKeyItems(Items):
    items: list[ApiKeyOut]


class ScopeOut(Struct, kw_only=True):
    code: str
    title: str


class ScopeItems(Struct, kw_only=True):
    items: list[ScopeOut]


class ProgramOut(ProgramSettings, kw_only=True):
    """All settings, and what the shop calls its points in the reader's language."""

    point_name: str


class ProgramChange(Body):
    """Only what is named changes, section by section (api.md)."""

    point_name: PointName | UnsetType = UNSET
    face_value_points_per_unit: Annotated[int, Meta(ge=1, le=1_000_000_000)] | UnsetType = UNSET
    day_start_hour: Annotated[int, Meta(ge=0, le=23)] | UnsetType = UNSET
    earning: Section = UNSET
    expiry: Section = UNSET
    offset: Section = UNSET
    clawback: Section = UNSET
    checkin: Section = UNSET
    transfers: Section = UNSET
    tiers: Section = UNSET
    adjustments: Section = UNSET
    shop: Section = UNSET
    cash: Section = UNSET
    referral: Section = UNSET
    distribution: Section = UNSET

    def __post_init__(self) -> None:
        if isinstance(self.point_name, str):
            self.point_name = _not_blank("point_name", self.point_name)


class BrandOut(Struct, kw_only=True):
    name: str
    brand_color: str
    logo: str | None
    point_name_zh: str
    point_name_en: str


class BrandChange(Body):
    name: Annotated[str, Meta(min_length=1, max_length=120)] | UnsetType = UNSET
    brand_color: Annotated[str, Meta(pattern="^#[0-9a-fA-F]{6}$", max_length=7)] | UnsetType = UNSET
    logo: Annotated[str, Meta(max_length=16)] | None | UnsetType = UNSET
    point_name_zh: PointName | UnsetType = UNSET
    point_name_en: PointName | UnsetType = UNSET

    def __post_init__(self) -> None:
        self.logo = "" if self.logo is None else self.logo
        if isinstance(self.brand_color, str):
            self.brand_color = self.brand_color.lower()
        for field in ("name", "point_name_zh", "point_name_en"):
            if isinstance(text := getattr(self, field), str):
                setattr(self, field, _not_blank(field, text))


def _not_blank(field: str, text: str) -> str:
    """Trimmed text. Raises ValueError when nothing is left."""
    if not text.strip():
        raise ValueError(f"field `{field}` may not be blank")
    return text.strip()
