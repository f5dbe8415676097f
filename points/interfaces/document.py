"""What the page of any audience knows of the shop before its first call."""

from points.program.queries import ActiveProgram
from tenants.models import Merchant


def merchant_document(
    merchant: Merchant, program: ActiveProgram, language: str
) -> dict[str, object]:
    """The shop's name, money, colours and word for points, JSON-ready."""
    return {
        "slug": merchant.slug, "name": merchant.name, "currency": merchant.currency,
        "timezone": merchant.timezone, "locale": merchant.locale, "mode": merchant.mode,
        "logo": merchant.logo or None, **merchant.theme,
        "point_name": merchant.point_name(language),
        "point_name_one": merchant.point_name_one(language),
        "points_per_unit": program.settings.face_value_points_per_unit,
    }  # fmt: skip
