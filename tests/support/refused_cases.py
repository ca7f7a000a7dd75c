"""The message with which a case is refused."""

import pytest

from mocoupled.case import Case
from mocoupled.errors import InputError


def words(text) -> str:
    """Text on one line, so that line breaks of the message hide no fragment."""
    return " ".join(str(text).split())


def refused(request, *fragments, **changes) -> str:
    """The message of the InputError that reading (or replacing in a case) must raise."""
    with pytest.raises(InputError) as error:
        request(**changes) if callable(request) else Case.parse(request)
    message = words(error.value)
    for fragment in fragments:
        assert fragment in message
    return message
