"""HTTP for connectors: a client over a Sender, with auth, limits, retries and deadlines. Imports settings and below.

A connector says what it wants and whether repeating it is harmless; everything else about HTTP lives here.

    sender    the lowest seam: one request, one outcome
    wire      that seam over aiohttp
    call      what a connector wants
    client    reads, which are repeated, and writes, which never are blindly
    judge     what an answer says about login, limits and health
    auth      who we are; oauth: by a token that is made anew; token_shelf: what a restart keeps of it
    consent   how a person's consent is asked for; token_endpoint: where tokens come from
    limits    the gate: who goes next, how much at once; account_budget: the credits; retry: how often and when again
    decode    JSON, strictly; together: several reads at once
    webhook   a JSON document to an address of the operator; mail: a text by a mail server
    observer  who is told about every try; telling: what the log says of calls
"""
