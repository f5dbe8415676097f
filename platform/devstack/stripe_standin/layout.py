"""The frame and the looks of the hosted pages. No script, no font, nothing from elsewhere."""

from decimal import Decimal
from html import escape

from devstack.stripe_standin.cards import Card

# As Stripe counts: docs.stripe.com/currencies, zero-decimal and three-decimal ones.
ZERO_DECIMAL = set("bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf".split())
ZERO_DECIMAL -= {"ugx"}
THREE_DECIMAL = set("bhd jod kwd omr tnd".split())
STYLE = """
:root{color-scheme:light;--ink:#1a1f36;--soft:#5b6478;--brand:#5046d6;--line:#d8dce6}
*{box-sizing:border-box}body{margin:0;background:#f6f7f9;color:var(--ink);
font:16px/1.5 system-ui,"PingFang SC","Noto Sans SC","Microsoft YaHei",sans-serif}
.test{margin:0;padding:8px 16px;background:#fdf1d3;color:#6b4a00;font-size:14px;text-align:center}
main{max-width:920px;margin:0 auto;padding:24px 16px;display:grid;gap:24px}
section,form{background:#fff;border-radius:16px;padding:24px;box-shadow:0 1px 8px #1a1f3614}
@media(min-width:760px){main{grid-template-columns:1fr 1fr;align-items:start;padding-top:48px}
main>:only-child{grid-column:1/-1;max-width:480px;margin:auto}}
h1{margin:0 0 8px;font-size:18px}.sum{margin:0 0 16px;font-size:34px;font-weight:650}
.sum,.lines,.total{font-variant-numeric:tabular-nums}.lines{list-style:none;margin:0;padding:0}
.lines li,.total{display:flex;justify-content:space-between;gap:16px;padding:10px 0;margin:0;
border-top:1px solid var(--line);overflow-wrap:anywhere}.lines small{color:var(--soft)}.lines small,.total b,
.lines span+span{white-space:nowrap;flex:none}
fieldset{border:1px solid var(--line);border-radius:12px;margin:16px 0;padding:4px 12px}
legend,.field{font-size:14px;color:var(--soft)}.field{display:grid;gap:6px}
.card{display:flex;gap:12px;align-items:center;padding:10px 0;border-top:1px solid var(--line)}
.card:first-of-type{border-top:0}.card input{width:20px;height:20px;margin:0;flex:none;
accent-color:var(--brand)}.card span{display:grid}.card b{font-weight:550;font-variant-numeric:
tabular-nums}.card small{font-size:14px;color:var(--soft)}
input:not([type=radio]){font:inherit;color:var(--ink);padding:10px 12px;border:1px solid #8a91a5;
border-radius:10px;width:100%;background:#fff}
button{display:block;width:100%;min-height:48px;margin-top:16px;border:0;border-radius:12px;
font:inherit;font-weight:600;background:var(--brand);color:#fff;cursor:pointer}
button.quiet{background:transparent;color:var(--brand);margin-top:4px}
:focus-visible{outline:3px solid #9a94f0;outline-offset:2px}
.problem{margin:0 0 16px;padding:10px 12px;border-radius:10px;background:#fdeaea;color:#9a1420}
"""


def page(title: str, body: str, words: dict[str, str]) -> str:
    """A whole document."""
    return (
        f'<!doctype html><html lang="{words["lang"]}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f'<body><p class="test">{words["test"]}</p><main>{body}</main></body></html>'
    )


def card_rows(cards: list[Card], words: dict[str, str], form: dict[str, str] | None) -> str:
    """A radio button for each card, with what becomes of a payment by it."""
    chosen = (form or {}).get("card") or cards[0].number
    rows = []
    for card in cards:
        checked = " checked" if card.number == chosen else ""
        number = " ".join(card.number[i : i + 4] for i in range(0, len(card.number), 4))
        what = words["debit"] if card.is_delayed else words[card.number]
        rows.append(
            f'<label class="card"><input type="radio" name="card" value="{card.number}"{checked}>'
            f"<span><b>{number}</b><small>{what}</small></span></label>"
        )
    return "".join(rows)


def amount_text(amount: int, currency: str) -> str:
    """`USD 12.50`, `JPY 1,250`, `KWD 1.250`: Stripe's smallest units for people."""
    digits = 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2
    return f"{currency.upper()}\N{NO-BREAK SPACE}{Decimal(amount).scaleb(-digits):,.{digits}f}"
