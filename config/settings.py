"""The operator's settings, read once from the environment. All faults are reported at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from config.reader import ACCOUNT, E164, SENDER, VOICES, Reader, Serve
from serving.clients import Network


@dataclass(frozen=True)
class Settings:
    """The settings of one process. Secrets are not in its repr, so they are not logged.

    `insecure` has a sentence for each insecure value that is used because of ALLOW_INSECURE.
    """

    home: Path
    demo: bool
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    port: int
    bind: str
    metrics_token: str | None = field(repr=False)
    public_url: str
    serve: Serve
    twilio_account_sid: str
    twilio_auth_token: str = field(repr=False)
    twilio_api_key: str | None = field(repr=False)
    twilio_api_secret: str | None = field(repr=False)
    twilio_number: str
    sms_sender: str
    twilio_api_base: str
    fallback_number: str | None
    secret_key: str = field(repr=False)
    data_key: str = field(repr=False)
    voices: Mapping[str, str]
    callbacks_per_second: float
    wrap_up_seconds: int
    record_talks: bool
    call_countries: frozenset[str] | None
    call_limits: tuple[int, int, int]
    text_limits: tuple[int, int, int]
    trusted_proxies: Sequence[Network]
    insecure: Sequence[str]

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the settings from `environ`, with the defaults of docs/operations.md.

        Raises SettingsError naming every fault. In demo mode missing secrets are created and kept
        in the home.
        """
        reader = Reader(environ)
        port = reader.port()
        settings = cls(
            home=reader.home.path,
            demo=reader.demo,
            database_url=reader.database_url(),
            redis_url=reader.redis_url(),
            port=port,
            bind=reader.bind(),
            metrics_token=reader.metrics_token(),
            public_url=reader.address("PUBLIC_URL", f"http://localhost:{port}"),
            serve=reader.serve(),
            twilio_account_sid=reader.secret("TWILIO_ACCOUNT_SID", ACCOUNT, "AC and 32 hex digits"),
            twilio_auth_token=reader.secret("TWILIO_AUTH_TOKEN"),
            twilio_api_key=reader.api_key("TWILIO_API_KEY", "TWILIO_API_SECRET"),
            twilio_api_secret=reader.api_key("TWILIO_API_SECRET", "TWILIO_API_KEY"),
            twilio_number=reader.secret("TWILIO_NUMBER", E164, "like +48221234567"),
            sms_sender=reader.secret("SMS_SENDER", SENDER, "a number, or 1 to 11 letters"),
            twilio_api_base=reader.address("TWILIO_API_BASE", reader.carrier(port)),
            fallback_number=reader.fallback_number(),
            secret_key=reader.secret("SECRET_KEY"),
            data_key=reader.data_key(),
            voices={language: reader.voice(language) for language in VOICES},
            callbacks_per_second=reader.callbacks_per_second(),
            wrap_up_seconds=reader.wrap_up_seconds(),
            record_talks=reader.record_talks(),
            call_countries=reader.call_countries(),
            call_limits=reader.limits("CALLS"),
            text_limits=reader.limits("TEXTS"),
            trusted_proxies=reader.trusted_proxies(),
            insecure=(),
        )
        settings = replace(settings, insecure=reader.insecure(vars(settings)))
        reader.finish()
        return settings


def read_database_url(environ: Mapping[str, str]) -> str:
    """The database's address, for commands that need no carrier. Raises SettingsError."""
    reader = Reader(environ)
    url = reader.database_url()
    reader.finish()
    return url


def read_data_key(environ: Mapping[str, str]) -> str | None:
    """DATA_KEY; None if it is neither given nor a demo's. Raises SettingsError."""
    reader = Reader(environ)
    if not (environ.get("DATA_KEY") or reader.demo):
        return None
    key = reader.data_key()
    reader.finish()
    return key
