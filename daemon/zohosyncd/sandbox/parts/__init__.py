"""What the simulated apps are built of: history with its delays, tokens, rolling limits, normalisation, JSON.

::

    history     records with all their revisions: what is true, and what lists show of it by now
    tokens      opaque page and sync tokens, bound to what they were given for
    windows     so many requests in so many seconds
    normaliser  what a server does to the values that it stores
    answers     JSON in and out

Nothing here knows a vendor. Like the whole sandbox it imports nothing of the package beyond the sandbox.
"""
