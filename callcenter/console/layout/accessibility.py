"""The declaration of accessibility that the act of 4 April 2019 asks of public bodies."""

from flask import render_template
from flask.typing import ResponseReturnValue

from callcenter.console.people.people import pages_for

pages = pages_for(None, "accessibility")


@pages.get("/accessibility")
def declaration() -> ResponseReturnValue:
    return render_template("layout/accessibility.html")
