"""What earning refuses."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class RuleInvalid(DomainError):
    code, status = "earning.rule_invalid", 400
    message = gettext_lazy("%(field)s: %(reason)s")


class RuleCodeTaken(DomainError):
    code = "earning.rule_code_taken"
    message = gettext_lazy("There is a rule %(rule)s already.")


class RuleNotFound(DomainError):
    code, status = "earning.rule_not_found", 404
    message = gettext_lazy("There is no such rule.")


class VersionNotFound(DomainError):
    code, status = "earning.version_not_found", 404
    message = gettext_lazy("The rule has no such version.")


class NothingToPublish(DomainError):
    code = "earning.nothing_to_publish"
    message = gettext_lazy("The rule has no draft to publish.")


class TooManyRules(DomainError):
    code = "earning.too_many_rules"
    message = gettext_lazy("At most %(most)s rules can be in use; stop one first.")


class EventNotFound(DomainError):
    code, status = "earning.event_not_found", 404
    message = gettext_lazy("There is no such event.")


class EventConflict(DomainError):
    code = "earning.event_conflict"
    message = gettext_lazy("This event was told before with other contents.")


class EventTypeReserved(DomainError):
    code, status = "earning.event_type_reserved", 400
    message = gettext_lazy("Events of type %(type)s happen inside Jifen; they cannot be sent.")


class EventTypeUnknown(DomainError):
    code, status = "earning.event_type_unknown", 400
    message = gettext_lazy(
        "There is no event type %(type)s; types of your own begin with custom: and a small letter."
    )


class TaskOver(DomainError):
    code = "earning.task_over"
    message = gettext_lazy("The time to claim this is over.")


class TaskUsedUp(DomainError):
    """The rule's total or the payer's budget has too little left, or there is no coupon to give;
    `reason` is total, budget, or `coupon_` with why (`queries.COUPON_REFUSED`)."""

    code = "earning.task_used_up"
    message = gettext_lazy("All that was set aside for this has been given away for now.")


class TaskNotClaimable(DomainError):
    code = "earning.task_not_claimable"
    message = gettext_lazy("There is nothing to claim here.")
