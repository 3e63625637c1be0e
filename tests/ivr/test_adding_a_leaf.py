"""One flow and three word files add a leaf: see docs/how-to/add-a-leaf.md."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.architecture import ROOT

FLOW = """
    certificate=Say(
        "account-certificate",
        then="certificate_solved",
        topic=Topic("certificate_expired"),
        earns=Outcome.GUIDED,
    ),
    certificate_solved=Menu(
        "account-certificate-solved", press={"1": "bye", "2": "consultant"}, otherwise="consultant"
    ),
    bye=End("goodbye-solved", outcome=Outcome.RESOLVED_BY_LINE),
)
"""
WORDS = {
    "pl": """
account-certificate = Certyfikat odnowisz na stronie logowania, w swoim profilu.
account-certificate-solved =
    Jeśli to rozwiązuje sprawę, naciśnij 1.
    Jeśli potrzebny jest konsultant, naciśnij 2.
topic-certificate_expired = wygasły certyfikat
""",
    "en": """
account-certificate = You renew the certificate on the login page, in your profile.
account-certificate-solved =
    If this settles the matter, press 1.
    If you need a consultant, press 2.
topic-certificate_expired = certificate expired
""",
    "uk": """
account-certificate = Сертифікат можна оновити на сторінці входу, у своєму профілі.
account-certificate-solved =
    Якщо це вирішує питання, натисніть 1.
    Якщо потрібен консультант, натисніть 2.
topic-certificate_expired = прострочений сертифікат
""",
}
MENU = {
    "pl": ("naciśnij 3.", "naciśnij 3.\n    Jeśli wygasł certyfikat, naciśnij 4."),
    "en": ("press 3.", "press 3.\n    If your certificate has expired, press 4."),
    "uk": ("натисніть 3.", "натисніть 3.\n    Якщо прострочено сертифікат, натисніть 4."),
}
PROVED = "import sys; from cli import main; sys.argv[1:] = ['flows', 'check']; main()"
ASKED = """
import words
from callcenter import api
from callcenter.tickets import resolutions, verdicts
from callcenter.console.layout import labels
from flask import Flask
from flask_babel import Babel, force_locale
from ivr.flows import SCRIPT
from models import Topic
new = Topic("certificate_expired")
assert new in labels.TOPICS and resolutions.for_topic(new) and verdicts.kind_of(new)
assert "certificate_expired" in api.description().get_data(as_text=True)
app = Flask("leaf")
Babel(app)
with app.test_request_context():
    for language in ("pl", "en"):
        with force_locale(language):
            print(labels.TOPICS[new])
"""


def test_one_flow_and_three_word_files_are_enough(tmp_path: Path) -> None:
    for package in ("callcenter", "commands", "config", "installation", "ivr", "models", "words"):
        shutil.copytree(ROOT / package, tmp_path / package)
    for others in ("observability", "serving", "voice", "migrations"):
        (tmp_path / others).symlink_to(ROOT / others)
    for module in ("app.py", "cli.py", "webhooks.py"):
        (tmp_path / module).symlink_to(ROOT / module)
    _add_leaf(tmp_path)
    proved = _runs(tmp_path, PROVED)
    assert proved.returncode == 0, proved.stdout + proved.stderr
    known = _runs(tmp_path, ASKED)
    assert known.stdout == "wygasły certyfikat\ncertificate expired\n", known.stderr


def _add_leaf(house: Path) -> None:
    flow = house / "ivr" / "flows" / "account.py"
    text = flow.read_text().rstrip()
    assert text.endswith(")")
    text = text.removesuffix(")") + FLOW.lstrip("\n")
    text = text.replace('"3": "pesel_exists"}', '"3": "pesel_exists", "4": "certificate"}')
    text = text.replace("Ask, Do, Flow, Lead, Menu", "Ask, Do, End, Flow, Lead, Menu, Say")
    flow.write_text(text.replace("import Topic", "import Outcome, Topic"))
    for language, added in WORDS.items():
        file = house / "words" / language / "account.ftl"
        file.write_text(file.read_text().replace(*MENU[language], 1) + added)


def _runs(house: Path, program: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": str(house), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-c", program], cwd=house, env=environ, capture_output=True, text=True
    )
