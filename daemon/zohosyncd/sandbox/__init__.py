"""The apps, simulated: for the demo, for tests, for operators who want to rehearse.

It is written from the vendors' documentation and imports nothing else of this package: a parser or a
normaliser that stood on both sides would hide its own bugs.
"""
