"""By which key things are sealed: never the key itself, but what only its owner can say."""

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Key, Moment


class DataKey(Base):
    """A key that was in use since then; the last one is."""

    __tablename__ = "data_keys"

    id: Mapped[Key]
    mark: Mapped[bytes] = mapped_column(LargeBinary)
    since: Mapped[Moment]
