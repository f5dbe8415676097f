"""`/api/storefront/v1/`, and the pages of a merchant's host."""

from django.urls import path, re_path

from points.interfaces.storefront import pages
from points.interfaces.storefront.base import NoSuchEndpoint
from points.interfaces.storefront.views import (
    addresses,
    cart,
    cash,
    checkins,
    checkout,
    coupons,
    mall,
    me,
    membership,
    referral,
    sessions,
    shop,
    shop_orders,
    tasks,
    transfers,
    wallet,
)

api_urlpatterns = [
    path("sign-in-codes", sessions.SignInCodes.as_view()),
    path("sessions", sessions.Sessions.as_view()),
    path("demo-sessions", sessions.DemoSessions.as_view()),
    path("me", me.Me.as_view()),
    path("me/profile", me.Profile.as_view()),
    path("me/export", me.MyExport.as_view()),
    path("me/erasure", me.MyErasure.as_view()),
    path("mall-items", mall.MallItems.as_view()),
    path("mall-items/<str:item_id>", mall.MallItemView.as_view()),
    path("redemptions", mall.Redemptions.as_view()),
    path("redemptions/<str:redemption_id>", mall.RedemptionView.as_view()),
    path("redemptions/<str:redemption_id>/cancellation", mall.RedemptionCancellation.as_view()),
    path("redemptions/<str:redemption_id>/gift-codes", mall.RedemptionGiftCodes.as_view()),
    path("redemptions/<str:redemption_id>/payments", mall.RedemptionPayments.as_view()),
    path("redemptions/<str:redemption_id>/payment-checks", mall.RedemptionPaymentChecks.as_view()),
    path("check-ins", checkins.CheckIns.as_view()),
    path("make-ups", checkins.MakeUps.as_view()),
    path("tasks", tasks.Tasks.as_view()),
    path("tasks/<str:award_id>/claim", tasks.TaskClaim.as_view()),
    path("transfer-receivers", transfers.TransferReceivers.as_view()),
    path("transfers", transfers.Transfers.as_view()),
    path("membership", membership.MembershipView.as_view()),
    path("transactions", wallet.Transactions.as_view()),
    path("transactions/months", wallet.Months.as_view()),
    path("lots", wallet.Lots.as_view()),
    path("shop-categories", shop.ShopCategories.as_view()),
    path("products", shop.ShopProducts.as_view()),
    path("products/<str:product_id>", shop.ShopProductView.as_view()),
    path("cart", cart.Cart.as_view()),
    path("cart/lines/<str:variant_id>", cart.CartLineView.as_view()),
    path("cart/merges", cart.CartMerges.as_view()),
    path("cart/previews", cart.CartPreviews.as_view()),
    path("addresses", addresses.Addresses.as_view()),
    path("addresses/<str:address_id>", addresses.AddressView.as_view()),
    path("checkout-quotes", checkout.CheckoutQuotes.as_view()),
    path("shop-orders", checkout.ShopOrders.as_view()),
    path("shop-orders/<str:order_id>", shop_orders.ShopOrderView.as_view()),
    path("shop-orders/<str:order_id>/payments", shop_orders.ShopOrderPayments.as_view()),
    path("shop-orders/<str:order_id>/payment-checks", shop_orders.ShopOrderPaymentChecks.as_view()),
    path("shop-orders/<str:order_id>/cancellation", shop_orders.ShopOrderCancellation.as_view()),
    path("shop-orders/<str:order_id>/receipt", shop_orders.ShopOrderReceipt.as_view()),
    path(
        "shop-orders/<str:order_id>/refund-requests", shop_orders.ShopOrderRefundRequests.as_view()
    ),
    path(
        "refund-requests/<str:refund_id>/withdrawal", shop_orders.RefundRequestWithdrawal.as_view()
    ),
    path("coupon-offers", coupons.CouponOffers.as_view()),
    path("coupons", coupons.MyCoupons.as_view()),
    path("cash", cash.Cash.as_view()),
    path("cash/transactions", cash.CashTransactions.as_view()),
    path("cash-exchanges", cash.CashExchanges.as_view()),
    path("withdrawals", cash.Withdrawals.as_view()),
    path("withdrawals/<str:withdrawal_id>/cancellation", cash.WithdrawalCancellation.as_view()),
    path("red-packets", cash.RedPackets.as_view()),
    path("red-packets/<str:packet_id>", cash.RedPacketView.as_view()),
    path("red-packets/<str:packet_id>/shares", cash.RedPacketShares.as_view()),
    path("referral", referral.ReferralView.as_view()),
    path("referral/claims", referral.ReferralClaims.as_view()),
    path("commissions", referral.Commissions.as_view()),
    path("distributor-applications", referral.DistributorApplications.as_view()),
    re_path(r"^.*$", NoSuchEndpoint.as_view()),
]

# The router in the browser knows the pages; the server only keeps out what is no page: other
# surfaces, and names with an ending, which are files that do not exist.
_NO_PAGE = r"(?:api|hooks|static|media|console|staff|healthz|readyz|metrics)(?:/|$)"

page_urlpatterns = [
    path("manifest.webmanifest", pages.manifest),
    path("icon.svg", pages.icon),
    re_path(rf"^(?!{_NO_PAGE})(?P<path>(?:[^.]|\.(?=[^/]*/))*)$", pages.shell),
]
