"""What an operator sees: every metric on one page (metrics.py), and log lines without persons or secrets (logs.py).

It imports nothing else of the package but core and ports. A module is imported by itself, so that who only logs does
not wait for the metrics library.
"""
