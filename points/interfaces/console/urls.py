"""`/api/console/v1/` and `/console/`."""

from django.urls import path, re_path

from points.interfaces.console import pages
from points.interfaces.console.views import (
    adjustments,
    audit,
    dashboard,
    expiry,
    mall,
    members,
    orders,
    sessions,
    settings,
    tiers,
)

api_urlpatterns = [
    path("session", sessions.SessionView.as_view()),
    path("sessions", sessions.Sessions.as_view()),
    path("demo-sessions", sessions.DemoSessions.as_view()),
    path("dashboard", dashboard.DashboardView.as_view()),
    path("members", members.Members.as_view()),
    path("members/<str:member_id>", members.MemberView.as_view()),
    path("members/<str:member_id>/transactions", members.MemberTransactions.as_view()),
    path("members/<str:member_id>/lots", members.MemberLots.as_view()),
    path("members/<str:member_id>/orders", members.MemberOrders.as_view()),
    path("members/<str:member_id>/redemptions", members.MemberRedemptions.as_view()),
    path("members/<str:member_id>/adjustments", adjustments.MemberAdjustments.as_view()),
    path("members/<str:member_id>/check-ins", members.MemberCheckIns.as_view()),
    path("members/<str:member_id>/tier", tiers.MemberTierView.as_view()),
    path("members/<str:member_id>/tier/release", tiers.MemberTierRelease.as_view()),
    path("adjustments", adjustments.Adjustments.as_view()),
    path("adjustments/<str:adjustment_id>", adjustments.AdjustmentView.as_view()),
    path("adjustments/<str:adjustment_id>/approval", adjustments.AdjustmentApproval.as_view()),
    path("adjustments/<str:adjustment_id>/rejection", adjustments.AdjustmentRejection.as_view()),
    path("adjustment-allowance", adjustments.AdjustmentAllowance.as_view()),
    path("audit-entries", audit.AuditEntries.as_view()),
    path("audit-entries/export", audit.AuditExport.as_view()),
    path("staff", audit.StaffView.as_view()),
    path("orders", orders.Orders.as_view()),
    path("orders/<str:order_id>", orders.OrderView.as_view()),
    path("mall-items", mall.MallItems.as_view()),
    path("mall-items/<str:item_id>", mall.MallItemView.as_view()),
    path("redemptions", mall.Redemptions.as_view()),
    path("redemptions/<str:redemption_id>/fulfilment", mall.RedemptionFulfilment.as_view()),
    path("redemptions/<str:redemption_id>/cancellation", mall.RedemptionCancellation.as_view()),
    path("expiry-extensions", expiry.Extensions.as_view()),
    path("expiry-extension-previews", expiry.ExtensionPreviews.as_view()),
    path("api-keys", settings.ApiKeys.as_view()),
    path("api-keys/<str:key_id>/revocation", settings.ApiKeyRevocation.as_view()),
    path("api-scopes", settings.ApiScopes.as_view()),
    path("tiers", tiers.Tiers.as_view()),
    path("tiers/<str:code>", tiers.TierView.as_view()),
    path("program", settings.ProgramView.as_view()),
    path("brand", settings.BrandView.as_view()),
]
# The pages inside the console are the browser's business; the server gives each the same shell.
page_urlpatterns = [re_path(r"^(?:/.*)?$", pages.console)]
