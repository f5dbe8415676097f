"""Webhooks: endpoints, their secrets, the log, replays."""

from rest_framework.request import Request

from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.problems import InvalidCursor
from kernel.shapes import Page, given
from points.interfaces import webhook_shapes as shapes
from points.interfaces import webhooks
from points.interfaces.partner.base import PartnerEndpoint
from points.webhooks.errors import (
    DeliveryNotFound,
    EndpointDisabled,
    EndpointNotFound,
    InFlight,
    TooManyEndpoints,
    TopicUnknown,
    UrlNotAllowed,
)


class WebhookTopics(PartnerEndpoint):
    """What can be subscribed to."""

    @operation(
        summary="List the topics of webhooks",
        description="Each has a JSON schema under docs/events.",
        answers={200: shapes.TopicItems},
        scope="webhooks:read",
    )
    def get(self, request: Request) -> shapes.TopicItems:
        return shapes.topics()


class WebhookEndpoints(PartnerEndpoint):
    """Receivers of events."""

    @operation(
        summary="List webhook endpoints, newest first",
        query=Page,
        answers={200: shapes.EndpointItems},
        refuses=[InvalidCursor],
        scope="webhooks:read",
    )
    def get(self, request: Request, query: Page) -> shapes.EndpointItems:
        return webhooks.list_endpoints(query)

    # Takes no Idempotency-Key: the answer, which holds the secret, would be kept with it.
    @operation(
        summary="Add a webhook endpoint",
        description="The secret is told in this answer and never again.",
        body=shapes.EndpointIn,
        answers={201: shapes.NewEndpointOut},
        refuses=[UrlNotAllowed, TopicUnknown, TooManyEndpoints],
        scope="webhooks:write",
    )
    def post(self, request: Request, body: shapes.EndpointIn) -> shapes.NewEndpointOut:
        return webhooks.add_endpoint(body, actor=self.actor, audit=self.audit)


class WebhookEndpointView(PartnerEndpoint):
    """One receiver."""

    @operation(
        summary="Get a webhook endpoint",
        answers={200: shapes.EndpointOut},
        refuses=[EndpointNotFound],
        scope="webhooks:read",
    )
    def get(self, request: Request, endpoint_id: str) -> shapes.EndpointOut:
        return webhooks.show_endpoint(endpoint_id)

    @operation(
        summary="Change a webhook endpoint",
        description="Only what is named changes. While it is disabled nothing new is meant for it;"
        " what was waiting goes on when it is enabled again.",
        body=shapes.EndpointChange,
        answers={200: shapes.EndpointOut},
        refuses=[EndpointNotFound, UrlNotAllowed, TopicUnknown, KeyReused],
        idempotency_key="optional",
        scope="webhooks:write",
    )
    def patch(
        self, request: Request, body: shapes.EndpointChange, endpoint_id: str
    ) -> shapes.EndpointOut:
        return webhooks.change_endpoint(endpoint_id, given(body), audit=self.audit)

    @operation(
        summary="Delete a webhook endpoint",
        description="With its log; what it was still to be told is not sent.",
        answers={204: None},
        refuses=[EndpointNotFound, KeyReused],
        idempotency_key="optional",
        scope="webhooks:write",
    )
    def delete(self, request: Request, endpoint_id: str) -> None:
        webhooks.delete_endpoint(endpoint_id, audit=self.audit)


class WebhookSecretRotations(PartnerEndpoint):
    """A receiver's secret."""

    # Takes no Idempotency-Key: the answer, which holds the secret, would be kept with it.
    @operation(
        summary="Change the secret of a webhook endpoint",
        description="The new secret is told in this answer and never again. For 24 hours the one"
        " before signs as well, so that a receiver can change over at leisure.",
        body=shapes.RotationIn,
        answers={201: shapes.RotationOut},
        refuses=[EndpointNotFound],
        scope="webhooks:write",
    )
    def post(
        self, request: Request, body: shapes.RotationIn, endpoint_id: str
    ) -> shapes.RotationOut:
        return webhooks.rotate_secret(endpoint_id, audit=self.audit)


class WebhookTestEvents(PartnerEndpoint):
    """Trying a receiver."""

    @operation(
        summary="Send a test event",
        description="A `webhook.test` goes to this endpoint at once; its fate stands in the log.",
        body=shapes.TestEventIn,
        answers={202: shapes.DeliveryOut},
        refuses=[EndpointNotFound, EndpointDisabled, KeyReused],
        idempotency_key="optional",
        scope="webhooks:write",
    )
    def post(
        self, request: Request, body: shapes.TestEventIn, endpoint_id: str
    ) -> shapes.DeliveryOut:
        return webhooks.send_test(endpoint_id, audit=self.audit)


class WebhookEndpointReplays(PartnerEndpoint):
    """Sending again what failed for good."""

    @operation(
        summary="Replay what was parked since a moment",
        description="Every delivery of this endpoint whose tries all failed, of events that"
        " occurred since then.",
        body=shapes.ReplaySinceIn,
        answers={202: shapes.ReplaysOut},
        refuses=[EndpointNotFound, EndpointDisabled, KeyReused],
        idempotency_key="optional",
        scope="webhooks:write",
    )
    def post(
        self, request: Request, body: shapes.ReplaySinceIn, endpoint_id: str
    ) -> shapes.ReplaysOut:
        return webhooks.replay_parked(endpoint_id, body.since, audit=self.audit)


class WebhookDeliveries(PartnerEndpoint):
    """What was and will be sent to a receiver."""

    @operation(
        summary="List the deliveries of an endpoint, newest first",
        description="Kept for 30 days.",
        query=shapes.DeliveryQuery,
        answers={200: shapes.DeliveryItems},
        refuses=[EndpointNotFound, InvalidCursor],
        scope="webhooks:read",
    )
    def get(
        self, request: Request, query: shapes.DeliveryQuery, endpoint_id: str
    ) -> shapes.DeliveryItems:
        return webhooks.list_deliveries(endpoint_id, query)


class WebhookDeliveryView(PartnerEndpoint):
    """One delivery."""

    @operation(
        summary="Get a delivery with all its tries",
        answers={200: shapes.DeliveryDetailOut},
        refuses=[DeliveryNotFound],
        scope="webhooks:read",
    )
    def get(self, request: Request, delivery_id: str) -> shapes.DeliveryDetailOut:
        return webhooks.show_delivery(delivery_id)


class WebhookDeliveryReplays(PartnerEndpoint):
    """Sending one again."""

    @operation(
        summary="Replay a delivery",
        description="Whatever became of it; one that waits is tried at once. It keeps its"
        " `webhook-id`, so that a receiver which had it knows it again.",
        body=shapes.ReplayIn,
        answers={202: shapes.DeliveryOut},
        refuses=[DeliveryNotFound, EndpointDisabled, InFlight, KeyReused],
        idempotency_key="optional",
        scope="webhooks:write",
    )
    def post(self, request: Request, body: shapes.ReplayIn, delivery_id: str) -> shapes.DeliveryOut:
        return webhooks.replay_delivery(delivery_id, audit=self.audit)
