"""A model in an address of ours: `NAME`, or `PROJECT/NUMBER`, whose slash would else end the name.

Servers give programs the path with `%2F` already read, so a client cannot hide that slash by quoting it.
"""

from starlette.convertors import StringConvertor, register_url_convertor


class _ModelConvertor(StringConvertor):
    """One part of a path, or two of which the second is a number."""

    regex = "[^/]+(?:/[0-9]+)?"

    def to_string(self, value: str) -> str:
        """The name as it stands in the address."""
        return value


register_url_convertor("model", _ModelConvertor())
MODEL = "{model:model}"  # in the path of a route; its description says {model}
