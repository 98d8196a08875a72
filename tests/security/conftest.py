"""An Apache Kafka that wants SCRAM over TLS and denies what no ACL allows, and a PostgreSQL 15 that wants TLS.

Certificates are made here, for 127.0.0.1 alone; users and rights by the scripts of `deploy/security`.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

import servers
from yinuo.runtime.embedded_postgres import EmbeddedPostgres
from yinuo.runtime.identity import Identity, is_root
from yinuo.runtime.processes import GuardedProcess, Program, Rung, last_lines, wait_until
from yinuo.runtime.settings import Settings, default_settings

SCRIPTS = Path(__file__).parents[2] / "deploy" / "security"
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Authority:
    """A folder with ca.pem, broker.pem, server.key and server.pem; `stranger`: another authority's certificate."""

    folder: Path

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def stranger(self) -> Path:
        return self.folder / "stranger.pem"


@pytest.fixture(scope="session")
def authority(server_folder: Path) -> Authority:
    folder = server_folder / "secrets"
    folder.mkdir(mode=0o700)
    ca = trustme.CA()
    ca.cert_pem.write_to_path(folder / "ca.pem")
    trustme.CA().cert_pem.write_to_path(folder / "stranger.pem")
    issued = ca.issue_cert(HOST, common_name="broker")
    key = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain = b"".join(part.bytes() for part in issued.cert_chain_pems)
    for name, content in (
        ("broker.pem", key + chain), ("server.key", key), ("server.pem", chain),
        ("admin", secrets.token_urlsafe(24).encode()),
    ):  # fmt: skip
        (folder / name).touch(mode=0o600)
        (folder / name).write_bytes(content)
    return Authority(folder)


def script(name: str, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A script of deploy/security, run."""
    return subprocess.run(
        [sys.executable, SCRIPTS / name, *arguments],
        capture_output=True, text=True, timeout=120, env={**os.environ, **environment},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SecureKafka:
    """The broker, its topics' prefix, and the passwords of its users."""

    port: int
    prefix: str
    authority: Authority

    @property
    def bootstrap(self) -> str:
        return f"{HOST}:{self.port}"

    def password(self, user: str) -> str:
        return (self.authority.folder / user).read_text().strip()

    def settings(self, user: str, **changes: Any) -> Settings:
        """What a service of this user is given."""
        whole = {
            "kafka_url": self.bootstrap, "kafka_security_protocol": "SASL_SSL",
            "kafka_sasl_mechanism": "SCRAM-SHA-512", "kafka_sasl_username": user,
            "kafka_sasl_password": _secret(self.password(user)), "kafka_ssl_cafile": self.authority.ca,
            "kafka_create_topics": False, "topic_prefix": self.prefix,
        }  # fmt: skip
        return default_settings(**(whole | changes))


def _secret(text: str) -> Any:
    from pydantic import SecretStr

    return SecretStr(text)


@pytest.fixture(scope="session")
def secure_kafka(server_folder: Path, authority: Authority) -> Iterator[SecureKafka]:
    servers.require_apache_kafka()
    folder = server_folder / "secure-kafka"
    folder.mkdir()
    log = folder / "log"
    program = Program(
        argv=[
            sys.executable, servers.KAFKA_LOCAL, "run", folder, "--port", "0", "--secure", authority.folder,
        ],
        env=os.environ, cwd=folder, stop=(Rung(signal.SIGTERM, 15.0),), orphan=(), log=log,
    )  # fmt: skip
    with GuardedProcess(program) as process:
        assert wait_until(lambda: servers._address_in(log) is not None, process, seconds=60), last_lines(
            log, 3
        )
        port = int((servers._address_in(log) or "").rpartition(":")[2])
        assert wait_until(lambda: _speaks_tls(port, authority), process, seconds=60), last_lines(log, 3)
        prefix = f"s{uuid.uuid4().hex[:8]}."
        arguments = ("--bootstrap", f"{HOST}:{port}", "--ca", authority.ca, "--passwords", authority.folder)
        for _ in range(2):  # the second run changes nothing
            made = script("kafka_access.py", *arguments, "--prefix", prefix)
            assert made.returncode == 0, made.stderr
        yield SecureKafka(port, prefix, authority)


def _speaks_tls(port: int, authority: Authority) -> bool:
    context = ssl.create_default_context(cafile=authority.ca)
    try:
        with socket.create_connection((HOST, port), 1) as plain:
            context.wrap_socket(plain, server_hostname=HOST).close()
        return True
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class SecurePostgres:
    """The server, and how logins reach it."""

    port: int
    authority: Authority
    owner_password: str

    def dsn(self, user: str, *, host: str = HOST, mode: str = "verify-full", ca: Path | None = None) -> str:
        password = (
            self.owner_password if user == "yinuo" else (self.authority.folder / user).read_text().strip()
        )
        return (
            f"postgresql://{user}:{password}@{host}:{self.port}/yinuo?sslmode={mode}"
            f"&sslrootcert={ca or self.authority.ca}"
        )


@pytest.fixture(scope="session")
def secure_postgres(server_folder: Path, authority: Authority) -> Iterator[SecurePostgres]:
    directory = server_folder / "secure15"
    binaries = servers.postgres_binaries("debian15")
    assert binaries is not None
    with EmbeddedPostgres(directory, binaries=binaries, durable=False) as made:
        password = made._password
    data = directory / "data"
    owner = data.stat()
    for name, content in (
        ("tls.key", (authority.folder / "server.key").read_bytes()),
        ("tls.pem", (authority.folder / "server.pem").read_bytes()),
        ("tls_hba.conf", f"hostssl all all {HOST}/32 scram-sha-256\n".encode()),
    ):
        (data / name).touch(mode=0o600)
        (data / name).write_bytes(content)
        os.chown(data / name, owner.st_uid, owner.st_gid)
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    options = {
        "listen_addresses": HOST, "port": str(port), "ssl": "on", "ssl_cert_file": "tls.pem",
        "ssl_key_file": "tls.key", "hba_file": str(data / "tls_hba.conf"), "unix_socket_directories": "", "fsync": "off",
        "log_statement": "all",
    }  # fmt: skip
    log = directory / "tls.log"
    program = Program(
        argv=[
            binaries / "postgres", "-D", data, *(part for o in options.items() for part in ("-c", "=".join(o))),
        ],
        env={"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]}, cwd=Path("/"),
        stop=(Rung(signal.SIGINT, 15.0),), orphan=(Rung(signal.SIGQUIT, 5.0),), log=log,
        identity=Identity(owner.st_uid, owner.st_gid) if is_root() else None,
    )  # fmt: skip
    with GuardedProcess(program) as process:
        assert wait_until(
            lambda: "ready to accept" in log.read_text("utf-8", "replace"), process, seconds=30
        ), last_lines(log, 3)
        server = SecurePostgres(port, authority, password)
        servers.apart(lambda: servers._migrate(server.dsn("yinuo")))
        for _ in range(2):
            done = script(
                "postgres_logins.py", "--passwords", authority.folder, YINUO_DATABASE_URL=server.dsn("yinuo")
            )
            assert done.returncode == 0, done.stderr
        yield server


@pytest.fixture(scope="session")
def access_script() -> Callable[..., subprocess.CompletedProcess[str]]:
    return script


@pytest.fixture
def environment_of() -> Callable[[Settings], Mapping[str, str]]:
    from yinuo.runtime.settings import as_environment

    return as_environment
