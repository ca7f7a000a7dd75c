"""Work on many machines: by a running Dask scheduler, from its address or from the user's client."""

from __future__ import annotations

import ipaddress
import logging
import time as clock
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, Protocol, TypeVar

from ..errors import InputError, MocoupledError

# s of work in one task: many times what the scheduler spends on it
TASK = 1.0
# s between two looks at the tasks
TICK = 0.05
# tasks under way for each thread of the cluster, so that none waits for the next
AHEAD = 2
# tasks under way however few threads there are: a cluster that grows on demand sees that there is work
LEAST = 8
# s between two looks at the size of the cluster
AGAIN = 3.0
# s to find a scheduler
PATIENCE = 10.0
# protocols without TLS
OPEN = ("tcp", "ws", "ucx")
EXAMPLE = "tls://10.0.0.1:8786"
CURE = "pip install 'mocoupled[cluster]', or leave it out: one machine needs no Dask"

Case = tuple[int, Mapping[str, Any]]


class Answer(Protocol):
    """What became of a case: its number, the seconds that it took, and whether it was stored before."""

    @property
    def number(self) -> int:
        """Number of the case."""

    @property
    def seconds(self) -> float:
        """Wall time."""

    @property
    def stored(self) -> bool:
        """Whether it was stored before, and took no time."""


A = TypeVar("A", bound=Answer)
Run = Callable[[Sequence[Case]], Sequence[A]]


class Lost(MocoupledError):
    """The scheduler is gone: finished cases are stored, and no more can be computed."""


def _run_task(run: Run[A], cases: Sequence[Case]) -> Sequence[A]:
    """A task, in a worker of the cluster.

    Within a task xarray would lock every variable that it writes through Dask's scheduler. That is meant for
    files that several workers write; here it would take a quarter of the time of small runs.
    """
    import dask

    with dask.config.set(scheduler="synchronous"):
        return run(cases)


class Cluster:
    """A client of a scheduler."""

    def __init__(self, client: Any, address: str) -> None:
        self.client, self.address = client, address
        self._threads, self._looked = 0, float("-inf")

    def threads(self) -> int:
        """Threads of the cluster, read again every few seconds."""
        if clock.monotonic() > self._looked + AGAIN:
            try:
                self._threads, self._looked = sum(self.client.nthreads().values()), clock.monotonic()
            except (OSError, RuntimeError, ValueError) as error:
                # Dask raises all three for a broken connection
                raise self.lost() from error
        return max(self._threads, 1)

    def lost(self) -> Lost:
        """The error for a scheduler that is gone."""
        return Lost(f"the scheduler at {self.address} is gone")

    def work(
        self, run: Run[A], cases: Iterable[Case], stopped: Callable[[], bool], under_way: set[int]
    ) -> Iterator[A]:
        """Run the cases (number, content) in tasks of about a second; answers as they come.

        run(cases): in a worker, an answer for each. under_way: kept up to date with the cases handed out.
        Cases of a worker that died are handed out again. Ends early, with cases left in `under_way`, when
        stopped() is true. Lost when the scheduler is gone.
        """
        waiting = deque(cases)
        running: dict[Any, list[Case]] = {}
        mean: float | None = None  # seconds of a case
        total, done = 0.0, 0
        while waiting or running:
            if stopped():
                _cancel(running)
                return
            if self.client.status != "running":
                raise self.lost()
            threads = self.threads()
            while waiting and len(running) < max(AHEAD * threads, LEAST):
                batch = [waiting.popleft() for _ in range(_share(mean, len(waiting), threads))]
                running[self._submit(run, batch)] = batch
                under_way.update(number for number, _ in batch)
            ended = [future for future in running if future.done()]
            for future in ended:
                batch = running.pop(future)
                answers: Sequence[A] | None = self._answers(future)
                if answers is None:  # its worker died, too often for the scheduler: once more, each by itself
                    waiting.extendleft(reversed(batch))
                    mean = None
                    continue
                for answer in answers:
                    total, done = total + (0.0 if answer.stored else answer.seconds), done + 1
                    under_way.discard(answer.number)
                    yield answer
                mean = max(total / done, 1e-3) if done else None
            if not ended:
                clock.sleep(TICK)

    def _submit(self, run: Run[A], cases: list[Case]) -> Any:
        try:
            return self.client.submit(partial(_run_task, run, cases), pure=False)
        except (OSError, RuntimeError, ValueError) as error:
            raise self.lost() from error

    def _answers(self, future: Any) -> Any:
        """What a task returned; None when it is to be handed out again."""
        if future.status == "finished":
            try:
                return future.result(timeout=PATIENCE)
            except Exception:  # it finished, and what it returned went down with its worker
                return None
        if future.status == "error":
            error = future.exception()
            if type(error).__name__ == "KilledWorker":
                return None
            if isinstance(error, MocoupledError):
                raise error
            raise MocoupledError(
                f"the workers cannot run a case: {type(error).__name__}: {error}."
                " Is the same mocoupled installed for them?"
            )
        if self.client.status != "running":
            raise self.lost()
        return None  # cancelled or lost


def _share(mean: float | None, waiting: int, threads: int) -> int:
    """Cases of the next task. mean: seconds of a case, None where it is not known yet."""
    if not mean:
        return 1
    return max(1, min(int(TASK / mean), waiting // (AHEAD * threads)))


def _cancel(running: Mapping[Any, object]) -> None:
    for future in running:
        try:
            future.cancel()
        except Exception:  # the scheduler may be gone already
            return


def check_installed(where: str) -> None:
    """InputError where Dask is not installed. where: the function or option that needs it."""
    try:
        import dask.distributed  # noqa: F401  # whether it is there
    except ImportError:
        raise InputError(where, "Dask is not installed.", cure=CURE) from None


@contextmanager
def cluster(scheduler: str | None, client: Any = None, insecure: bool = False) -> Iterator[Cluster]:
    """The cluster behind the address of a scheduler, or behind a client of Dask.

    insecure: whether an address elsewhere may be without TLS. InputError where Dask is not installed, where
    no scheduler answers, and for an address elsewhere without TLS.
    """
    check_installed("client" if client is not None else f"--scheduler {scheduler}")
    from dask.distributed import Client

    if client is not None:
        if not isinstance(client, Client) or client.asynchronous:
            raise InputError(
                f"client = {type(client).__name__}",
                "this is not a client of Dask.",
                "allowed: a dask.distributed.Client that is not asynchronous",
            )
        address = str(client.scheduler.address if client.scheduler else "the client's address")
        with _quiet():
            yield Cluster(client, address)
        return
    address = _secure(scheduler, insecure)
    with ExitStack() as stack:
        stack.enter_context(_quiet())
        try:
            connected = stack.enter_context(
                Client(address, timeout=PATIENCE, set_as_default=False, name="mocoupled")
            )
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            raise _unanswered(address, error) from None
        yield Cluster(connected, address)


def _secure(address: str | None, insecure: bool) -> str:
    """The address; InputError for one on another machine without TLS, unless the user allows it."""
    if not isinstance(address, str) or not address.strip():
        raise InputError(f"--scheduler {address!r}", "this is not an address.", f"for example {EXAMPLE}")
    protocol, _, place = address.rpartition("://")
    host, colon, port = place.rpartition(":")
    open_protocol = (protocol or "tcp") in OPEN
    complete = colon and port.strip("/").isdigit()
    if insecure or not open_protocol or not complete or _is_here(host.strip("[]")):
        return address
    raise InputError(
        f"--scheduler {address}",
        "the scheduler is on another machine, and the connection has no TLS:"
        " whoever reaches its port can run code on it.",
        f"for example {EXAMPLE}",
        "start scheduler and workers with --protocol tls and certificates (docs/sweeps.md), or say"
        " --insecure-scheduler (insecure_scheduler=True) where nobody else reaches that network",
    )


def _is_here(host: str) -> bool:
    """Whether the host is the loopback of this machine. No name is looked up: an answer could change."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host.lower() in ("localhost", "localhost.localdomain", "ip6-localhost")


def _unanswered(address: str, error: Exception) -> InputError:
    reason = " ".join(str(error).split())[:200]
    cure = (
        "is it running, and is the address the one that 'dask scheduler' printed,"
        " such as tls://10.0.0.1:8786?"
    )
    if address.startswith(("tls://", "wss://")):
        cure += " Dask's configuration names the certificates (distributed.comm.tls, docs/sweeps.md)"
    return InputError(f"--scheduler {address}", f"no scheduler answers there ({reason}).", "", cure)


@contextmanager
def _quiet() -> Iterator[None]:
    """Switch off Dask's messages: the user of a sweep gets what matters as an error."""
    levels = {
        name: logging.getLogger(name).level
        for name in list(logging.root.manager.loggerDict)
        if name.split(".")[0] in ("distributed", "asyncio", "tornado")
    }
    for name in levels:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
