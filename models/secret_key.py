"""With which SECRET_KEY the machines of this line sign sessions: a hash of it, never the key."""

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Moment


class SecretKey(Base):
    """The hash of a key; `seen_at` is when a machine last registered it."""

    __tablename__ = "secret_keys"

    mark: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    seen_at: Mapped[Moment]
