"""The one refusal of conditions: where the tree is wrong, and why."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError

# Reason → what to tell a person; the facts are filled in.
REASONS: dict[str, Promise] = {
    "not_a_condition": _("an object with one operator is expected here"),
    "unknown_operator": _("there is no operator “%(operator)s”"),
    "wrong_number": _("“%(operator)s” takes another number of values"),
    "field_expected": _("one field has to be compared with one value"),
    "unknown_field": _("there is no field “%(name)s”"),
    "operator_does_not_fit": _("“%(operator)s” cannot be used with “%(name)s”"),
    "value_does_not_fit": _("the value does not fit “%(name)s”: expected is %(expected)s"),
    "not_a_choice": _("“%(value)s” is not one of the choices of “%(name)s”"),
    "out_of_range": _("the value must lie between %(least)s and %(most)s"),
    "empty_range": _("the first value of a range must not be above the second"),
    "empty_list": _("the list is empty"),
    "empty_text": _("the text is empty"),
    "list_too_long": _("a list has at most %(most)s values"),
    "text_too_long": _("a text has at most %(most)s characters"),
    "text_not_storable": _("the text has a character that cannot be stored"),
    "too_deep": _("conditions can be nested %(most)s deep at most"),
    "too_many_comparisons": _("a condition has at most %(most)s comparisons"),
}


class ConditionInvalid(DomainError):
    """`path` leads to the fault (`and.0.>=`; `.` is the whole tree), `reason` is a word of REASONS."""

    code, status = "conditions.invalid", 400
    message = _("The condition is wrong at %(path)s: %(reason)s.")

    def __str__(self) -> str:
        reason = REASONS.get(str(self.facts["reason"]))
        told = str(reason) % self.facts if reason else self.facts["reason"]
        return str(self.message) % {**self.facts, "reason": told}
