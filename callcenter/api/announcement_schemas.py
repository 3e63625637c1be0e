"""Announcements as programs ask for them and are answered; also what /status.json shows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from callcenter.announcements.drafts import Wanted
from callcenter.announcements.notices import Notice, Period, State
from callcenter.api.schemas import Asked, Moment, PageAsked
from models import Scope, Template, Update

Uid = Annotated[str, Field(pattern=r"^[0-9a-f]{1,32}$", examples=["5f3a9c04d1e2b687"])]


class TextAsked(Asked):
    pl: str | None = None
    en: str | None = None
    uk: str | None = None


class WindowAsked(Asked):
    starts_at: AwareDatetime | None = Field(None, description="Null: now.")
    ends_at: AwareDatetime | None = Field(None, description="Null: not known.")


class AnnouncementAsked(Asked):
    scope: Scope
    template: Template | None = None
    text: TextAsked | None = Field(
        None,
        description="Own words, which win over the template's. Without a template `pl` is needed; "
        "a language that is missing is spoken in Polish.",
    )
    windows: Sequence[WindowAsked] | None = Field(
        None, description="None: one from now with no known end."
    )

    def wanted(self, now: datetime) -> Wanted:
        text = self.text.model_dump(exclude_none=True) if self.text else {}
        windows = [Period(each.starts_at or now, each.ends_at) for each in self.windows or ()]
        return Wanted(self.scope, self.template, text, windows)


class AnnouncementsAsked(PageAsked):
    state: State | None = None


class WindowAnswer(BaseModel):
    starts_at: Moment
    ends_at: Moment | None = Field(description="Null: not known.")


class UpdateAnswer(BaseModel):
    at: Moment
    text: Mapping[str, str]
    next_word_at: Moment | None = Field(description="When more will be told; null: not known.")


class AnnouncementAnswer(BaseModel):
    id: Uid
    scope: Scope
    text: Mapping[str, str] = Field(description="What callers hear, by language.")
    windows: Sequence[WindowAnswer]
    state: State
    heard: int | None = Field(description="In how many calls; null while that cannot be counted.")
    updates: Sequence[UpdateAnswer] = Field((), description="The newest first.")

    @classmethod
    def of(
        cls, notice: Notice, now: datetime, heard: int | None, updates: Sequence[Update] = ()
    ) -> "AnnouncementAnswer":
        windows = [WindowAnswer(starts_at=p.starts_at, ends_at=p.ends_at) for p in notice.periods]
        return cls(
            id=notice.uid,
            scope=notice.scope,
            text=notice.text,
            windows=windows,
            state=notice.state(now),
            heard=heard,
            updates=[
                UpdateAnswer(at=each.at, text=each.text, next_word_at=each.next_word_at)
                for each in updates
            ],
        )


class AnnouncementsAnswer(BaseModel):
    items: Sequence[AnnouncementAnswer]
    next: str | None = Field(description="The address of the next page.")
