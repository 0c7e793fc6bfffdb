"""/metrics: for whoever watches, not for the public; counted over all processes; cheap however often it is asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event, insert
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from service.clock import real_now
from service.commands.heartbeat import beat_heart
from service.database.session import transaction
from service.database.tables import outbox
from service.log import log
from service.web.application import create_app
from service.web.metrics_page import WorkCollector
from tests.service_fixtures import MONDAY, Office

ROOT = Path(__file__).parents[2]
TOKEN = "a token that is long enough for metrics"


def values(page: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def scraped(office: Office) -> dict[Any, float]:
    """As if nobody had asked for some seconds."""
    collector = office.app.extensions["mingjing_metrics"]
    assert isinstance(collector, WorkCollector)
    collector.forget()
    answer = office.client().get("/metrics")
    assert answer.status_code == 200
    return values(answer.text)


def with_settings(office: Office, **changes: Any) -> Any:
    services = replace(office.services, settings=replace(office.services.settings, **changes))
    return create_app(office.engine, services).test_client()


def test_the_work_in_numbers(office: Office) -> None:
    office.start()
    with transaction(office.engine) as connection:
        for state, key in ((0, "a"), (0, "b"), (2, "c")):
            row = {"kind": "pigeon", "idempotency_key": key, "payload": {}, "attempts": 0, "state": state}
            at = MONDAY - timedelta(minutes=5)
            connection.execute(insert(outbox), {**row, "created_at": at, "next_at": at})
        beat_heart(connection, real_now() - timedelta(seconds=30))
    found = scraped(office)
    pigeon = (("kind", "pigeon"),)
    assert found[("mingjing_outbox_waiting", pigeon)] == 2
    assert found[("mingjing_outbox_age_seconds", pigeon)] == 300
    assert found[("mingjing_outbox_dead", pigeon)] == 1
    assert found[("mingjing_cases", (("status", "open"),))] == 1
    assert found[("mingjing_timers_due", ())] == found[("mingjing_timer_lag_seconds", ())] == 0
    assert 30 <= found[("mingjing_worker_silent_seconds", (("worker", "any"),))] < 60
    assert 0 < found[("mingjing_disk_free_bytes", ())] < found[("mingjing_disk_size_bytes", ())]
    assert found[("mingjing_incidents_open", ())] == found[("mingjing_unmatched_payments_open", ())] == 0


def test_a_timer_that_nobody_fires_grows_late(office: Office) -> None:
    office.start()
    clock: Any = office.services.clock
    clock.move(MONDAY + timedelta(days=60))
    found = scraped(office)
    assert found[("mingjing_timers_due", ())] > 0
    assert found[("mingjing_timer_lag_seconds", ())] > 86_400


def test_alarms_are_counted_by_kind_and_colour(office: Office) -> None:
    office.start()
    office.wait(days=60)
    found = scraped(office)
    assert found[("mingjing_alarms_open", (("colour", "red"), ("kind", "overdue")))] >= 1


def test_requests_are_counted_by_rule_and_steps_by_act(office: Office) -> None:
    before = scraped(office)
    number = office.start()["number"]
    office.case(number)
    after = scraped(office)

    def grown(name: str, **labels: str) -> float:
        key = (name, tuple(sorted(labels.items())))
        return after.get(key, 0) - before.get(key, 0)

    rule = "/api/v1/cases/<code:number>"
    assert grown("mingjing_http_request_seconds_count", method="GET", route=rule, status="2xx") == 1
    assert grown("mingjing_step_seconds_count", act="start") == 1
    assert not [key for key in after if any(number in value for _, value in key[1])]


def test_scrapes_in_a_row_ask_the_database_once(office: Office) -> None:
    scraped(office)
    said: list[str] = []

    def hear(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(office.engine, "before_cursor_execute", hear)
    try:
        assert office.client().get("/metrics").status_code == 200
    finally:
        event.remove(office.engine, "before_cursor_execute", hear)
    assert said == []


def test_with_a_token_nobody_reads_without_it(office: Office) -> None:
    client = with_settings(office, metrics_token=TOKEN)
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer nonsense"}).status_code == 404
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


@pytest.mark.parametrize(
    ("public_url", "address"),
    [("https://mingjing.example.gov.cn", "127.0.0.1"), ("http://127.0.0.1:8000", "203.0.113.9")],
)
def test_without_a_token_only_this_machine_reads_and_only_where_nothing_is_public(
    office: Office, public_url: str, address: str
) -> None:
    client = with_settings(office, public_url=public_url)
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": address}).status_code == 404
    assert office.client().get("/metrics", environ_base={"REMOTE_ADDR": "::1"}).status_code == 200


COUNTING = """
import os, sys
from pathlib import Path
from service import metrics
metrics.share(Path(sys.argv[1]), "web")
for _ in range(2):
    if os.fork() == 0:
        metrics.step_took(0.01, "start")
        os._exit(0)
    os.wait()
metrics.step_took(0.01, "start")
print(sum(s.value for f in metrics.counted() for s in f.samples if s.name == "mingjing_step_seconds_count"))
"""


def test_all_processes_of_a_machine_are_added_up_and_those_of_former_starts_are_not(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if name != "PROMETHEUS_MULTIPROC_DIR"}
    for _ in range(2):
        command = [sys.executable, "-c", COUNTING, str(tmp_path)]
        ran = subprocess.run(command, cwd=ROOT, env=kept, capture_output=True, text=True)
        assert ran.stdout.strip() == "3.0", ran.stderr
    assert len(list(tmp_path.iterdir())) == 1


LOGGING = """
import logging
import structlog
from service.log import configure_logging, log
configure_logging()
with structlog.contextvars.bound_contextvars(request_id="abc", case="YJ-1"):
    log.info("ours", word="办件")
    logging.getLogger("celery").warning("theirs %s", 7)
    try:
        1 / 0
    except ZeroDivisionError:
        logging.getLogger("celery").exception("broken")
"""


def test_every_line_of_the_log_is_an_object_that_names_the_request_and_the_case() -> None:
    ran = subprocess.run([sys.executable, "-c", LOGGING], cwd=ROOT, capture_output=True, text=True)
    lines = [json.loads(line) for line in ran.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["ours", "theirs 7", "broken"]
    assert {(line["request_id"], line["case"]) for line in lines} == {("abc", "YJ-1")}
    assert lines[0]["word"] == "办件" and lines[1]["logger"] == "celery"
    assert "ZeroDivisionError" in lines[2]["exception"]


def test_a_request_id_passes_through_and_a_strange_one_is_replaced(office: Office) -> None:
    client = office.client()
    assert client.get("/healthz", headers={"X-Request-Id": "gateway-0001"}).headers["X-Request-Id"] == "gateway-0001"
    given = client.get("/healthz", headers={"X-Request-Id": "a b; DROP"}).headers["X-Request-Id"]
    assert len(given) == 32


def test_the_line_of_an_act_names_its_request_and_its_case(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    number = office.start()["number"]
    headers = {"X-Request-Id": "gateway-0002"}
    clerk = office.sign_in("yj_clerk")
    # A logger that has written before keeps the processors of then.
    monkeypatch.delitem(vars(log), "bind", raising=False)
    with capture_logs(processors=[merge_contextvars]) as lines:
        clerk.post(f"/cases/{number}/payment-notices", headers=headers)
    (line,) = [one for one in lines if one["event"] == "request"]
    assert (line["request_id"], line["case"]) == ("gateway-0002", number)
    monkeypatch.delitem(vars(log), "bind", raising=False)
