"""From a change seen on one side to the change made on the other: feed, match, reconcile, deliver, settle.

It speaks only ports and core: no HTTP, no SQL, no settings. The walk of one change::

    feed      pages of an object -> mirror            (feed.py, one per account and object, shared)
    run       mirror rows beyond the offset -> queue  (run.py, one runner per connection)
    examine   links, claims, point reads, decision    (examine.py with unlinked.py and linked.py; core decides)
    deliver   intents of an account -> batches        (deliver.py, one per account)
    settle    outcomes -> bases, mirror, journal      (outcome.py), unknown ones -> probe (resolve.py)
"""
