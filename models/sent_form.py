"""Which forms and requests were done, so that a repeated one is not done again."""

from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Key, Moment


class SentForm(Base):
    """A form of a page, or a request of a program, that was done.

    `mark` is a hash of the sender, the address, the rendering of the form and its content; it
    cannot be reversed. `answer` is the encrypted response to a program.
    """

    __tablename__ = "sent_forms"

    id: Mapped[Key]
    mark: Mapped[bytes] = mapped_column(BYTEA, unique=True)
    at: Mapped[Moment] = mapped_column(index=True)
    answer: Mapped[bytes | None] = mapped_column(BYTEA)
