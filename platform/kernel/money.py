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
