"""Settings, URL maps and process entry points. The top of the stack: nothing imports it."""
