"""The command line: one module per command. It may import everything; heavy things are imported inside commands.

Every command but ``run``, ``demo`` and ``sandbox`` first asks the running daemon over its control socket; without a
daemon it takes the state's lock and runs the same function in this process.
"""
