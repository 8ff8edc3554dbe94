"""Who lives and who dies: accounts, connections, reload, shutdown. The composition root of the daemon.

It imports everything below it and is imported by web and cli. Every task has an owner: the daemon's task group owns one
task per account and one per connection; a connection's crash leaves the others running.
"""
