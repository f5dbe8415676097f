"""Bodies and answers of the console API, one module per subject."""
