"""The short lists from which the desk says how a matter ended."""

import pytest

from callcenter.tickets import resolutions
from callcenter.tickets.resolutions import Resolution
from models import Topic


@pytest.mark.parametrize("topic", Topic)
def test_every_topic_has_a_short_list(topic: Topic) -> None:
    codes = resolutions.for_topic(topic)
    assert 1 <= len(codes) <= resolutions.MOST
    assert len(set(codes)) == len(codes)
    assert Resolution.OUT_OF_TIME not in codes
