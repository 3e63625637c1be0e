"""Which DATA_KEY is in use: a hash that only its owner can compute, never the key itself."""

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Key, Moment


class DataKey(Base):
    """A key that was in use from `since` on; the latest row is in use now."""

    __tablename__ = "data_keys"

    id: Mapped[Key]
    mark: Mapped[bytes] = mapped_column(LargeBinary)
    since: Mapped[Moment]
