"""`/api/storefront/v1/`, and the pages of a merchant's host."""

from django.urls import path, re_path

from points.interfaces.storefront import pages
from points.interfaces.storefront.base import NoSuchEndpoint
from points.interfaces.storefront.views import (
    checkins,
    mall,
    me,
    membership,
    sessions,
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
    re_path(r"^.*$", NoSuchEndpoint.as_view()),
]

# The router in the browser knows the pages; the server only keeps out what is no page: other
# surfaces, and names with an ending, which are files that do not exist.
_NO_PAGE = r"(?:api|static|media|console|staff|healthz|readyz|metrics)(?:/|$)"

page_urlpatterns = [
    path("manifest.webmanifest", pages.manifest),
    path("icon.svg", pages.icon),
    re_path(rf"^(?!{_NO_PAGE})(?P<path>(?:[^.]|\.(?=[^/]*/))*)$", pages.shell),
]
