"""The phone script, proved and drawn."""

import click


@click.group()
def flows() -> None:
    """The phone script."""


@flows.command()
def check() -> None:
    """Prove that everyone reaches help, a ticket or a goodbye, from every state of every flow."""
    from ivr import proof

    faults = proof.report(click.echo)
    if faults:
        raise click.exceptions.Exit(1)


@flows.command("map")
@click.argument("flow", required=False)
def map_(flow: str | None) -> None:
    """Print the flows, or one of them, as a Mermaid diagram."""
    from ivr import map as maps

    try:
        click.echo(maps.mermaid(flow))
    except KeyError as fault:
        raise click.BadParameter(f"there is no flow {flow!r}", param_hint="FLOW") from fault
