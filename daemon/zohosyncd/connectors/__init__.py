"""One folder per app, and the registry of them. Connectors import transport, settings and below; none knows another.

A connector has a ``SPEC`` (its name, its account keys, how to open it), a client (the wire: one function per call of
the app), fields (schema and semantics, pure) and a connector (the port).
"""
