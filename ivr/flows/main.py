"""The main menu: the first words of a call, and the target of key 9."""

from ivr.script import Flow, Menu

CHOICES = {"1": "login", "2": "account", "3": "report", "4": "existing", "5": "about"}
HIDDEN = {"#": "supervisor"}

main = Flow(
    "main",
    welcome=Menu(
        "main-greeting announcements main-menu",
        closing="everywhere-keys",
        press=CHOICES,
        hidden=HIDDEN,
        again="menu",
        languages="switched",
        otherwise="consultant",
    ),
    switched=Menu(
        "announcements main-menu",
        closing="everywhere-keys",
        press=CHOICES,
        hidden=HIDDEN,
        again="menu",
        languages="switched",
        otherwise="consultant",
    ),
    menu=Menu(
        "main-menu",
        press=CHOICES,
        hidden=HIDDEN,
        languages="switched",
        otherwise="consultant",
    ),
)
