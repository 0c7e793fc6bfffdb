"""The Celery application: a folder as its broker when embedded, RabbitMQ beyond. Messages carry nothing but "look"."""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Callable, Collection
from typing import Any

from celery import Celery
from celery.beat import EmbeddedService
from celery.platforms import SecurityWarning
from celery.signals import worker_process_init
from celery.worker import state as worker_state
from kombu import Queue
from sqlalchemy import Engine

from service.clock import real_now
from service.commands.heartbeat import beat_heart
from service.commands.housekeeping import keep_house
from service.commands.services import Services
from service.database.session import transaction
from service.log import log
from service.notices.outbox import Senders, always, drain
from service.settings import Settings
from service.worker.death_marks import DeathMarks
from service.worker.folder import use_folder_transport
from service.worker.passing import run_passes
from service.worker.stopping import Stopping
from service.worker.sweeping import sweep

QUEUE = "mingjing"
# Beyond one machine messages have a queue of their own, so that a slow gateway never holds up a timer.
OUTBOX_QUEUE = "mingjing.outbox"
QUEUES = {"timers": QUEUE, "outbox": OUTBOX_QUEUE}
LOOK_SECONDS = 1.0
# A look that nobody took up is stale when the next ones are there already.
EXPIRES_SECONDS = 5
# A look gives way after this long, so that a worker can be stopped; the next look goes on.
LONGEST_LOOK_SECONDS = 5.0
# SQLite has one writer: between two pieces of work it is left to people for longer than the work lasted.
REST_AFTER_WORK = 1.5
LONGEST_REST_SECONDS = 0.2
# Less than the embedded worker's parent waits (service.worker.embedded).
FINISH_SECONDS = 1.5
# Asked this often, done once a day (service.commands.housekeeping): a message that was lost costs minutes.
HOUSEKEEPING_SECONDS = 600.0
HEARTBEAT_SECONDS = 15.0
JOBS = ("sweep_timers", "drain_outbox")
# A pass looks once a minute (supervision); asked more often, so that a message that was lost costs seconds.
PASS_SECONDS = 15.0
_QUIET = {
    "loglevel": "WARNING",
    "quiet": True,
    "without_gossip": True,
    "without_mingle": True,
    "without_heartbeat": True,
}


def create_celery(settings: Settings) -> Celery:
    """The application without its jobs: enough for beat."""
    # kombu warns of an address without a host.
    broker = settings.broker_url if settings.broker_url != "filesystem://" else "filesystem://localhost"
    app = Celery("mingjing", broker=broker, set_as_current=False)
    app.conf.update(
        task_default_queue=QUEUE,
        task_ignore_result=True,
        task_acks_late=True,
        # A worker that is killed in the middle gives its message back (RabbitMQ).
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        broker_connection_retry_on_startup=True,
        beat_scheduler="celery.beat:Scheduler",
        beat_max_loop_interval=LOOK_SECONDS,
        beat_schedule={
            name: {"task": name, "schedule": seconds, "options": {"expires": EXPIRES_SECONDS}}
            for name, seconds in {
                **dict.fromkeys(JOBS, LOOK_SECONDS),
                "watch": PASS_SECONDS,
                "keep_house": HOUSEKEEPING_SECONDS,
            }.items()
        },
        broker_transport_options=_transport(settings),
    )
    if settings.broker_url.startswith(("amqp", "pyamqp")):
        app.conf.task_queues = [Queue(name, queue_arguments={"x-queue-type": "quorum"}) for name in QUEUES.values()]
        app.conf.task_routes = {"drain_outbox": {"queue": OUTBOX_QUEUE}}
    return app


def _transport(settings: Settings) -> dict[str, object]:
    if not settings.broker_url.startswith("filesystem"):
        return {"confirm_publish": True}
    use_folder_transport()
    folder = settings.queue_folder
    (folder / "control").mkdir(parents=True, exist_ok=True)
    places = {name: str(folder) for name in ("data_folder_in", "data_folder_out")}
    return {**places, "control_folder": str(folder / "control"), "polling_interval": 0.1}


def rests() -> Callable[[], object]:
    """A function that, each time it is called, sleeps in proportion to its caller's work since the last time."""
    woke = time.monotonic()

    def rest() -> None:
        nonlocal woke
        time.sleep(min((time.monotonic() - woke) * REST_AFTER_WORK, LONGEST_REST_SECONDS))
        woke = time.monotonic()

    return rest


class Jobs:
    """The jobs of one process: shells that look once and answer nothing."""

    def __init__(self, engine: Engine, services: Services, senders: Senders[Services]) -> None:
        self._engine = engine
        self._services = services
        self._senders = senders
        self._marks = DeathMarks(services.settings.data / "firing")
        self._stopping = Stopping()
        self._said = -HEARTBEAT_SECONDS
        # A second look of the same kind has nothing to add.
        self._busy = {name: threading.Lock() for name in (*JOBS, "watch")}

    def register(self, app: Celery) -> None:
        @app.task(name="sweep_timers")  # type: ignore[untyped-decorator]
        def sweep_timers() -> None:
            self._look("sweep_timers", self._sweep)

        @app.task(name="drain_outbox")  # type: ignore[untyped-decorator]
        def drain_outbox() -> None:
            self._look("drain_outbox", self._drain)

        @app.task(name="watch")  # type: ignore[untyped-decorator]
        def watch() -> None:
            self._look("watch", self._watch)

        @app.task(name="keep_house")  # type: ignore[untyped-decorator]
        def house() -> None:
            keep_house(self._engine, self._services, real_now())

        self._stopping.follow_worker()
        worker_process_init.connect(self._forget_connections, weak=False)

    def finish(self) -> None:
        """Let the looks that are at work come to an end, and no new one begin; gives up after a while."""
        self._stopping.set()
        end = time.monotonic() + FINISH_SECONDS
        for busy in self._busy.values():
            busy.acquire(timeout=max(end - time.monotonic(), 0))

    def _look(self, name: str, job: Callable[[Callable[[], bool]], int]) -> None:
        if self._busy[name].acquire(blocking=False):
            try:
                done = job(self._until_stopped())
            finally:
                self._busy[name].release()
            if done:
                log.info(name, count=done)

    def _sweep(self, go_on: Callable[[], bool]) -> int:
        self._services.audience.refresh(self._engine)
        self._say_that_we_live()
        return sweep(self._engine, self._services, self._services.clock.now(), go_on=go_on, marks=self._marks)

    def _say_that_we_live(self) -> None:
        if time.monotonic() - self._said >= HEARTBEAT_SECONDS:
            with transaction(self._engine) as connection:
                beat_heart(connection, real_now())
            self._said = time.monotonic()

    def _drain(self, go_on: Callable[[], bool]) -> int:
        return drain(self._engine, self._services, self._senders, self._services.clock.now(), go_on=go_on)

    def _watch(self, go_on: Callable[[], bool]) -> int:
        return run_passes(self._engine, self._services, self._services.clock.now(), go_on=go_on)

    def _until_stopped(self) -> Callable[[], bool]:
        """Until the process is asked to stop, or the look has lasted long enough. Rests in between where it must."""
        end = time.monotonic() + LONGEST_LOOK_SECONDS
        rest = rests() if self._engine.dialect.name == "sqlite" else always

        def go_on() -> bool:
            rest()
            return worker_state.should_stop is None and not self._stopping.is_set() and time.monotonic() < end

        return go_on

    def _forget_connections(self, **_: object) -> None:
        # A forked process must not speak on the connections of its parent.
        self._engine.dispose(close=False)


def run_worker(app: Celery, *, concurrency: int | None = None, queues: Collection[str] = ()) -> int:
    """Work until told to stop, in processes (as many as there are processors, if not said); the exit code.

    `queues` are names of QUEUES; none means all. They are parted on RabbitMQ alone.
    """
    parted = app.conf.task_queues is not None
    chosen = [QUEUES[name] for name in queues] if queues and parted else None
    return _work(app.Worker(concurrency=concurrency, pool_cls="prefork", queues=chosen, **_QUIET))


def run_embedded_worker(app: Celery) -> int:
    """The same in threads, with beat beside them: one process, of which nothing is left whoever kills it."""
    warnings.filterwarnings("ignore", category=SecurityWarning)  # a demo may well be root's
    EmbeddedService(app, thread=True).start()
    return _work(app.Worker(concurrency=len(JOBS), pool_cls="threads", **_QUIET))


def run_beat(app: Celery) -> None:
    """Say "look" every second. Two at once do no harm."""
    app.Beat(loglevel="WARNING", quiet=True).run()


def _work(worker: Any) -> int:
    worker.start()
    return int(worker.exitcode or 0)
