"""Back-test (rules.md §12): past orders once more, under the rules of now and under a proposal.

Reads orders and facts, writes nothing. Both sides go through the same replay, so that what differs
between them comes from the proposal alone. See docs/algorithms/back-test.md.
"""
