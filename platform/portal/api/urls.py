"""`/api/platform/v1/`"""

from django.urls import path

from portal.api import connect, views

app_name = "platform_api"
urlpatterns = [
    path("addresses/<str:slug>", views.Address.as_view(), name="address"),
    path("signups", views.Signups.as_view(), name="signups"),
    path("signups/<str:signup_id>", views.SignupState.as_view(), name="signup"),
    path("signups/<str:signup_id>/verification", views.Verification.as_view(), name="verification"),
    path("signups/<str:signup_id>/codes", views.Codes.as_view(), name="codes"),
    path("connect/webhook", connect.ConnectWebhook.as_view(), name="connect-webhook"),
    path("sessions", views.Sessions.as_view(), name="sessions"),
]
