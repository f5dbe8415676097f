"""A shop's documents of a year and a half, cancellations among them, told over HTTP and computed beside."""
