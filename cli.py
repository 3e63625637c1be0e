"""The `centrala` command. Each group of commands is read only when one of it is called."""

import signal
import sys
from contextlib import suppress
from importlib import import_module

import click

from commands import output
from commands.output import OutputError
from config import SettingsError
from installation.home import HomeError

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
# What is wrong, by the library and the error that say so; an error stands for all of its kinds.
_DATABASE = "The database cannot be used: is it there, and does DATABASE_URL name it?"
_OLD = "The database has not the form of this release: run `centrala db upgrade`."
_RIGHTS = "The database's user may not do this: DATABASE_URL must name the owner of its tables."
_READ_ONLY = (
    "The database takes no rows: name the primary in DATABASE_URL, or end its read-only mode."
)
_HELD = "Another holds what this needs in the database: try again later."
_REDIS = "Redis cannot be used: is it there, and does REDIS_URL name it?"
_CARRIER = "The carrier cannot be asked: is TWILIO_API_BASE right?"
_LETTERS = "What was typed is not UTF-8: look at the terminal's locale."
SENTENCES = {
    ("builtins", "UnicodeEncodeError"): _LETTERS,
    ("psycopg", "UndefinedTable"): _OLD,
    ("psycopg", "UndefinedColumn"): _OLD,
    ("psycopg", "InsufficientPrivilege"): _RIGHTS,
    ("psycopg", "ReadOnlySqlTransaction"): _READ_ONLY,
    ("psycopg", "LockNotAvailable"): _HELD,
    ("psycopg", "OperationalError"): _DATABASE,
    ("sqlalchemy", "OperationalError"): _DATABASE,
    ("sqlalchemy", "InterfaceError"): _DATABASE,
    ("sqlalchemy", "TimeoutError"): _DATABASE,
    ("models", "DatabaseAway"): _DATABASE,
    ("redis", "RedisError"): _REDIS,
    ("requests", "RequestException"): _CARRIER,
    ("twilio", "TwilioException"): _CARRIER,
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
    output.watch()
    try:
        centrala(prog_name="centrala")
    except SettingsError as faults:
        sys.exit(_told("\n".join(faults.faults), 2))
    except OutputError as fault:
        output.give_up()
        sys.exit(_told(str(fault), 1))
    except HomeError as fault:
        sys.exit(_told(str(fault), 1))
    except Exception as fault:
        sentence = _sentence(fault)
        if sentence is None:
            raise
        sys.exit(_told(sentence, 1))


def _sentence(fault: BaseException) -> str | None:
    """By names: none of these libraries is loaded for a command that needs it not."""
    for error in (getattr(fault, "orig", None), fault):
        if type(error).__name__ == "UnfitServerError":
            return str(error)
        for kind in type(error).__mro__:
            if found := SENTENCES.get((kind.__module__.partition(".")[0], kind.__name__)):
                return found
    if isinstance(fault, OSError) and fault.filename:
        return f"{fault.filename} cannot be used: {fault.strerror}."
    return None


def _told(sentences: str, code: int) -> int:
    with suppress(OSError):
        click.echo(sentences, err=True)
    return code


if __name__ == "__main__":
    main()
