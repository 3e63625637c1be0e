"""The tables, a file a noun.

May import: words.
"""

from models.agent import (
    Agent,
    ApiToken,
    Attempts,
    Device,
    PinAttempt,
    Ring,
    Role,
    SignIn,
    TokenScope,
)
from models.announcement import Announcement, Hearing, Scope, Template, Update, Way, Window
from models.base import Base
from models.call import Call, CallStatus, Consent, Recording, RecordingStatus, Turn
from models.caller_card import CallerCard, CardChange
from models.conversation import Conversation, Ended, Leg, Purpose
from models.data_key import DataKey
from models.job import Job
from models.outgoing import OutgoingCount
from models.presence import Away, Presence, State
from models.saved_filter import SavedFilter
from models.secret_key import SecretKey
from models.sent_form import SentForm
from models.ticket import (
    Callback,
    Kind,
    NoteDraft,
    Outcome,
    Reached,
    Status,
    TextMessage,
    Ticket,
    TicketNote,
    TicketWords,
    Topic,
)
from models.waiting import Left, Waiting

__all__ = [
    "Agent",
    "Announcement",
    "ApiToken",
    "Attempts",
    "Away",
    "Base",
    "Call",
    "CallStatus",
    "Callback",
    "CallerCard",
    "CardChange",
    "Consent",
    "Conversation",
    "DataKey",
    "Device",
    "Ended",
    "Hearing",
    "Job",
    "Kind",
    "Left",
    "Leg",
    "NoteDraft",
    "Outcome",
    "OutgoingCount",
    "PinAttempt",
    "Presence",
    "Purpose",
    "Reached",
    "Recording",
    "RecordingStatus",
    "Ring",
    "Role",
    "SavedFilter",
    "Scope",
    "SecretKey",
    "SentForm",
    "SignIn",
    "State",
    "Status",
    "Template",
    "TextMessage",
    "Ticket",
    "TicketNote",
    "TicketWords",
    "TokenScope",
    "Topic",
    "Turn",
    "Update",
    "Waiting",
    "Way",
    "Window",
]
