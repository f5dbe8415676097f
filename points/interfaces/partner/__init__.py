"""The partner API, `/api/v1/`: a merchant's other systems, by API key."""
