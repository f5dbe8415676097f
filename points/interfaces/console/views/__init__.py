"""Views of the console API: parse, call one action, flow or list, render."""
