"""By which SECRET_KEY the machines of this line sign sessions: a mark of it, never the key."""

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Moment


class SecretKey(Base):
    """The mark of the key that machines used; `seen_at` is when one of them last said so."""

    __tablename__ = "secret_keys"

    mark: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    seen_at: Mapped[Moment]
