"""Who is told what when a run fails."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import dagster as dg
import pytest

from orchestration.defs.alerts import WEBHOOK_VARIABLE, Alert, alert_owners, alerts, send
from orchestration.defs.steps import FAILED_CHECKS, failure
from tests.dagster.projects import by_hand

PROJECT = by_hand(
    {
        "engagement": {},
        "promoters": {},
        "arr_tier": {"owner": "team:revenue"},
        "orphan": {"owner": ""},
    }
)


def check(segment: str | None, subject: str) -> dict[str, Any]:
    words = f"`size` of `{subject}` is 0, expected at least 1"
    return {"check": "size", "subject": subject, "segment": segment, "in_words": words}


def test_owners_of_failed_segments_are_told_what_failed() -> None:
    failed = [check("engagement", "engagement"), check("arr_tier", "arr_tier")]
    first, second = alerts(PROJECT, "nothing was published", failed, "run-1")
    assert (first.owner, first.segments, first.checks) == ("growth@acme.test", ("engagement",), (failed[0],))
    assert first.text.startswith("growth@acme.test: run run-1 has failed, which concerns segment engagement.\n`size` of")
    assert (second.owner, second.segments) == ("team:revenue", ("arr_tier",))


@pytest.mark.parametrize("failed", [[], [check(None, "user")], [check("sessions_28d", "sessions_28d")]])
def test_every_owner_is_told_of_what_is_about_all(failed: list[dict[str, Any]]) -> None:
    told = list(alerts(PROJECT, "dbt failed", failed, "run-1"))
    assert [alert.owner for alert in told] == ["growth@acme.test", "nobody (the segments have no owner)", "team:revenue"]
    assert told[0].segments == ("engagement", "promoters")
    assert all(alert.reason == (failed[0]["in_words"] if failed else "dbt failed") for alert in told)


class Receiver(BaseHTTPRequestHandler):
    """Keeps what is posted; refuses at /refuses."""

    received: list[tuple[str | None, dict[str, Any]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.append((self.headers["Content-Type"], json.loads(body)))
        self.send_response(500 if self.path == "/refuses" else 204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def webhook() -> Iterator[str]:
    Receiver.received.clear()
    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def run(error: Exception) -> dg.ExecuteInProcessResult:
    @dg.op
    def fails() -> None:
        raise error

    @dg.job(hooks={alert_owners(PROJECT)})
    def job() -> None:
        fails()

    return job.execute_in_process(raise_on_error=False)


def test_a_failed_step_is_told_on_standard_output_and_by_webhook(
    webhook: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(WEBHOOK_VARIABLE, webhook + "/hook")
    failed = check("engagement", "engagement")
    result = run(failure("nothing was published", {FAILED_CHECKS: [failed]}))
    ((kind, told),) = Receiver.received
    assert kind == "application/json; charset=utf-8"
    assert (told["owner"], told["segments"], told["checks"]) == ("growth@acme.test", ["engagement"], [failed])
    assert told["run_id"] == result.run_id
    assert told["text"] in capsys.readouterr().out


@pytest.mark.parametrize("address", ["/refuses", "nowhere", "file:///etc/passwd"])
def test_an_alert_that_is_not_taken_hides_nothing(
    address: str, webhook: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(WEBHOOK_VARIABLE, webhook + address if address.startswith("/") else address)
    result = run(ValueError("out of luck"))
    assert not result.success
    captured = capsys.readouterr()
    assert captured.out.count("out of luck") == 3
    assert captured.err.count("was not delivered") == 3
    with pytest.raises((OSError, ValueError)):
        send(webhook + address if address.startswith("/") else address, Alert("a", (), "", ""))
