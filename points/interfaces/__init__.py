"""HTTP surfaces: partner API, storefront, console. Thin: parse, call one flow or query, answer."""
