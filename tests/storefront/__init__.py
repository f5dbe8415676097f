"""The storefront as a member's browser meets it."""
