"""`mingjing import-receipts FILE`: 0 when all is well, 1 with a refusal or findings; the same file changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from tests.commands.office import Office
from tests.commands.stories import ZR
from tests.commands.walking import begin

HEAD = "receipt_no,pay_code,amount_fen,paid_on\n"
Mingjing = Callable[..., Result]


def test_a_file_of_payments_is_matched_and_told_and_the_second_time_nothing_changes(
    mingjing: Mingjing, office: Office, tmp_path: Path
) -> None:
    begin(office, ZR, "await_payment")
    (notice,) = office.payment_notices()
    file = tmp_path / "day.csv"
    file.write_text(f"{HEAD}R-1,{notice.pay_code},8000,2026-03-09\n合计,1,8000,\n", "utf-8")
    answer = mingjing("import-receipts", file, "--format", "json")
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout)
    assert (told["new"], told["rows"], told["counts"], told["findings"]) == (True, 1, {"booked": 1}, [])
    before = office.everything()
    again = mingjing("import-receipts", file)
    assert again.exit_code == 0 and "没有变化" in again.stdout
    assert office.everything() == before


def test_findings_end_with_1_and_are_listed(mingjing: Mingjing, office: Office, tmp_path: Path) -> None:
    begin(office, ZR, "await_payment")
    file = tmp_path / "day.csv"
    file.write_text(f"{HEAD}R-1,,500,2026-03-09\nR-2,,x,2026-03-09\n", "utf-8")
    answer = mingjing("import-receipts", file, "--mapping", "standard")
    assert answer.exit_code == 1
    assert "no_code" in answer.stdout and "not_an_amount:amount_fen" in answer.stdout


def test_what_is_refused_ends_with_1_and_says_why(mingjing: Mingjing, office: Office, tmp_path: Path) -> None:
    file = tmp_path / "day.csv"
    file.write_text(f"{HEAD}R-1,,500,2026-03-09\n合计,2,500,\n", "utf-8")
    answer = mingjing("import-receipts", file)
    assert answer.exit_code == 1 and "合计与明细不符" in answer.stderr
    assert mingjing("import-receipts", file, "--mapping", "nobody").exit_code == 1
    assert mingjing("import-receipts", tmp_path / "nowhere.csv").exit_code == 2
    assert office.now
