"""Reads environment variables one by one, and collects all their faults."""

import re
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, get_args

from cryptography.fernet import Fernet

from config import insecure
from config.addresses import is_database, is_redis, is_web
from installation.home import Home, is_port
from serving.clients import Network, read_networks

Serve = Literal["all", "voice", "console"]

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
SENDER = re.compile(r"\+[1-9][0-9]{6,14}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
SHORTEST_TOKEN = 16
TOKEN = re.compile(rf"[A-Za-z0-9._~+/-]{{{SHORTEST_TOKEN},}}=*")
LOOPBACK = "127.0.0.1"
RATE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?")
MOST_CALLBACKS_PER_SECOND = 100
LONGEST_WRAP_UP_S = 3600
LARGEST_LIMIT = 1_000_000
ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
CARRIER = "https://api.twilio.com"
VOICES = {"pl": "Polly.Ola-Neural", "en": "Polly.Amy-Neural", "uk": "Google.uk-UA-Wavenet-A"}
TRUTHS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}


class SettingsError(Exception):
    """All faults of the environment, one sentence each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def read_home(environ: Mapping[str, str]) -> Home:
    """The home that `environ` names, for commands that need no other setting."""
    return Home(Path(environ.get("CENTRALA_HOME") or "var"))


class Reader:
    """Reads variables one by one and collects their faults."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._faults: list[str] = []
        self.home = read_home(environ)
        self.demo = self._truth("CENTRALA_DEMO")

    def record_talks(self) -> bool:
        return self._truth("RECORD_TALKS")

    def _given(self, name: str) -> str:
        return self._environ.get(name, "").strip()

    def _wrong(self, name: str, what: str) -> None:
        self._faults.append(f"{name} {what}.")

    def _truth(self, name: str) -> bool:
        given = self._given(name).lower()
        if given not in TRUTHS:
            self._wrong(name, "must be 1 or 0")
        return TRUTHS.get(given, False)

    def port(self) -> int:
        given = self._given("PORT") or "8000"
        if not is_port(given):
            self._wrong("PORT", f"must be a number from 1 to 65535, not {given!r}")
            return 8000
        return int(given)

    def bind(self) -> str:
        """The IP address on which the web server listens; by default a loopback address."""
        given = self._given("BIND") or LOOPBACK
        try:
            address = ip_address(given)
        except ValueError:
            self._wrong("BIND", f"must be an IP address like 127.0.0.1 or 0.0.0.0, not {given!r}")
            return LOOPBACK
        if self.demo and not address.is_loopback:
            self._wrong("BIND", f"must be a loopback address in demo mode, not {given!r}")
        return given

    def metrics_token(self) -> str | None:
        value = self._given("METRICS_TOKEN")
        if value and not TOKEN.fullmatch(value):
            form = f"at least {SHORTEST_TOKEN} letters, digits and - . _ ~ + /"
            self._wrong("METRICS_TOKEN", f"must be {form}")
        return value or None

    def address(self, name: str, default: str) -> str:
        given = (self._given(name) or default).rstrip("/")
        if not is_web(given):
            self._wrong(
                name, f"must be an address like https://centrala.example.org, not {given!r}"
            )
        return given

    def database_url(self) -> str:
        given = self._given("DATABASE_URL")
        if not given:
            return self.home.database_url
        scheme, separator, rest = given.partition("://")
        url = f"postgresql+psycopg://{rest}"
        if scheme not in ("postgres", "postgresql", "postgresql+psycopg") or not separator:
            self._wrong("DATABASE_URL", "must name a PostgreSQL database: postgresql://…")
        elif not is_database(url):
            form = "postgresql://user:password@host:5432/database"
            self._wrong("DATABASE_URL", f"has a wrong form: it must be like {form}")
        return url

    def redis_url(self) -> str:
        given = self._given("REDIS_URL")
        if not given:
            return self.home.redis_url
        if not given.startswith(("redis://", "rediss://", "unix://")):
            self._wrong("REDIS_URL", "must name a Redis: redis://…, rediss://… or unix://…")
        elif not is_redis(given):
            self._wrong("REDIS_URL", "has a wrong form: it must be like redis://host:6379/0")
        return given

    def serve(self) -> Serve:
        given = self._given("SERVE") or "all"
        for choice in get_args(Serve):
            if given == choice:
                return choice  # type: ignore[no-any-return]
        self._wrong("SERVE", f"must be all, voice or console, not {given!r}")
        return "all"

    def carrier(self, port: int) -> str:
        """The carrier's address; a demo's carrier answers on the port after ours."""
        return f"http://127.0.0.1:{port + 1}" if self.demo else CARRIER

    def secret(self, name: str, shape: re.Pattern[str] | None = None, form: str = "") -> str:
        value = self._given(name)
        if not value and self.demo:
            return self.home.secret(name)
        if not value:
            self._wrong(name, "is missing: outside demo mode it must be given")
        elif shape and not shape.fullmatch(value):
            self._wrong(name, f"has a wrong form: it must be {form}")
        return value

    def api_key(self, name: str, other: str) -> str | None:
        """One half of the key pair for calls in browsers; both halves are given, or neither."""
        value = self._given(name)
        if not value and self._given(other):
            self._wrong(name, f"is missing: it belongs to {other}")
        return value or None

    def trusted_proxies(self) -> Sequence[Network]:
        try:
            return read_networks(self._given("TRUSTED_PROXIES"))
        except ValueError as fault:
            self._wrong(
                "TRUSTED_PROXIES",
                f"must be addresses or networks like 10.0.0.1, 192.0.2.0/24, not {str(fault)!r}",
            )
            return ()

    def insecure(self, values: Mapping[str, str]) -> Sequence[str]:
        """Sentences about insecure values; these are faults unless insecure values are allowed.

        A demo's values need no strength: only this machine can reach it.
        """
        allowed = self._truth("ALLOW_INSECURE")
        if self.demo:
            return ()
        found = [
            f"{name} {why}"
            for name, why in (
                ("SECRET_KEY", insecure.why_secret(values["secret_key"])),
                ("DATA_KEY", insecure.why_data_key(values["data_key"])),
                ("TWILIO_AUTH_TOKEN", insecure.why_token(values["twilio_auth_token"])),
                ("PUBLIC_URL", insecure.why_address(values["public_url"])),
                ("TWILIO_API_BASE", insecure.why_address(values["twilio_api_base"])),
            )
            if why and not self._is_wrong(name)
        ]
        if not allowed:
            self._faults += [
                f"{each} (ALLOW_INSECURE=1 lets a laboratory use it)." for each in found
            ]
        return [f"{each}." for each in found] if allowed else ()

    def _is_wrong(self, name: str) -> bool:
        return any(fault.startswith(f"{name} ") for fault in self._faults)

    def fallback_number(self) -> str | None:
        value = self._given("FALLBACK_NUMBER")
        if value and not E164.fullmatch(value):
            self._wrong("FALLBACK_NUMBER", "must be a number like +48221234567")
        return value or None

    def data_key(self) -> str:
        value = self.secret("DATA_KEY")
        try:
            Fernet(value)
        except ValueError:
            if value:
                self._wrong("DATA_KEY", "must be 32 bytes in URL-safe base64 (a Fernet key)")
        return value

    def voice(self, language: str) -> str:
        return self._given(f"VOICE_{language.upper()}") or VOICES[language]

    def callbacks_per_second(self) -> float:
        given = self._given("CALLBACKS_PER_SECOND") or "1"
        if not (RATE.fullmatch(given) and 0 < float(given) <= MOST_CALLBACKS_PER_SECOND):
            most = MOST_CALLBACKS_PER_SECOND
            self._wrong(
                "CALLBACKS_PER_SECOND", f"must be a number above 0, at most {most}, not {given!r}"
            )
            return 1.0
        return float(given)

    def wrap_up_seconds(self) -> int:
        given = self._given("WRAP_UP_SECONDS") or "90"
        if not (given.isascii() and given.isdigit() and 30 <= int(given) <= LONGEST_WRAP_UP_S):
            most = LONGEST_WRAP_UP_S
            self._wrong("WRAP_UP_SECONDS", f"must be a number from 30 to {most}, not {given!r}")
            return 90
        return int(given)

    def call_countries(self) -> frozenset[str] | None:
        """The callable countries; None means those of callcenter.outbound.dial_policy."""
        given = self._given("CALL_COUNTRIES").upper()
        countries = frozenset(code for code in re.split(r"[\s,]+", given) if code)
        if not countries:
            return None
        from phonenumbers import SUPPORTED_REGIONS

        if unknown := sorted(countries - SUPPORTED_REGIONS):
            names = ", ".join(unknown)
            self._wrong(
                "CALL_COUNTRIES", f"must be codes of countries like PL,UA,DE; unknown: {names}"
            )
        return countries

    def limits(self, what: str) -> tuple[int, int, int]:
        """The daily limits: to one number, to one prefix, in total."""
        return (
            self._limit(f"{what}_PER_NUMBER", 20),
            self._limit(f"{what}_PER_PREFIX", 500),
            self._limit(f"{what}_PER_DAY", 5000),
        )

    def _limit(self, name: str, default: int) -> int:
        given = self._given(name) or str(default)
        if not (given.isascii() and given.isdigit() and int(given[:9]) <= LARGEST_LIMIT):
            self._wrong(name, f"must be a whole number from 0 to {LARGEST_LIMIT}, not {given!r}")
            return default
        return int(given)

    def finish(self) -> None:
        if self._faults:
            raise SettingsError(self._faults)
