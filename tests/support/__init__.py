"""What several test folders use: servers, merchants, HTTP clients, races."""
