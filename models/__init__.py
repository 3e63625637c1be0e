"""The tables, a file a noun."""

from models.agent import Agent, ApiToken, PinAttempt, Role
from models.announcement import Announcement, Hearing, Scope, Template, Way, Window
from models.base import Base
from models.call import Call, CallStatus, Recording, Turn
from models.job import Job
from models.ticket import (
    Callback,
    Kind,
    Outcome,
    Reached,
    Status,
    TextMessage,
    Ticket,
    TicketNote,
    Topic,
)
from models.waiting import Left, Waiting

__all__ = [
    "Agent",
    "Announcement",
    "ApiToken",
    "Base",
    "Call",
    "CallStatus",
    "Callback",
    "Hearing",
    "Job",
    "Kind",
    "Left",
    "Outcome",
    "PinAttempt",
    "Reached",
    "Recording",
    "Role",
    "Scope",
    "Status",
    "Template",
    "TextMessage",
    "Ticket",
    "TicketNote",
    "Topic",
    "Turn",
    "Waiting",
    "Way",
    "Window",
]
