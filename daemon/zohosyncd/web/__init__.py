"""Where the daemon is looked at and told what to do: the TCP listener and the control socket.

The listener (``listener``) serves metrics, health and status and changes nothing. Strangers reach another one
(``hooks``), which only wakes pollers. Whatever changes state goes through the control socket (``control``, and
``client`` at its other end), which the file system guards. Both call the same
:class:`~zohosyncd.supervisor.commands.Commands` that the command line calls without a daemon (``dispatch``).

It may import everything below it; ``client``, ``dispatch`` and ``wire`` stay quick to import, because commands wait
for them.
"""
