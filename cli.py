"""The `centrala` command. Each group of commands is read only when one of it is called."""

import signal
import sys
from importlib import import_module

import click

from config import SettingsError
from home import HomeError

COMMANDS = {
    "run": "commands.running:run",
    "call": "commands.calling:call",
    "flows": "commands.flows:flows",
    "outage": "commands.outage:outage",
    "user": "commands.people:user",
    "token": "commands.people:token",
    "db": "commands.upkeep:db",
    "sweep": "commands.upkeep:sweep",
    "fallback": "commands.fallback:fallback",
    "doctor": "commands.doctor:doctor",
    "web": "commands.processes:web",
    "work": "commands.processes:work",
    "schedule": "commands.processes:schedule",
    "carrier": "commands.processes:carrier",
}
# What is away, by the library and the error that say so.
_DATABASE = "The database cannot be used: is it there, and does DATABASE_URL name it?"
_REDIS = "Redis cannot be used: is it there, and does REDIS_URL name it?"
_CARRIER = "The carrier cannot be asked: is TWILIO_API_BASE right?"
AWAY = {
    ("sqlalchemy", "OperationalError"): _DATABASE,
    ("psycopg", "OperationalError"): _DATABASE,
    ("models", "DatabaseAway"): _DATABASE,
    ("redis", "ConnectionError"): _REDIS,
    ("redis", "TimeoutError"): _REDIS,
    ("requests", "ConnectionError"): _CARRIER,
    ("requests", "ReadTimeout"): _CARRIER,
}


class Commands(click.Group):
    """The commands by name, imported one at a time."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="centrala")
def centrala() -> None:
    """A help desk's telephone: it settles what can be settled, and logs every call as a ticket."""


def main() -> None:
    """Run the command line. What is wrong is told in sentences; 2 means wrong settings or use."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        centrala(prog_name="centrala")
    except SettingsError as faults:
        sys.exit(_told("\n".join(faults.faults), 2))
    except HomeError as fault:
        sys.exit(_told(str(fault), 1))
    except Exception as fault:
        # By names: none of these libraries is loaded for a command that needs it not.
        kind = type(fault)
        sentence = AWAY.get((kind.__module__.partition(".")[0], kind.__name__))
        if sentence is None:
            raise
        sys.exit(_told(sentence, 1))


def _told(sentences: str, code: int) -> int:
    click.echo(sentences, err=True)
    return code


if __name__ == "__main__":
    main()
