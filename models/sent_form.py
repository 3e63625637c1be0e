"""What was sent to us and done, so that the same sent again is not done again."""

from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Key, Moment


class SentForm(Base):
    """A form of a page, or a request of a program, that was done.

    `mark` stands for who sent it, where, from which rendering of the form and with which words;
    nobody reads them back. `answer` is what a program was answered, encrypted.
    """

    __tablename__ = "sent_forms"

    id: Mapped[Key]
    mark: Mapped[bytes] = mapped_column(BYTEA, unique=True)
    at: Mapped[Moment] = mapped_column(index=True)
    answer: Mapped[bytes | None] = mapped_column(BYTEA)
