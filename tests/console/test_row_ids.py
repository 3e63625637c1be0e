"""A number that no row has, or can have, is not found: it is no fault of ours."""

import pytest

from tests.console.conftest import Desk

NOBODY = ("9999", "4000000000", "99999999999999999999")


@pytest.fixture
def marek(signed_out: Desk) -> Desk:
    signed_out.signs_in("marek")
    return signed_out


@pytest.mark.parametrize("number", NOBODY)
@pytest.mark.parametrize("path", ["/people/{}", "/tickets/482915306/recordings/{}.wav"])
def test_pages_of_no_row(marek: Desk, path: str, number: str) -> None:
    assert marek.get(path.format(number)).status_code == 404


@pytest.mark.parametrize("number", NOBODY)
@pytest.mark.parametrize("path", ["/desk/team/{}/away", "/people/{}"])
def test_actions_with_no_row(marek: Desk, path: str, number: str) -> None:
    assert marek.post(path.format(number), {}).status_code == 404


@pytest.mark.parametrize("number", [*NOBODY, "-1", "ania", ""])
@pytest.mark.parametrize("path", ["hand-over", "third"])
def test_handing_over_to_nobody(marek: Desk, path: str, number: str) -> None:
    assert marek.post(f"/desk/call/{path}", {"to": number}).status_code < 500
