"""What the simulated apps are built of: history with its delays, tokens, rolling limits, normalisation, JSON.

::

    history     records with all their revisions: what is true, and what lists show of it by now
    tokens      opaque page and sync tokens, bound to what they were given for
    windows     so many requests in so many seconds
    normaliser  what a server does to the values that it stores
    answers     JSON in and out
    oauth       a login server: consent page, devices, refresh tokens, client credentials, service accounts
                (what vendors do differently: ``oauth_habits``, and with their names ``login_servers``)

Nothing else here knows a vendor. Like the whole sandbox it imports nothing of the package beyond the sandbox.
"""
