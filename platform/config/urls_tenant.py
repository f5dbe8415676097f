"""URL map of a merchant's host."""

from django.urls import include, path

from points.interfaces import media
from points.interfaces.console import urls as console
from points.interfaces.storefront.urls import api_urlpatterns, page_urlpatterns

urlpatterns = [
    path("api/v1/", include("points.interfaces.partner.urls")),
    path("api/storefront/v1/", include(api_urlpatterns)),
    path("api/console/v1/", include(console.api_urlpatterns)),
    path("media/<str:picture_id>.webp", media.picture),
    path("console", include(console.page_urlpatterns)),
    path("", include("points.interfaces.hooks")),
    # Last: the storefront's page answers every address that nobody else has.
    *page_urlpatterns,
]
handler404 = "kernel.api.problems.not_found"
handler500 = "kernel.api.problems.server_error"
