"""Telling other systems what happened: endpoints, their secrets, one delivery per event and endpoint.

It takes events from the kernel's outbox as they were told and never looks into another app's tables;
it never decides what an event means, and no earning, spending or refund waits for it.
"""
