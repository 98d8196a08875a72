"""/healthz, /readyz and /metrics of a whole `yinuo up` on YINUO_HEALTH_BIND, put together from its services' own.

Each metric gets a label `service`. Not for a service alone (`health.py`).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from yinuo.errors import Misuse
from yinuo.runtime.health import parse_bind
from yinuo.runtime.stack import Stack


class UpHealth:
    """Serves while the `with` block runs; does nothing without an address."""

    def __init__(self, bind: str | None, stack: Stack) -> None:
        """Misuse when the address is none or is taken."""
        self._server = _listening(bind, stack) if bind is not None else None

    def __enter__(self) -> Self:
        """Serve in a thread of its own."""
        if self._server is not None:
            threading.Thread(target=self._server.serve_forever, daemon=True, name="health").start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self._server is not None
        return int(self._server.server_address[1])


def _listening(bind: str, stack: Stack) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers = {"/healthz": _healthz, "/readyz": _readyz, "/metrics": _metrics}
            answer = answers.get(self.path.partition("?")[0])
            status, kind, body = answer(stack) if answer else (404, "text/plain", b"not found\n")
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Probes come every few seconds: nothing is logged of them."""

    try:
        server = ThreadingHTTPServer(parse_bind(bind), Handler)
    except OSError as error:
        raise Misuse(f"YINUO_HEALTH_BIND: cannot listen on {bind}: {error.strerror or error}") from None
    server.daemon_threads = True
    return server


def _healthz(stack: Stack) -> tuple[int, str, bytes]:
    return _json(200, {"alive": True})


def _readyz(stack: Stack) -> tuple[int, str, bytes]:
    states = {name: service.state() for name, service in stack.services.items()}
    ready = bool(states) and all(state.ready for state in states.values())
    services = {
        name: {"ready": state.ready, "reason": state.reason, "lag": state.lag}
        for name, state in states.items()
    }
    return _json(200 if ready else 503, {"ready": ready, "services": services})


def _json(status: int, content: object) -> tuple[int, str, bytes]:
    return status, "application/json", json.dumps(content, ensure_ascii=False).encode() + b"\n"


def _metrics(stack: Stack) -> tuple[int, str, bytes]:
    texts = {name: service.ask("/metrics") or "" for name, service in stack.services.items()}
    return 200, CONTENT_TYPE_LATEST, generate_latest(_Joined(texts))


class _Joined:
    """Several processes' metrics as one registry: families of one name together, each sample labelled."""

    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = texts

    def collect(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for service, text in self._texts.items():
            for family in text_string_to_metric_families(text):
                joined = families.setdefault(
                    family.name, Metric(family.name, family.documentation, family.type)
                )
                for sample in family.samples:
                    joined.samples.append(sample._replace(labels={"service": service, **sample.labels}))
        return families.values()
