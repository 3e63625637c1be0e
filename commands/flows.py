"""Commands that prove and draw the phone script."""

import click


@click.group()
def flows() -> None:
    """The phone script."""


@flows.command()
def check() -> None:
    """Prove that everyone reaches help, a ticket or a goodbye, from every state of every flow."""
    from ivr import proof
    from ivr.flows import SCRIPT

    proved = proof.prove(SCRIPT)
    click.echo(proved.text)
    if proved.faults:
        raise click.exceptions.Exit(1)


@flows.command("map")
@click.argument("flow", required=False)
def map_(flow: str | None) -> None:
    """Print the flows, or one of them, as a Mermaid diagram."""
    from ivr import map as maps
    from ivr.flows import SCRIPT

    names = [flow] if flow else []
    try:
        click.echo(maps.mermaid(SCRIPT, *names), nl=False)
    except KeyError as fault:
        known = ", ".join(SCRIPT.flows)
        raise click.BadParameter(f"There are {known}.", param_hint="FLOW") from fault
