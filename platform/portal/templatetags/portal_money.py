"""How the calculator's example is written before a script takes over: `$0.003`, `30%`."""

from decimal import Decimal

from django import template
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def currency_code() -> str:
    """The currency a reader of this page thinks in."""
    return "CNY" if (get_language() or "").startswith("zh") else "USD"


@register.simple_tag
def currency_sign() -> str:
    """Its sign."""
    return {"CNY": "¥", "USD": "$"}[currency_code()]


@register.filter
def as_number(value: Decimal) -> str:
    """Whole number with separators of thousands."""
    return f"{value:,.0f}"


@register.filter
def as_money(value: Decimal) -> str:
    """With as many digits as a price of a point needs: 600.00, 0.003."""
    shown = f"{value:,.2f}" if value >= 1 else f"{value:.6f}".rstrip("0").rstrip(".")
    return f"{currency_sign()}{shown}"


@register.filter
def as_percent(value: Decimal) -> str:
    """A ratio as a percentage, without idle zeros."""
    return f"{value * 100:.2f}".rstrip("0").rstrip(".") + "%"
