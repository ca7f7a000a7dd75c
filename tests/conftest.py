"""What every test starts from."""

import signal

from hypothesis import settings

settings.register_profile(
    "stable", derandomize=True, deadline=None, print_blob=True
)  # the same examples everywhere
settings.load_profile("stable")


def pytest_configure(config):
    """A test run started in the background of a shell inherits an ignored Ctrl-C; the tests of Ctrl-C need a live one."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
