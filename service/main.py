"""Puts the program together: the one place that knows supervision, the web application, the worker and the commands.

What only some processes need is imported where they need it: a worker loads no web server, `lint` no database.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING

import click

from service.cli.addresses import address_of, listen, require_loopback
from service.cli.lazy import LazyGroup
from service.cli.program import Built, Program, pass_program, require_schema
from service.cli.progress import spinner
from service.clock import Clock, MovedClock
from service.commands.compare_treasury import TreasuryComparer
from service.commands.recorders import RECORDERS
from service.commands.services import Services, build_services
from service.commands.taking_receipts import COMPARE_KIND
from service.database.session import create_database_engine
from service.log import configure_logging
from service.metrics import share
from service.notices.announcing import announcer
from service.notices.gateways import gateway_senders
from service.notices.outbox import Senders
from service.settings import Settings, SettingsError, read_settings
from supervision.registration import register

if TYPE_CHECKING:
    from flask import Flask

THREADS = 8
_host = click.option("--host", default="127.0.0.1", show_default=True, help="监听地址。The address to listen on.")
_port = click.option("--port", default=8000, show_default=True, help="端口，0 为任选。The port; 0 takes a free one.")
_testing = click.option(
    "--testing", is_flag=True, help="测试模式：可拨动时钟，仅限本机。A clock that tests can move; this machine only."
)


def build(settings: Settings, clock: Clock | None = None) -> Built:
    """One process of the product, supervision plugged in."""
    services, engine = build_services(settings, clock), create_database_engine(settings.database_url)
    senders: Senders[Services] = {
        "announcement": announcer(settings),
        **gateway_senders(settings, services.clock),
        **RECORDERS,
        **register(services),
        COMPARE_KIND: TreasuryComparer(engine, services),
    }
    return Built(engine, services, senders, _make_app)


def _make_app(built: Built) -> Flask:
    from service.web.application import create_app
    from service.worker.advancing import SteppingWorker
    from service.worker.broker import broker_trouble, queue_depths

    settings, clock = built.services.settings, built.services.clock
    if settings.signing_pkcs12 is not None:
        # A key that cannot be opened stops the start, not the first print.
        built.services.signing_key.open()
    if isinstance(clock, MovedClock):
        stepping = SteppingWorker(built.engine, built.services, built.senders, clock)
        return create_app(built.engine, built.services, drain=built.drain, stepping=stepping)
    readiness = {"broker": partial(broker_trouble, settings)}
    return create_app(
        built.engine, built.services, drain=built.drain, readiness=readiness, depths=partial(queue_depths, settings)
    )


def _read(data: Path | None = None) -> Settings:
    """UsageError (exit 2) that names the setting at fault."""
    try:
        return read_settings(os.environ, data=data)
    except SettingsError as problem:
        raise click.UsageError(str(problem)) from problem


class Commands(LazyGroup):
    places = {  # noqa: RUF012
        "audit": "service.cli.audit:audit",
        "bench": "service.cli.bench:bench",
        "db": "service.cli.database:db",
        "demo": "service.cli.demo:demo",
        "deploy": "service.cli.diagrams:deploy_files",
        "import-receipts": "service.cli.treasury:import_file",
        "import-volumes": "service.cli.treasury:import_volume_file",
        "lint": "service.cli.diagrams:lint_files",
        "openapi": "service.cli.interface:openapi",
        "simulate": "simulation.command:simulate",
        "evaluate-alarms": "simulation.command:evaluate_alarms",
    }


@click.group(cls=Commands)
@click.pass_context
def cli(context: click.Context) -> None:
    """明镜：县级行政权力公开运行系统。Mingjing: a county's administrative power items, run in the open."""
    configure_logging()
    context.obj = Program(_read, build)


@cli.command(short_help="运行全部功能。Everything, on this machine.")
@_host
@_port
@_testing
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="数据目录。The folder of all data.")
@pass_program
def run(program: Program, host: str, port: int, testing: bool, data: Path | None) -> None:
    """在本机运行全部功能。The whole product on this machine: pages, worker, database, stand-in bank and SMS."""
    from service.cli.greeting import greet
    from service.cli.stand_ins import stand_ins
    from service.demo.standing import is_loaded

    settings = _read(data)
    settings = replace(settings, testing=testing or settings.testing)
    require_loopback(host, testing=settings.testing)
    with ExitStack() as stack:
        bound = stack.enter_context(listen(host, port))
        if "MINGJING_PUBLIC_URL" not in os.environ:
            settings = replace(settings, public_url=address_of(bound))
        _stop_on_signals()
        share(settings.metrics_folder, "web")
        _prepare(program, settings)
        clock = MovedClock() if settings.testing else Clock()
        settings = stack.enter_context(stand_ins(settings, clock))
        built = build(settings, clock)
        app = built.app
        if not settings.testing:
            _start_worker(stack, settings)
        greet(address_of(bound), settings, demo=is_loaded(built.engine))
        _serve_here(app, bound)


def _prepare(program: Program, settings: Settings) -> None:
    """The database as this program needs it; an empty one gets the demo county."""
    from service.database.revision import newest, revision_of
    from service.demo.standing import may_be_loaded

    settings.data.mkdir(parents=True, exist_ok=True)
    engine = create_database_engine(settings.database_url)
    if (revision_of(engine) or "") < newest():
        from service.database.upgrading import upgrade

        with spinner("正在升级数据库 Upgrading the database"):
            upgrade(settings.database_url)
    require_schema(engine)
    empty = may_be_loaded(engine)
    engine.dispose()
    if empty:
        from service.cli.demo import load_with_progress

        load_with_progress(program, settings)


def _start_worker(stack: ExitStack, settings: Settings) -> None:
    from service.worker.embedded import EmbeddedWorker

    worker = EmbeddedWorker(["-m", "service.main", "worker", "--embedded"], {**os.environ, **_environment(settings)})
    stack.callback(worker.stop)
    _stop_on_signals(worker.ask_to_stop)


def _environment(settings: Settings) -> Mapping[str, str]:
    """The settings that a child process shall share; keys lie in the data folder or the environment already."""
    return {
        "MINGJING_DATA": str(settings.data),
        "MINGJING_DATABASE_URL": settings.database_url,
        "MINGJING_BROKER_URL": settings.broker_url,
        "MINGJING_PUBLIC_URL": settings.public_url,
        "MINGJING_BANK_URL": settings.bank_url,
        "MINGJING_SMS_URL": settings.sms_url,
    }


def _stop_on_signals(first: Callable[[], None] | None = None) -> None:
    """Ctrl-C and SIGTERM end the program with 0; `first` is called at once, before what is open is closed."""

    def stop(_number: int, _frame: object) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        if first is not None:
            first()
        raise SystemExit(0)

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)


def _serve_here(app: Flask, bound: socket) -> None:
    from service.cli.serving import serve_here

    serve_here(app, bound, threads=THREADS)


@cli.command(short_help="网页与接口。Pages and API alone.")
@_host
@_port
@_testing
@click.option("--workers", default=2, show_default=True, help="进程数。Processes.")
@pass_program
def serve(program: Program, host: str, port: int, testing: bool, workers: int) -> None:
    """只运行网页与接口。Pages and API alone, beside a worker and a beat of their own."""
    settings = replace(program.settings, testing=testing or program.settings.testing)
    require_loopback(host, testing=settings.testing)
    bound = listen(host, port)
    share(settings.metrics_folder, "web")
    program.start().engine.dispose()
    click.echo(f"明镜 Mingjing  {address_of(bound)}")
    if settings.testing:
        # The moved clock lives in one process.
        _stop_on_signals()
        _serve_here(build(settings, MovedClock()).app, bound)
        return
    from service.cli.production import serve_in_processes

    serve_in_processes(lambda: build(settings).app, bound, workers=workers, threads=THREADS)


@cli.command(short_help="后台任务。Timers and messages.")
@click.option("--concurrency", type=click.IntRange(1), help="进程数，默认为处理器数。Processes; as many as processors.")
@click.option(
    "--queue",
    "queues",
    type=click.Choice(["timers", "outbox"]),
    multiple=True,
    help="只处理该队列，默认全部。This queue alone; all if not said.",
)
@click.option("--embedded", is_flag=True, hidden=True)
@pass_program
def worker(program: Program, concurrency: int | None, queues: tuple[str, ...], embedded: bool) -> None:
    """运行后台任务：计时与外发。Fire timers and send messages; any number of workers may run."""
    from service.worker.embedded import ParentWatch

    watch = ParentWatch() if embedded else None
    from service.worker.application import Jobs, create_celery, run_embedded_worker, run_worker

    share(program.settings.metrics_folder, "worker")
    built = program.start()
    app = create_celery(program.settings)
    jobs = Jobs(built.engine, built.services, built.senders)
    jobs.register(app)
    if watch is None:
        raise SystemExit(run_worker(app, concurrency=concurrency, queues=queues))
    watch.finish_with(jobs.finish)
    raise SystemExit(run_embedded_worker(app))


@cli.command(short_help="定时唤醒。Wakes the workers.")
@pass_program
def beat(program: Program) -> None:
    """每秒唤醒后台任务。Wake the workers every second; two at once do no harm."""
    from service.worker.application import create_celery, run_beat

    run_beat(create_celery(program.settings))


if __name__ == "__main__":
    cli(prog_name="mingjing")
