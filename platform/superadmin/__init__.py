"""The operator's admin. Empty until the platform's own staff get their pages."""
