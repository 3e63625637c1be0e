"""The codes for how a ticket was finished, or why it stays open, and the choice for each topic."""

from enum import StrEnum

from models import Topic

MOST = 15


class Resolution(StrEnum):
    """The desk's codes. Nobody chooses `out_of_time`: a wrap-up that runs out sets it."""

    UNLOCKED = "unlocked"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    EMAIL_CHANGED = "email_changed"
    ACCOUNT_MADE = "account_made"
    PESEL_FREED = "pesel_freed"
    OLD_ACCOUNT_FOUND = "old_account_found"
    SENT_TO_PAGE = "sent_to_page"
    SENT_TO_OFFICE = "sent_to_office"
    IDENTITY_IN_DOUBT = "identity_in_doubt"
    FAULT_MENDED = "fault_mended"
    NO_FAULT = "no_fault"
    ANOTHER_WAY = "another_way"
    KNOWN_OUTAGE = "known_outage"
    STATE_TOLD = "state_told"
    EXPLAINED = "explained"
    COMPLAINT_GRANTED = "complaint_granted"
    COMPLAINT_REFUSED = "complaint_refused"
    NOT_OURS = "not_ours"
    CALLER_GONE = "caller_gone"
    OTHER = "other"
    NEEDS_SPECIALIST = "needs_specialist"
    NEEDS_CALLER = "needs_caller"
    NEEDS_SERVICE = "needs_service"
    CALL_PROMISED = "call_promised"
    OUT_OF_TIME = "out_of_time"


_FOR_ALL = (
    Resolution.EXPLAINED,
    Resolution.NOT_OURS,
    Resolution.CALLER_GONE,
    Resolution.OTHER,
    Resolution.NEEDS_SPECIALIST,
    Resolution.NEEDS_CALLER,
    Resolution.NEEDS_SERVICE,
    Resolution.CALL_PROMISED,
)
# The resolutions of one topic, listed before _FOR_ALL. Other topics have only _FOR_ALL.
_FIRST = {
    Topic.LOGIN_LOCKED: (
        Resolution.UNLOCKED,
        Resolution.PASSWORD_CHANGED,
        Resolution.SENT_TO_OFFICE,
        Resolution.IDENTITY_IN_DOUBT,
        Resolution.KNOWN_OUTAGE,
    ),
    Topic.BASIC_PASSWORD_FORGOTTEN: (
        Resolution.SENT_TO_PAGE,
        Resolution.PASSWORD_CHANGED,
        Resolution.SENT_TO_OFFICE,
        Resolution.IDENTITY_IN_DOUBT,
    ),
    Topic.BOTH_PASSWORDS_FORGOTTEN: (
        Resolution.SENT_TO_OFFICE,
        Resolution.PASSWORD_CHANGED,
        Resolution.IDENTITY_IN_DOUBT,
    ),
    Topic.EMAIL_CHANGE_BASIC_FORGOTTEN: (
        Resolution.EMAIL_CHANGED,
        Resolution.SENT_TO_OFFICE,
        Resolution.IDENTITY_IN_DOUBT,
    ),
    Topic.EMAIL_CHANGE_BOTH_FORGOTTEN: (
        Resolution.EMAIL_CHANGED,
        Resolution.SENT_TO_OFFICE,
        Resolution.IDENTITY_IN_DOUBT,
    ),
    Topic.PESEL_EXISTS: (
        Resolution.OLD_ACCOUNT_FOUND,
        Resolution.PESEL_FREED,
        Resolution.ACCOUNT_MADE,
        Resolution.SENT_TO_OFFICE,
        Resolution.IDENTITY_IN_DOUBT,
    ),
    Topic.ERROR_REPORT: (
        Resolution.FAULT_MENDED,
        Resolution.ANOTHER_WAY,
        Resolution.NO_FAULT,
        Resolution.KNOWN_OUTAGE,
    ),
    Topic.EXISTING_TICKET: (
        Resolution.STATE_TOLD,
        Resolution.COMPLAINT_GRANTED,
        Resolution.COMPLAINT_REFUSED,
    ),
    Topic.ABOUT: (Resolution.SENT_TO_PAGE,),
    Topic.OUTAGE: (Resolution.KNOWN_OUTAGE,),
}


def for_topic(topic: Topic) -> tuple[str, ...]:
    """The codes that can be chosen for `topic`, the likeliest first; at most MOST."""
    return tuple(code.value for code in (*_FIRST.get(topic, ()), *_FOR_ALL))
