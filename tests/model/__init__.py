"""A model of the rules in memory, and the product beside it: the same operations, the same answers.

Written from the rules alone, with arithmetic of its own: nothing that computes in the product is
imported by `days`, `lots`, `rules`, `shop` and the modules beside them. `product` is the real thing
on a real database, `drawing` invents operations, `playing` lets both do them and compares.
"""
