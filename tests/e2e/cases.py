"""The pages that are looked at: name, who opens it, where; braces stand for what the tour has made."""

from dataclasses import dataclass

NOBODY, MEMBER, OWNER = "visitor", "member", "owner"


@dataclass(frozen=True)
class Case:
    """One page: its name in the pictures, who opens it, where."""

    surface: str
    name: str
    who: str
    path: str
    # Some pages answer 404, which the browser reports as an error of its own.
    is_missing: bool = False

    def __str__(self) -> str:
        return f"{self.surface}-{self.name}"


_PARTS = "/console/settlement/parts?source=merchant&figure=issued_points"
STOREFRONT = [
    Case("storefront", "visitor", NOBODY, "/"),
    Case("storefront", "visitor-wallet", NOBODY, "/wallet"),
    Case("storefront", "visitor-me", NOBODY, "/me"),
    Case("storefront", "sign-in", NOBODY, "/sign-in"),
    Case("storefront", "home", MEMBER, "/"),
    Case("storefront", "mall", MEMBER, "/mall"),
    Case("storefront", "mall-item", MEMBER, "/mall/{item}"),
    Case("storefront", "mall-item-too-dear", MEMBER, "/mall/{dear_item}"),
    Case("storefront", "wallet", MEMBER, "/wallet"),
    Case("storefront", "lots", MEMBER, "/wallet/lots"),
    Case("storefront", "redemptions", MEMBER, "/redemptions"),
    Case("storefront", "check-in", MEMBER, "/check-in"),
    Case("storefront", "tasks", MEMBER, "/tasks"),
    Case("storefront", "transfer", MEMBER, "/transfer"),
    Case("storefront", "invite", MEMBER, "/invite"),
    Case("storefront", "invited", NOBODY, "/r/K7M2P9Q"),
    Case("storefront", "redemption", MEMBER, "/redemptions/{redemption}"),
    Case("storefront", "redemption-to-pay", MEMBER, "/redemptions/{redemption_to_pay}"),
    Case("storefront", "membership", MEMBER, "/membership"),
    Case("storefront", "me", MEMBER, "/me"),
    Case("storefront", "visitor-coupons", NOBODY, "/coupons"),
    Case("storefront", "coupons", MEMBER, "/coupons"),
    Case("storefront", "my-coupons", MEMBER, "/coupons/mine"),
    Case("storefront", "visitor-shop", NOBODY, "/shop"),
    Case("storefront", "visitor-cart", NOBODY, "/cart"),
    Case("storefront", "shop", MEMBER, "/shop"),
    Case("storefront", "product", MEMBER, "/shop/{product}"),
    Case("storefront", "cart", MEMBER, "/cart"),
    Case("storefront", "addresses", MEMBER, "/addresses"),
    Case("storefront", "checkout", MEMBER, "/checkout?buy={variant}&n=2"),
    Case("storefront", "orders", MEMBER, "/orders"),
    Case("storefront", "order-to-pay", MEMBER, "/orders/{order_to_pay}"),
    Case("storefront", "order-refund", MEMBER, "/orders/{order_refund}"),
    Case("storefront", "cash", MEMBER, "/wallet/cash"),
    Case("storefront", "red-packet", MEMBER, "/red-packets/{red_packet}"),
    Case("storefront", "red-packet-opened", MEMBER, "/red-packets/{opened_red_packet}"),
    Case("storefront", "not-found", MEMBER, "/nothing-here"),
]
CONSOLE = [
    Case("console", "sign-in", NOBODY, "/console/sign-in"),
    Case("console", "dashboard", OWNER, "/console/"),
    Case("console", "members", OWNER, "/console/members"),
    Case("console", "member", OWNER, "/console/members/{member}"),
    Case("console", "members-of-segment", OWNER, "/console/members?segment={segment}"),
    Case("console", "segments", OWNER, "/console/segments"),
    Case("console", "segment-new", OWNER, "/console/segments/new"),
    Case("console", "backtests", OWNER, "/console/backtests"),
    Case("console", "backtest", OWNER, "/console/backtests/{backtest}"),
    Case("console", "imports", OWNER, "/console/imports"),
    Case("console", "import-new", OWNER, "/console/imports/new"),
    Case("console", "import-checked", OWNER, "/console/imports/of/{checked_import}"),
    Case("console", "import-written", OWNER, "/console/imports/of/{written_import}"),
    Case("console", "segment", OWNER, "/console/segments/of/{segment}"),
    Case("console", "member-lots", OWNER, "/console/members/{member}?tab=lots"),
    Case("console", "member-orders", OWNER, "/console/members/{member}?tab=orders"),
    Case("console", "member-redemptions", OWNER, "/console/members/{member}?tab=redemptions"),
    Case("console", "member-profile", OWNER, "/console/members/{member}?tab=profile"),
    Case("console", "member-fields", OWNER, "/console/member-fields"),
    Case("console", "payments", OWNER, "/console/payments"),
    Case("console", "member-tier", OWNER, "/console/members/{member}?tab=tier"),
    Case("console", "tiers", OWNER, "/console/tiers"),
    Case("console", "member-check-ins", OWNER, "/console/members/{member}?tab=check-ins"),
    Case("console", "approvals", OWNER, "/console/approvals"),
    Case("console", "approvals-all", OWNER, "/console/approvals?status=all"),
    Case("console", "referrals", OWNER, "/console/referrals"),
    Case("console", "distributors", OWNER, "/console/distributors"),
    Case("console", "commissions", OWNER, "/console/commissions"),
    Case("console", "referral-rules", OWNER, "/console/referral-rules"),
    Case("console", "orders", OWNER, "/console/orders"),
    Case("console", "order", OWNER, "/console/orders/{order}"),
    Case("console", "order-refunded", OWNER, "/console/orders/{refunded_order}"),
    Case("console", "rules", OWNER, "/console/rules"),
    Case("console", "rule-new", OWNER, "/console/rules/new"),
    Case("console", "rule", OWNER, "/console/rules/of/{rule}"),
    Case("console", "rule-versions", OWNER, "/console/rules/of/{rule}?tab=versions"),
    Case("console", "rule-awards", OWNER, "/console/rules/of/{rule}?tab=awards"),
    Case("console", "funding", OWNER, "/console/funding"),
    Case("console", "settlement", OWNER, "/console/settlement"),
    Case("console", "settlement-parts", OWNER, _PARTS),
    Case("console", "members-on-tier", OWNER, "/console/members?tier=gold"),
    Case("console", "rule-of-event", OWNER, "/console/rules/of/{event_rule}"),
    Case("console", "mall", OWNER, "/console/mall"),
    Case("console", "mall-new", OWNER, "/console/mall/new"),
    Case("console", "mall-item", OWNER, "/console/mall/{item}"),
    Case("console", "products", OWNER, "/console/products"),
    Case("console", "product-new", OWNER, "/console/products/new"),
    Case("console", "product", OWNER, "/console/products/{product}"),
    Case("console", "categories", OWNER, "/console/categories"),
    Case("console", "shop-orders", OWNER, "/console/shop-orders"),
    Case("console", "shop-order-to-pay", OWNER, "/console/shop-orders/{order_to_pay}"),
    Case("console", "shop-order-refund", OWNER, "/console/shop-orders/{order_refund}"),
    Case("console", "shop-refunds", OWNER, "/console/shop-refunds?status=all"),
    Case("console", "redemptions", OWNER, "/console/redemptions?status=all"),
    Case("console", "coupons", OWNER, "/console/coupons"),
    Case("console", "coupon-new", OWNER, "/console/coupons/new"),
    Case("console", "coupon", OWNER, "/console/coupons/{coupon}"),
    Case("console", "coupon-edit", OWNER, "/console/coupons/{coupon}/edit"),
    Case("console", "member-coupons", OWNER, "/console/members/{member}?tab=coupons"),
    Case("console", "pickup", OWNER, "/console/pickup"),
    Case("console", "program", OWNER, "/console/program"),
    Case("console", "brand", OWNER, "/console/brand"),
    Case("console", "cash", OWNER, "/console/cash"),
    Case("console", "red-packets", OWNER, "/console/red-packets"),
    Case("console", "red-packet", OWNER, "/console/red-packets/{opened_red_packet}"),
    Case("console", "withdrawals", OWNER, "/console/withdrawals"),
    Case("console", "withdrawals-all", OWNER, "/console/withdrawals?status=all"),
    Case("console", "api-keys", OWNER, "/console/api-keys"),
    Case("console", "staff", OWNER, "/console/staff"),
    Case("console", "audit", OWNER, "/console/audit"),
    Case("console", "webhooks", OWNER, "/console/webhooks"),
    Case("console", "webhook", OWNER, "/console/webhooks/{webhook}"),
    Case("console", "webhook-delivery", OWNER, "/console/webhooks/{webhook}?delivery={delivery}"),
    Case("console", "not-found", OWNER, "/console/nothing-here"),
]
PORTAL = [
    Case("portal", "landing", NOBODY, "/"),
    Case("portal", "sign-up", NOBODY, "/sign-up"),
    Case("portal", "code", NOBODY, "/sign-up/{signup}"),
    Case("portal", "ready", NOBODY, "/sign-up/{ready_signup}"),
    Case("portal", "sign-in", NOBODY, "/sign-in"),
    Case("portal", "not-found", NOBODY, "/nothing-here", is_missing=True),
    Case("portal", "shops", OWNER, "/shops"),
]
