"""A sweep on many machines: a Dask scheduler that runs already, by its address or by a client of the user's."""

from __future__ import annotations

import ipaddress
import logging
import time as clock
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from ..errors import InputError, MocoupledError
from .one_case import Batch, Outcome, run_batch

TASK = 1.0  # s of work in one task: many times what the scheduler spends on it
TICK = 0.05  # s between two looks at the tasks
AHEAD = 2  # tasks under way for each thread of the cluster, so that none waits for the next
LEAST = (
    8  # tasks under way however few threads there are: a cluster that grows on demand sees that there is work
)
AGAIN = 3.0  # s between two looks at the size of the cluster
PATIENCE = 10.0  # s to find a scheduler
OPEN = ("tcp", "ws", "ucx")  # protocols without TLS
EXAMPLE = "tls://10.0.0.1:8786"


def _run_batch(batch: Batch) -> list[Outcome]:
    """As a worker runs it. Within a task xarray would lock every variable that it writes through Dask's scheduler, as files
    that workers write in together need it: a quarter of the time of small runs, which have files of their own."""
    import dask

    with dask.config.set(scheduler="synchronous"):
        return run_batch(batch)


class Lost(MocoupledError):
    """The scheduler is gone: what was done is stored, nothing more can be."""


class Cluster:
    """A client of a scheduler. deaths: none are known, since the cluster replaces its workers itself."""

    deaths = 0

    def __init__(self, client, address: str):
        self.client, self.address = client, address
        self._threads, self._looked = 0, float("-inf")

    def threads(self) -> int:
        """Threads of the cluster, read again every few seconds."""
        if clock.monotonic() > self._looked + AGAIN:
            try:
                self._threads, self._looked = sum(self.client.nthreads().values()), clock.monotonic()
            except (
                OSError,
                RuntimeError,
                ValueError,
            ) as error:  # Dask raises all three for a broken connection
                raise self.lost() from error
        return max(self._threads, 1)

    def lost(self) -> Lost:
        return Lost(f"the scheduler at {self.address} is gone")

    def submit(self, batch: Batch):
        try:
            return self.client.submit(_run_batch, batch, pure=False)
        except (OSError, RuntimeError, ValueError) as error:
            raise self.lost() from error

    def compute(self, work: Batch, stopped: Callable[[], bool], under_way: set[int]) -> Iterator[Outcome]:
        """Run the cases of `work`; outcomes as they come. Lost when the scheduler is gone."""
        return compute(self, work, stopped, under_way)

    def end(self):
        """Nothing: the workers look for the file that stops them."""


@contextmanager
def cluster(scheduler: str | None, client=None, insecure: bool = False) -> Iterator[Cluster]:
    """The cluster of a scheduler's address, or of a client of Dask's. insecure: whether an address elsewhere may be without TLS."""
    where = "client" if client is not None else f"--scheduler {scheduler}"
    try:
        from dask.distributed import Client
    except ImportError:
        raise InputError(
            where,
            "Dask is not installed.",
            cure="pip install 'mocoupled[dask]', or leave it out: one machine needs no Dask",
        ) from None
    if client is not None:
        if not isinstance(client, Client) or client.asynchronous:
            raise InputError(
                f"client = {type(client).__name__}",
                "this is no client of Dask's.",
                "allowed: a dask.distributed.Client that is not asynchronous",
            )
        with _quiet():
            yield Cluster(
                client, str(client.scheduler.address if client.scheduler else "the client's address")
            )
        return
    _check_secure(scheduler, insecure)
    with ExitStack() as stack:
        stack.enter_context(_quiet())
        try:
            connected = stack.enter_context(
                Client(scheduler, timeout=PATIENCE, set_as_default=False, name="mocoupled")
            )
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            raise _unanswered(scheduler, error) from None
        yield Cluster(connected, scheduler)


def _check_secure(address: str, insecure: bool):
    """InputError for an address on another machine without TLS, unless the user allows it."""
    if not isinstance(address, str) or not address.strip():
        raise InputError(f"--scheduler {address!r}", "this is no address.", f"for example {EXAMPLE}")
    protocol, _, place = address.rpartition("://")
    host, colon, port = place.rpartition(":")
    if (
        insecure
        or (protocol or "tcp") not in OPEN
        or not (colon and port.strip("/").isdigit())
        or _is_here(host.strip("[]"))
    ):
        return
    cure = "start scheduler and workers with --protocol tls and certificates (docs/sweeps.md), or say --insecure-scheduler (insecure_scheduler=True) where nobody else reaches that network"
    raise InputError(
        f"--scheduler {address}",
        "the scheduler is on another machine, and the connection has no TLS: whoever reaches its port can run code on it.",
        f"for example {EXAMPLE}",
        cure,
    )


def _is_here(host: str) -> bool:
    """Whether the host is the loopback of this machine. No name is looked up: an answer could change."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host.lower() in ("localhost", "localhost.localdomain", "ip6-localhost")


def _unanswered(address, error) -> InputError:
    reason = " ".join(str(error).split())[:200]
    cure = "is it running, and is the address the one that 'dask scheduler' printed, such as tls://10.0.0.1:8786?"
    if address.startswith(("tls://", "wss://")):
        cure += " Dask's configuration names the certificates (distributed.comm.tls, docs/sweeps.md)"
    return InputError(f"--scheduler {address}", f"no scheduler answers there ({reason}).", "", cure)


@contextmanager
def _quiet():
    """Dask's own messages are not for the user of a sweep: what matters comes as an error."""
    kept = {
        name: logging.getLogger(name).level
        for name in list(logging.root.manager.loggerDict)
        if name.split(".")[0] in ("distributed", "asyncio", "tornado")
    }
    for name in kept:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, level in kept.items():
            logging.getLogger(name).setLevel(level)


def compute(on: Cluster, work: Batch, stopped: Callable[[], bool], under_way: set[int]) -> Iterator[Outcome]:
    """Run the cases of `work` on a cluster; outcomes as they come. under_way: kept up to date with the cases handed out.

    Cases of a worker that died are handed out again (each at most so often as case.py says). Ends early, with cases
    left in `under_way`, when stopped() is true. Lost when the scheduler is gone.
    """
    waiting = deque(work.cases)
    running: dict = {}
    each = None  # mean seconds of a case
    total, done = 0.0, 0
    while waiting or running:
        if stopped():
            _let_go(running)
            return
        if on.client.status != "running":
            raise on.lost()
        threads = on.threads()
        while waiting and len(running) < max(AHEAD * threads, LEAST):
            share = max(1, min(int(TASK / each), len(waiting) // (AHEAD * threads))) if each else 1
            cases = [waiting.popleft() for _ in range(share)]
            running[on.submit(replace(work, cases=cases))] = cases
            under_way.update(number for number, _ in cases)
        ended = [future for future in running if future.done()]
        for future in ended:
            cases = running.pop(future)
            outcomes = _answer(on, future)
            if outcomes is None:  # its worker died, too often for the scheduler: once more, each by itself
                waiting.extendleft(reversed(cases))
                each = None
                continue
            for outcome in outcomes:
                total, done = total + outcome.seconds * (not outcome.stored), done + 1
                under_way.discard(outcome.number)
                yield outcome
            each = max(total / done, 1e-3)
        if not ended:
            clock.sleep(TICK)


def _answer(on, future) -> Sequence[Outcome] | None:
    """What a task gave; None when it is to be handed out again."""
    if future.status == "finished":
        try:
            return future.result(timeout=PATIENCE)
        except Exception:  # it finished, and what it gave went down with its worker
            return None
    if future.status == "error":
        error = future.exception()
        if type(error).__name__ == "KilledWorker":
            return None
        if isinstance(error, MocoupledError):
            raise error
        raise MocoupledError(
            f"the workers cannot run a case: {type(error).__name__}: {error}. Is the same mocoupled installed for them?"
        )
    if on.client.status != "running":
        raise on.lost()
    return None  # cancelled or lost


def _let_go(running):
    for future in running:
        try:
            future.cancel()
        except Exception:  # the scheduler may be gone already
            return
