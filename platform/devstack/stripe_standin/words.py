"""What the hosted pages say, in the two languages of the product."""

WORDS = {
    "en": {
        "lang": "en",
        "test": "Test mode: no money moves. This page stands in for Stripe on this machine.",
        "pay": "Pay {amount}", "pay_short": "Pay", "cancel": "Cancel and go back", "email": "E-mail",
        "card": "Card", "other": "Another card number", "total": "Total", "quantity": "× {n}",
        "to": "Pay {name}", "declined": "Your card was declined.",
        "insufficient": "Your card has insufficient funds.",
        "unknown": "This is none of the test cards.",
        "complete_title": "This page has been paid", "complete": "There is nothing left to pay here.",
        "expired_title": "This page has closed", "expired": "Its time is over, or the shop closed it.",
        "nowhere_title": "There is no such page", "nowhere": "Check the address.",
        "4242424242424242": "is paid", "5555555555554444": "is paid (Mastercard)",
        "4000000000000002": "is declined", "4000000000009995": "has no funds",
        "4000000000000259": "is paid, then disputed",
        "4000000000007726": "is paid; a refund takes a while",
        "4000000000005126": "is paid; a refund comes back",
        "debit": "Bank debit: confirmed a while later",
        "setup_title": "Take payments with Stripe",
        "setup": "Stripe would ask for your business, your identity and your bank account here.",
        "setup_done": "Finish", "setup_later": "Later", "account": "Account",
        "link_over": "This link was used, or its five minutes are over.", "again": "Get a new link",
    },
    "zh": {
        "lang": "zh-Hans",
        "test": "测试模式，不会产生真实扣款。本页在本机上代替 Stripe。",
        "pay": "支付 {amount}", "pay_short": "支付", "cancel": "取消并返回", "email": "邮箱",
        "card": "银行卡", "other": "使用其他卡号", "total": "合计", "quantity": "× {n}",
        "to": "向 {name} 付款", "declined": "银行卡被拒绝。", "insufficient": "银行卡余额不足。",
        "unknown": "这不是测试卡号。",
        "complete_title": "订单已支付", "complete": "无需再次付款。",
        "expired_title": "支付页面已关闭", "expired": "页面已超时，或已被商家关闭。",
        "nowhere_title": "页面不存在", "nowhere": "请检查网址。",
        "4242424242424242": "支付成功", "5555555555554444": "支付成功（Mastercard）",
        "4000000000000002": "被拒绝", "4000000000009995": "余额不足",
        "4000000000000259": "支付成功，随后发生拒付争议",
        "4000000000007726": "支付成功，退款需等待一会儿",
        "4000000000005126": "支付成功，退款会被退回",
        "debit": "银行扣款：稍后到账",
        "setup_title": "开通 Stripe 收款",
        "setup": "在真实环境中，Stripe 会在这里收集企业信息、身份信息和银行账户。",
        "setup_done": "完成开通", "setup_later": "稍后再说", "account": "账户",
        "link_over": "链接已使用，或已超过五分钟。", "again": "获取新链接",
    },
}  # fmt: skip


def choose(locale: str | None, accepted: str) -> dict[str, str]:
    """The words of a session's locale, else of what the browser prefers."""
    wanted = accepted if locale in (None, "", "auto") else locale
    return WORDS["zh" if str(wanted).lower().startswith("zh") else "en"]
