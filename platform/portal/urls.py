"""Pages of the base domain."""

from django.urls import path

from portal import views

app_name = "portal"
urlpatterns = [
    path("", views.landing, name="landing"),
    path("sign-up", views.sign_up, name="sign_up"),
    path("sign-up/<uuid:signup_id>", views.signup, name="signup"),
    path("sign-up/<uuid:signup_id>/codes", views.resend, name="resend"),
    path("sign-in", views.sign_in, name="sign_in"),
    path("sign-out", views.sign_out, name="sign_out"),
    path("shops", views.shops, name="shops"),
    path("language", views.set_language, name="language"),
]
