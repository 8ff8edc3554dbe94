"""``zohosyncd completion``: what a shell needs to complete commands, options and names."""

import click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> int:
    """Print the completion script for a shell: commands, options, and the names of accounts and connections.

    \b
    bash:  zohosyncd completion bash > ~/.local/share/bash-completion/completions/zohosyncd
    zsh:   zohosyncd completion zsh > "${fpath[1]}/_zohosyncd"
    fish:  zohosyncd completion fish > ~/.config/fish/completions/zohosyncd.fish

    Names come from the files of the configuration; no app and no daemon is asked.
    """
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    if made is None:
        raise click.UsageError(f"there is no completion for {shell}")
    root = click.get_current_context().find_root().command
    click.echo(made(root, {}, "zohosyncd", "_ZOHOSYNCD_COMPLETE").source())
    return 0
