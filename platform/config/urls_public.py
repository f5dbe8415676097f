"""URL map of the base domain."""

from django.urls import include, path

urlpatterns = [
    path("api/platform/v1/", include("portal.api.urls")),
    path("", include("portal.urls")),
]
handler404 = "portal.views.not_found"
handler500 = "portal.views.server_error"
