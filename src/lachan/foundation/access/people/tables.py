"""People and their roles. Names, telephone numbers and sign-in names are personal: not digested, erasable."""

import sqlalchemy as sa

from lachan.foundation.storage import Instant, metadata

_PERSONAL = {"undigested": True}

person = sa.Table(
    "person",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False, info=_PERSONAL),
    sa.Column("sign_in_name", sa.String(64), nullable=False, unique=True, info=_PERSONAL),
    sa.Column("phone", sa.String(32), nullable=True, info=_PERSONAL),
    sa.Column("language", sa.String(2), nullable=False, info=_PERSONAL),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("password_hash", sa.String(200), nullable=False),
    sa.Column("password_is_initial", sa.Boolean, nullable=False),
    sa.Column("second_factor", sa.Text, nullable=True),  # sealed with the instance's secret
    # The time step of the last code that was used: changes with every sign-in, so no digest covers it.
    sa.Column("second_factor_step", sa.BigInteger, nullable=True, info={"undigested": True}),
)

person_role = sa.Table(
    "person_role",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("person_id", sa.String(36), sa.ForeignKey("person.id"), nullable=False, index=True),
    sa.Column("agency_id", sa.String(36), sa.ForeignKey("agency.id"), nullable=False, index=True),
    sa.Column("role", sa.String(32), nullable=False),
    sa.Column("valid_from", Instant, nullable=False),
    sa.Column("valid_to", Instant, nullable=True),
)

recovery_code = sa.Table(
    "recovery_code",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),  # a keyed hash of the code
    sa.Column("person_id", sa.String(36), sa.ForeignKey("person.id"), nullable=False, index=True),
    sa.Column("used_at", Instant, nullable=True),
)
