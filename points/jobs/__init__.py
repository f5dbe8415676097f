"""Long work of one merchant, asked for by people or by other systems: who wants what, how far it is.

The row is the queue: a message to a worker only says that there is something to do, and may be lost.
It never knows what the work is; `flows.jobs` has the runners, by kind.
"""
