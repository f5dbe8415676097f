"""The storefront: a merchant's members, by session."""
