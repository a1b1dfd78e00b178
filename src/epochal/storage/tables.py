"""The ground of every table: one metadata with named constraints, so that migrations can name what they change."""

from sqlalchemy import JSON, BigInteger, Double, MetaData, String
from sqlalchemy.orm import DeclarativeBase

JsonObject = dict[str, object]


class Table(DeclarativeBase):
    """Base of all tables. Times are seconds since 1970 (float), ids are of `ids.new_id`, hashes are sha256 in hex."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {str: String, float: Double, int: BigInteger, JsonObject: JSON, list[object]: JSON}  # noqa: RUF012  # SQLAlchemy reads it from the class, once
