"""`/api/v1/`."""

from django.urls import path

from points.interfaces.partner.views import checkins, mall, members, orders, ping, points, settings

urlpatterns = [
    path("ping", ping.Ping.as_view()),
    path("members", members.Members.as_view()),
    path("members/<str:member_id>", members.MemberView.as_view()),
    path("members/<str:member_id>/transactions", members.MemberTransactions.as_view()),
    path("members/<str:member_id>/lots", members.MemberLots.as_view()),
    path("members/<str:member_id>/points", members.MemberPoints.as_view()),
    path("orders", orders.Orders.as_view()),
    path("orders/batch", orders.OrderBatch.as_view()),
    path("orders/<str:external_id>", orders.OrderView.as_view()),
    path("orders/<str:external_id>/explanation", orders.OrderExplanation.as_view()),
    path("orders/<str:external_id>/completion", orders.OrderCompletion.as_view()),
    path("orders/<str:external_id>/refunds", orders.OrderRefunds.as_view()),
    path("quotes", points.Quotes.as_view()),
    path("holds", points.Holds.as_view()),
    path("holds/<str:hold_id>", points.HoldView.as_view()),
    path("holds/<str:hold_id>/capture", points.HoldCapture.as_view()),
    path("holds/<str:hold_id>/release", points.HoldRelease.as_view()),
    path("adjustments", points.Adjustments.as_view()),
    path("check-ins", checkins.CheckIns.as_view()),
    path("make-ups", checkins.MakeUps.as_view()),
    path("mall-items", mall.MallItems.as_view()),
    path("mall-items/<str:item_id>", mall.MallItemView.as_view()),
    path("redemptions", mall.Redemptions.as_view()),
    path("redemptions/<str:redemption_id>", mall.RedemptionView.as_view()),
    path("redemptions/<str:redemption_id>/cancellation", mall.RedemptionCancellation.as_view()),
    path("redemptions/<str:redemption_id>/fulfilment", mall.RedemptionFulfilment.as_view()),
    path("program", settings.ProgramView.as_view()),
    path("funding-sources", settings.FundingSources.as_view()),
    path("reports/points", settings.PointsReportView.as_view()),
    path("test-clock", settings.TestClockView.as_view()),
]
