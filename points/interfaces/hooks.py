"""What payout providers tell a merchant's host by themselves: signed by them, hence without a key."""

from datetime import UTC, datetime

from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kernel import clock
from kernel.errors import DomainError
from points.flows.payouts_sent import hear_wechat

MOST_BYTES = 20_000


@csrf_exempt
@require_POST
def wechat_pay(request: HttpRequest) -> JsonResponse:
    """A transfer of WeChat Pay is settled. Anything but 200 makes the platform tell it again."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        if int(headers.get("content-length") or 0) > MOST_BYTES:
            raise ValueError
        body = request.body.decode()
        hear_wechat(headers=headers, body=body, at=clock.now(), real_time=lambda: datetime.now(UTC))
    except ValueError:
        return JsonResponse({"code": "FAIL", "message": "unreadable"}, status=400)
    except DomainError as refusal:
        return JsonResponse({"code": "FAIL", "message": refusal.code}, status=refusal.status)
    return JsonResponse({"code": "SUCCESS", "message": ""})


urlpatterns = [path("hooks/wechat-pay", wechat_pay)]
