"""The nginx configuration that we ship, in the real nginx, before the real line."""

import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.patience import eventually
from tests.test_gate import HALF_SENT, LATE_S, calls, held, is_closed
from tests.test_running import Run, free_pair

SHIPPED = Path(__file__).parent.parent / "deploy" / "nginx" / "centrala.conf"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
pytestmark = [
    pytest.mark.skipif(not Path(NGINX).exists(), reason="nginx is not installed"),
    # The certificate is the test's own.
    pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning"),
]

AROUND = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 2048; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    include {folder}/centrala.conf;
}}
"""


@dataclass(frozen=True)
class Front:
    """nginx at `port`, before the line of `run`."""

    run: Run
    port: int

    @property
    def address(self) -> str:
        return f"https://localhost:{self.port}"

    def asked(self, path: str, body: bytes | None = None) -> requests.Response:
        method = "GET" if body is None else "POST"
        there = self.address + path
        return requests.request(method, there, data=body, timeout=20, verify=False)  # noqa: S501


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("proxy")
    made = Front(Run(tmp_path_factory.mktemp("nginx") / "home"), free_pair())
    made.run.environ["PUBLIC_URL"] = made.address
    (folder / "centrala.conf").write_text(_placed(folder, made.port, made.run.port))
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder))
    command = [NGINX, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    made.run.starts()
    proxy = subprocess.Popen(command)
    try:
        assert eventually(lambda: _listens(made.port), 10)
        yield made
    finally:
        proxy.terminate()
        proxy.wait(20)
        made.run.ends()


def _placed(folder: Path, front: int, back: int) -> str:
    """As it is shipped, but for the ports and the certificate."""
    certificate = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    files = ["-keyout", str(folder / "key"), "-out", str(folder / "pem"), "-subj", "/CN=localhost"]
    subprocess.run([*certificate, *files], check=True, capture_output=True)
    text = SHIPPED.read_text()
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{back}").replace("listen 80", "listen 1")
    text = re.sub(r"server \{\s+listen 1;.*?\n\}\n", "", text, flags=re.DOTALL)
    text = text.replace("listen 443", f"listen 127.0.0.1:{front}")
    text = text.replace("/etc/ssl/certs/centrala.pem", str(folder / "pem"))
    return text.replace("/etc/ssl/private/centrala.key", str(folder / "key"))


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_calls_and_pages_come_through(front: Front) -> None:
    assert calls(front.run, front.address) < LATE_S
    page = front.asked("/")
    assert page.status_code == 200
    assert "Strict-Transport-Security" in page.headers
    assert "; Secure" in page.headers["Set-Cookie"]
    assert front.asked("/healthz").status_code == 200


def test_what_is_for_this_machine_stays_inside(front: Front) -> None:
    for path in ("/metrics", "/readyz"):
        assert front.asked(path).status_code == 404
        assert front.asked(f"{path}/").status_code in (401, 404)
        inside = requests.get(f"http://127.0.0.1:{front.run.port}{path}", timeout=10)
        assert inside.status_code == 200


def test_no_more_is_taken_than_the_line_takes(front: Front) -> None:
    assert front.asked("/voice/incoming", bytes(300_000)).status_code == 413
    assert front.asked("/", bytes(300_000)).status_code == 413
    assert front.asked("/switchboard/announce", bytes(300_000)).status_code != 413


def test_half_sent_requests_stop_no_call(front: Front) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with held(front.port, [b""], 300) as plain, held(front.port, [b""], 60) as begun:
        spoken = [context.wrap_socket(one, server_hostname="localhost") for one in begun]
        for number, one in enumerate(spoken):
            one.sendall(list(HALF_SENT.values())[number % len(HALF_SENT)])
        assert max(calls(front.run, front.address) for _ in range(10)) < LATE_S
        assert eventually(lambda: all(is_closed(one) for one in plain), 75)
        for one in spoken:
            one.close()
