"""An address book server in memory: WebDAV (RFC 4918), CardDAV (RFC 6352) and collection synchronisation (RFC 6578).

It may import the standard library, defusedxml and the sandbox's seam, and nothing else of the package.
"""
