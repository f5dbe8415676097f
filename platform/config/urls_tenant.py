"""URL map of a merchant's host."""

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("points.interfaces.partner.urls")),
]
handler404 = "kernel.api.problems.not_found"
handler500 = "kernel.api.problems.server_error"
