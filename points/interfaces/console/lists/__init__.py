"""The console's lists: search, filters, sorting and pages, each in a fixed number of queries.

Pages go on after the (sort key, id) of the last row seen, so that rows that arrive meanwhile
neither repeat nor hide one.
"""
