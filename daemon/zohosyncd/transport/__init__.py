"""HTTP for connectors: a client over a Sender, with auth, limits, retries and deadlines. Imports settings and below.

A connector says what it wants and whether repeating it is harmless; everything else about HTTP lives here.
"""
