"""`/media/<id>.webp`: a merchant's pictures, on the merchant's own host and nowhere else."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from kernel.ids import parse_id
from points.media.calculations import SMALL_SIDE
from points.media.errors import PictureNotFound
from points.media.queries import read_picture

# An address never shows anything else, so that browsers need not ask again.
_KEPT = "public, max-age=31536000, immutable"


@require_safe
def picture(request: HttpRequest, picture_id: str) -> HttpResponseBase:
    """The picture, or with `?w=` up to 480 the small one. One query, none when it is known."""
    parsed = parse_id(picture_id)
    if parsed is None:
        return HttpResponse(status=404)
    width = request.GET.get("w", "")
    is_small = width.isascii() and width.isdigit() and len(width) < 6 and int(width) <= SMALL_SIDE
    tag = f'"{parsed}-{"s" if is_small else "f"}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag, "Cache-Control": _KEPT})
    try:
        contents = read_picture(picture_id=parsed, is_small=is_small)
    except PictureNotFound:
        return HttpResponse(status=404)
    headers = {
        "Cache-Control": _KEPT, "ETag": tag, "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'",
    }  # fmt: skip
    return HttpResponse(contents, content_type="image/webp", headers=headers)
