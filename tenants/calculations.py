"""Hosts, addresses and colours: pure text and number work."""

import re
import secrets

SLUG = re.compile(r"^[a-z](?:[a-z0-9]|-(?!-)){1,38}[a-z0-9]\Z")
# Names that would confuse people or that the platform may need for itself.
RESERVED_SLUGS = frozenset(
    """
    about account accounts admin administrator api app apps assets auth beta billing blog cdn
    checkout console contact dashboard demo-api dev developer developers docs download email
    example files forum ftp help imap info internal jifen jobs legal localhost login mail
    marketing media metrics mx news ns ns1 ns2 official ops partner partners pay payments
    platform pop portal postmaster pricing privacy public root sales secure security shop signin
    signup smtp sso staff staging static status store stripe support sys system team terms test
    testing tls uploads webhook webhooks webmaster wiki www xn
    """.split()
)


def normalise_host(raw: str) -> str:
    """Host name without port and trailing dot, lower case: `Tea.LOCALHOST.:8000` → `tea.localhost`."""
    host = raw.strip().lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].removesuffix(".")


def new_schema_name() -> str:
    """A schema name nobody chose: `m_` and 20 hex digits, so that input never reaches DDL."""
    return f"m_{secrets.token_hex(10)}"


def suggest_slugs(slug: str) -> list[str]:
    """Three addresses near a taken one."""
    stem = slug[:32].strip("-")
    return [f"{stem}-shop", f"{stem}-club", f"{stem}{secrets.randbelow(90) + 10}"]


def relative_luminance(colour: str) -> float:
    """Luminance 0–1 of `#rrggbb` (WCAG 2.2, definition of relative luminance)."""

    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio 1–21 of two `#rrggbb` colours (WCAG 2.2)."""
    light, dark = sorted((relative_luminance(one), relative_luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def theme(brand: str) -> dict[str, str]:
    """`brand`, the text colour that reads on it, and the brand darkened until it reads on white.

    Both pairs reach a contrast of at least 4.5 (WCAG 2.2 AA for text).
    """
    dark = "#1d2129"
    on_brand = "#ffffff" if contrast(brand, "#ffffff") >= 4.5 else dark
    if contrast(brand, on_brand) < 4.5:
        on_brand = max(("#ffffff", "#000000"), key=lambda colour: contrast(brand, colour))
    text = brand
    while contrast(text, "#ffffff") < 4.5:
        text = "#" + "".join(f"{int(int(text[i : i + 2], 16) * 0.94):02x}" for i in (1, 3, 5))
    return {"brand": brand, "on_brand": on_brand, "brand_text": text}


def payment_account_status(charges_enabled: bool, details_submitted: bool) -> str:
    """What a payment account's two marks mean for its merchant: active, restricted or pending."""
    if charges_enabled:
        return "active"
    return "restricted" if details_submitted else "pending"
