"""What the pipeline asks of the world, as protocols: Connector, Store, Clock, Entropy. Imports core only."""
