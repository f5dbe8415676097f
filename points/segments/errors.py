"""What segments refuse. A wrong condition is `conditions.invalid`."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class SegmentNotFound(DomainError):
    code, status = "segments.not_found", 404
    message = gettext_lazy("There is no such segment.")


class SegmentCodeTaken(DomainError):
    code = "segments.code_taken"
    message = gettext_lazy("Another segment has the code %(code)s.")


class SegmentInUse(DomainError):
    """`used_by`: what uses it, as `<kind>:<code>`."""

    code = "segments.in_use"
    message = gettext_lazy("%(code)s is still used. Change what uses it first.")
