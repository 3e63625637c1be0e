"""``python -m carrier``: the network as a process of its own."""

import argparse
import os
from dataclasses import dataclass

from carrier import process


@dataclass(frozen=True)
class _Account:
    twilio_account_sid: str
    twilio_auth_token: str
    twilio_number: str
    sms_sender: str
    public_url: str
    twilio_api_base: str


def main() -> None:
    """Read the command line (the environment gives its defaults) and serve."""
    given = _parser().parse_args()
    process.serve(
        _Account(
            given.account_sid,
            given.auth_token,
            given.number,
            given.sms_sender,
            given.server,
            f"http://{process.ADDRESS}:{given.port}",
        )
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m carrier", description=__doc__)
    options = {
        "--port": ("CARRIER_PORT", "8001"),
        "--account-sid": ("TWILIO_ACCOUNT_SID", None),
        "--auth-token": ("TWILIO_AUTH_TOKEN", None),
        "--number": ("TWILIO_NUMBER", None),
        "--sms-sender": ("SMS_SENDER", ""),
        "--server": ("PUBLIC_URL", "http://localhost:8000"),
    }
    for option, (variable, default) in options.items():
        value = os.environ.get(variable, default)
        parser.add_argument(
            option,
            default=value,
            required=value is None,
            type=int if option == "--port" else str,
            help=f"default: {variable} of the environment",
        )
    return parser


if __name__ == "__main__":
    main()
