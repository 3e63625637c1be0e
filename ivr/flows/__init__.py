"""The phone script of the help desk line: every flow, checked when this is imported."""

from ivr.flows.about import about
from ivr.flows.account import account
from ivr.flows.consultant import consultant
from ivr.flows.existing import existing
from ivr.flows.kept import kept
from ivr.flows.login import login
from ivr.flows.main import main
from ivr.flows.outage import outage
from ivr.flows.over import over
from ivr.flows.report import report
from ivr.flows.supervisor import supervisor
from ivr.flows.switching import switching
from ivr.script import Place, Script

SCRIPT = Script(
    main,
    login,
    account,
    report,
    existing,
    about,
    consultant,
    kept,
    outage,
    over,
    supervisor,
    switching,
    entry=Place("main", "welcome"),
    main=Place("main", "menu"),
    consultant=Place("consultant", "may_record"),
    outage=Place("outage", "message"),
    also_entered=(Place("over", "greeting"),),
    closed={"switching": "supervisor"},
)
