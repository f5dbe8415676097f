"""Money is whole minor units of one currency; ratios are Decimal. No floats."""

from decimal import ROUND_HALF_UP, Decimal

# ISO 4217, list one of 2026-01-01: every code whose minor unit does not have two digits. The front
# ends have the same table (frontend/packages/shared/src/currency.ts).
_WITHOUT_MINOR_UNIT = """
    BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF
"""
_EXPONENTS = {
    **dict.fromkeys(_WITHOUT_MINOR_UNIT.split(), 0),
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
    "CLF": 4, "UYW": 4,
}  # fmt: skip


def exponent(currency: str) -> int:
    """How many digits the minor unit has: 2 for CNY and USD, 0 for JPY, 3 for KWD (ISO 4217)."""
    return _EXPONENTS.get(currency.upper(), 2)


# The narrow signs of CLDR (en), as browsers show them; a merchant has one currency, so that "$" is
# its own. A sign of letters stands off the amount, and what has none is called by its code.
_SIGNS = dict(
    pair.split(":")
    for pair in (
        "AFN:؋ AMD:֏ AOA:Kz ARS:$ AUD:$ AZN:₼ BAM:KM BBD:$ BDT:৳ BMD:$ BND:$ BOB:Bs BRL:R$ BSD:$ BWP:P"
        " BZD:$ CAD:$ CLP:$ CNY:¥ COP:$ CRC:₡ CUC:$ CUP:$ CZK:Kč DKK:kr DOP:$ EGP:E£ EUR:€ FJD:$ FKP:£"
        " GBP:£ GEL:₾ GHS:GH₵ GIP:£ GNF:FG GTQ:Q GYD:$ HKD:$ HNL:L HUF:Ft IDR:Rp ILS:₪ INR:₹ ISK:kr"
        " JMD:$ JPY:¥ KGS:⃀ KHR:៛ KMF:CF KPW:₩ KRW:₩ KYD:$ KZT:₸ LAK:₭ LBP:L£ LKR:Rs LRD:$ MGA:Ar MMK:K"
        " MNT:₮ MUR:Rs MXN:$ MYR:RM NAD:$ NGN:₦ NIO:C$ NOK:kr NPR:Rs NZD:$ PHP:₱ PKR:Rs PLN:zł PYG:₲"
        " RON:lei RUB:₽ RWF:RF SBD:$ SEK:kr SGD:$ SHP:£ SRD:$ SSP:£ STN:Db SYP:£ THB:฿ TOP:T$ TRY:₺"
        " TTD:$ TWD:$ UAH:₴ USD:$ UYU:$ VND:₫ XAF:FCFA XCD:$ XCG:Cg. XOF:F\u202fCFA XPF:CFPF ZAR:R ZMW:ZK"
    ).split(" ")
)


def money_text(cents: int, currency: str) -> str:
    """An amount as people of either language read it, and as the front ends show it.

    123456 → `¥1,234.56` (CNY), `¥123,456` (JPY), `-£1,234.56`, `kr 1,234.56` (SEK),
    `CHF 1,234.56`; the blanks do not break.
    """
    digits = exponent(currency)
    sign = _SIGNS.get(currency.upper(), currency.upper())
    blank = "\N{NO-BREAK SPACE}" if sign[-1].isalpha() or sign.endswith(".") else ""
    amount = f"{abs(Decimal(cents)).scaleb(-digits):,.{digits}f}"
    return f"{'-' if cents < 0 else ''}{sign}{blank}{amount}"


def round_half_up(value: Decimal) -> int:
    """Nearest whole minor unit, halves away from zero."""
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def split_by_largest_remainder(total: int, weights: list[int]) -> list[int]:
    """Parts of a non-negative total in proportion to weights; they sum to it exactly.

    Each part is floored, then what is left goes one by one to the largest remainders, ties to
    the earlier part (rules.md §3). All weights 0: everything goes to the first part.
    """
    if len(weights) == 1:
        return [total]
    whole = sum(weights)
    if whole == 0:
        return [total, *([0] * (len(weights) - 1))] if weights else []
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts
