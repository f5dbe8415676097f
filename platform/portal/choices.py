"""What a shop to be can choose from: templates, languages, currencies, time zones, roles."""

from functools import cache
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy

from tenants.models import Role

TEMPLATES = {
    "retail": gettext_lazy("Retail and online shops"),
    "food": gettext_lazy("Food and drinks"),
    "beauty": gettext_lazy("Beauty and care"),
    "education": gettext_lazy("Education"),
    "blank": gettext_lazy("Start from nothing"),
}
# What each brings; the numbers are those of points.flows.industries.
TEMPLATE_CONTENTS = {
    "retail": gettext_lazy("1% back, points last 12 months, 6 mall items"),
    "food": gettext_lazy("3% back, points last 6 months, 6 mall items"),
    "beauty": gettext_lazy("2% back, points last 24 months, 6 mall items"),
    "education": gettext_lazy("1.5% back, points end with the school year, 6 mall items"),
    "blank": gettext_lazy("The default rule, 1% back, and an empty points mall"),
}
TEMPLATE_PICTURES = {
    "retail": "1f6cd", "food": "1f375", "beauty": "1f484", "education": "1f393", "blank": "1f4dd",
}  # fmt: skip
LOCALES = {"zh-hans": "简体中文", "en": "English"}
# Offered first, with a name; the others follow by their code.
COMMON_CURRENCIES = {
    "CNY": gettext_lazy("Chinese yuan"),
    "USD": gettext_lazy("US dollar"),
    "EUR": gettext_lazy("Euro"),
    "GBP": gettext_lazy("Pound sterling"),
    "HKD": gettext_lazy("Hong Kong dollar"),
    "TWD": gettext_lazy("New Taiwan dollar"),
    "SGD": gettext_lazy("Singapore dollar"),
    "JPY": gettext_lazy("Japanese yen"),
    "KRW": gettext_lazy("South Korean won"),
    "MYR": gettext_lazy("Malaysian ringgit"),
    "AUD": gettext_lazy("Australian dollar"),
    "CAD": gettext_lazy("Canadian dollar"),
}
# ISO 4217, in circulation.
_CODES = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN
    BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
    GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW
    KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD
    NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD
    SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES
    VND VUV WST XAF XCD XOF XPF YER ZAR ZMW
"""
CURRENCIES = frozenset(_CODES.split())
ROLES = {
    Role.OWNER: gettext_lazy("Owner"),
    Role.ADMIN: gettext_lazy("Administrator"),
    Role.MARKETER: gettext_lazy("Marketing"),
    Role.SUPPORT: gettext_lazy("Customer service"),
    Role.ANALYST: gettext_lazy("Analysis"),
}
DEFAULTS = {
    "zh-hans": {"locale": "zh-hans", "currency": "CNY", "timezone": "Asia/Shanghai"},
    "en": {"locale": "en", "currency": "USD", "timezone": "UTC"},
}


def currency_choices() -> list[tuple[object, object]]:
    """For a select: the common ones by name, then all others."""
    others = sorted(CURRENCIES - COMMON_CURRENCIES.keys())
    return [
        (gettext_lazy("Common"), [(c, f"{name} ({c})") for c, name in COMMON_CURRENCIES.items()]),
        (gettext_lazy("All others"), [(code, code) for code in others]),
    ]


@cache
def timezones() -> frozenset[str]:
    """Every name of the time zone database."""
    return frozenset(available_timezones())


@cache
def timezone_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """For a select: UTC, then the places by continent."""
    areas: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(timezones()):
        area, _, place = name.partition("/")
        if place and area not in ("Etc", "SystemV", "US", "Mexico", "Brazil", "Chile", "Canada"):
            areas.setdefault(area, []).append((name, place.replace("_", " ").replace("/", " – ")))
    return [("UTC", [("UTC", "UTC")]), *areas.items()]
