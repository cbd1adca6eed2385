"""`contratempo completion`: shell completion."""

import click
from click.shell_completion import get_completion_class


@click.command(
    epilog="""\b
Bash, for this session:  eval "$(contratempo completion bash)"
Zsh, for this session:   eval "$(contratempo completion zsh)"
Fish, for good:          contratempo completion fish > ~/.config/fish/completions/contratempo.fish
"""
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script of a shell."""
    kind = get_completion_class(shell)
    assert kind is not None, "click completes these three"
    click.echo(kind(context.find_root().command, {}, "contratempo", "_CONTRATEMPO_COMPLETE").source())
