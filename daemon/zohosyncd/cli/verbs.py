"""A command that lists when it is called without a verb: ``held NAME`` lists, ``held resolve NAME ...`` decides."""

import click

_LIST = "list"


class Verbs(click.Group):
    """A group whose hidden command ``list`` is meant where no verb is said."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """A first word that is no verb belongs to ``list``."""
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = [_LIST, *args]
        return super().parse_args(ctx, args)
