"""What webhooks refuse."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class EndpointNotFound(DomainError):
    code, status = "webhooks.endpoint_not_found", 404
    message = gettext_lazy("There is no such webhook endpoint.")


class DeliveryNotFound(DomainError):
    code, status = "webhooks.delivery_not_found", 404
    message = gettext_lazy("There is no such webhook delivery.")


class UrlNotAllowed(DomainError):
    """Facts: `field` is `url`, `reason` says which rule, `rule` is its stable word."""

    code, status = "webhooks.url_not_allowed", 400
    message = gettext_lazy("This address cannot receive webhooks: %(reason)s")


class TopicUnknown(DomainError):
    code, status = "webhooks.topic_unknown", 400
    message = gettext_lazy("There is no webhook topic %(topic)s.")


class TooManyEndpoints(DomainError):
    code = "webhooks.too_many_endpoints"
    message = gettext_lazy("A shop has at most %(limit)s webhook endpoints.")


class EndpointDisabled(DomainError):
    code = "webhooks.endpoint_disabled"
    message = gettext_lazy("The webhook endpoint is disabled. Enable it first.")


class InFlight(DomainError):
    code = "webhooks.in_flight"
    message = gettext_lazy("The webhook is being delivered at this moment.")
