#!/usr/bin/env python3
"""Apache Kafka on this machine without Docker: one KRaft node on 127.0.0.1, from Maven Central's jars.

    kafka_local.py start DIR [--port 9092]    start in the background, wait until it answers, print its address
    kafka_local.py stop DIR                   stop it and wait
    kafka_local.py run DIR [--port 9092]      the same in the foreground, until SIGTERM or Ctrl-C
    kafka_local.py fetch                      only download (the others do it by themselves, once)

DIR holds the data, settings, log and process id; it may be removed after `stop`. Port 0 takes a free one.
The jars (44 MB) and a class archive that makes Java start in half the time go to ~/.cache/yinuo/kafka-local, or to
the folder that KAFKA_LOCAL_CACHE names. Needs Java 17 or newer (JAVA_HOME or PATH) and, for the download, Maven.
Exit codes: 0 done, 1 it failed, 2 bad use, 3 Java, Maven or the network is missing; always with one line on stderr.
For development and tests: no authentication, no encryption, one copy of everything. Standard library only.

With --secure SECRETS, `start` and `run` want SASL/SCRAM-SHA-512 over TLS and allow nothing that no ACL grants
(deploy/security/kafka_access.py makes users and ACLs). SECRETS holds ca.pem, broker.pem (certificate and PKCS#8 key,
for 127.0.0.1, server and client use, its name CN=broker) and the file `admin` with the password of the user admin.
"""

# ruff: noqa: T201, S603, S606 (a command-line script; every command is an argument list, no shell)
from __future__ import annotations

import argparse
import contextlib
import fcntl
import functools
import hashlib
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOST = "127.0.0.1"
OLDEST_JAVA = 17
READY_WITHIN_S = 60.0
STOPPED_WITHIN_S = 30.0
JAVA_OPTIONS = (
    "-Xms64m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Xshare:auto",
    "-Xlog:disable",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)
SETTINGS = """\
# Written by kafka_local.py at each start.
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers={host}:{controller_port}
log.dirs={folder}/data
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
broker.heartbeat.interval.ms=1000
broker.session.timeout.ms=3000
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
log.cleaner.dedupe.buffer.size=16777216
"""
# A later line wins over an earlier one. The controller knows its own node by the certificate: SCRAM users are kept in
# the very log that it has to read first.
SECURE_SETTINGS = """\
listeners=SASL_SSL://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=SASL_SSL://{host}:{port}
listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:SSL
inter.broker.listener.name=SASL_SSL
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule \
required username="admin" password="{password}";
ssl.keystore.type=PEM
ssl.keystore.location={secrets}/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={secrets}/ca.pem
ssl.principal.mapping.rules=RULE:^.*CN=broker(,.*)?$/node-broker/,DEFAULT
listener.name.controller.ssl.client.auth=required
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:admin;User:node-broker
"""


class Failed(Exception):
    """It did not work; the exit code says whose fault it is."""

    def __init__(self, message: str, code: int = 1) -> None:
        """`message`: one line for the user."""
        super().__init__(message)
        self.code = code


def main() -> int:
    """Do what the arguments say."""
    arguments = _arguments()
    try:
        if arguments.command == "fetch":
            print(fetched())
        elif arguments.command == "run":
            run(arguments.folder.resolve(), arguments.port, arguments.secure)
        elif arguments.command == "start":
            print(start(arguments.folder.resolve(), arguments.port, arguments.secure))
        else:
            stop(arguments.folder.resolve())
    except Failed as failure:
        print(f"kafka_local: {failure}", file=sys.stderr)
        return failure.code
    except KeyboardInterrupt:
        return 130
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="start|stop|run|fetch")
    commands.add_parser("fetch")
    for name in ("start", "run", "stop"):
        command = commands.add_parser(name)
        command.add_argument("folder", type=Path, metavar="DIR")
        if name != "stop":
            command.add_argument("--port", type=int, default=9092)
            command.add_argument("--secure", type=lambda name: Path(name).resolve(), metavar="SECRETS")
    return parser.parse_args()


# --- what is downloaded once


def fetched() -> Path:
    """The folder with the jars and the class archive, downloaded and made when they are not there."""
    java = java_found()
    pom = (HERE / "pom.xml").read_bytes()
    folder = cache() / f"jars-{hashlib.sha256(pom).hexdigest()[:12]}"
    with _alone(cache()):
        if not folder.exists():
            _download(folder)
        archive = _archive(folder, java)
        if not archive.exists():
            _train(folder, java, archive)
    return folder


def cache() -> Path:
    """Where downloads are kept, made when it is not there."""
    if chosen := os.environ.get("KAFKA_LOCAL_CACHE"):
        folder = Path(chosen).expanduser().resolve()
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Caches" / "yinuo" / "kafka-local"
    else:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "yinuo" / "kafka-local"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failed(
            f"cannot write to {folder} ({error.strerror}): set KAFKA_LOCAL_CACHE to another folder"
        ) from None
    return folder


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time downloads; the others wait and find it done."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@functools.cache
def java_found() -> Path:
    """The `java` to use. Failed (3) when there is none, or only one that is too old."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")
    wanted = f"Java {OLDEST_JAVA} or newer: apt-get install openjdk-17-jre-headless, or brew install openjdk"
    if found is None:
        raise Failed(f"Apache Kafka needs {wanted}", code=3)
    version = _java_version(Path(found))
    major = re.match(r"(?:1\.)?(\d+)", version)
    if major is None or int(major[1]) < OLDEST_JAVA:
        raise Failed(f"{found} is Java {version}; Apache Kafka needs {wanted}", code=3)
    return Path(found)


@functools.cache
def _java_version(java: Path) -> str:
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d[^"]*)"', said)
    if version is None:
        # macOS brings a `java` that only says that there is none.
        raise Failed(f"{java} does not run; Apache Kafka needs Java {OLDEST_JAVA} or newer", code=3)
    return version[1]


def _download(folder: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise Failed(
            "downloading Apache Kafka needs Maven: apt-get install maven, or brew install maven", code=3
        )
    print("kafka_local: downloading Apache Kafka (44 MB), once …", file=sys.stderr)
    making = Path(tempfile.mkdtemp(prefix="making-", dir=folder.parent))
    try:
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={making}"]
        command = [
            maven,
            "--batch-mode",
            "--quiet",
            "--strict-checksums",
            "--file",
            str(HERE / "pom.xml"),
            *goal,
        ]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        if ended.returncode != 0:
            raise Failed(f"Maven could not download Apache Kafka: {_first_error(ended.stdout)}", code=3)
        making.chmod(0o755)
        making.rename(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _first_error(output: str) -> str:
    lines = [line.partition("[ERROR]")[2].strip() for line in output.splitlines() if "[ERROR]" in line]
    return next((line for line in lines if line), "it did not say why")


def _archive(folder: Path, java: Path) -> Path:
    """The class archive: only the very Java that wrote it can read it."""
    version = re.sub(r"[^\w.+-]", "_", _java_version(java))
    return folder / f"classes-{version}.jsa"


def _train(folder: Path, java: Path, archive: Path) -> None:
    """Run a node once to record which classes it loads. Without the archive all works too, only slower."""
    making = archive.with_suffix(f".{os.getpid()}")
    with tempfile.TemporaryDirectory(prefix="kafka-local-") as name:
        node = Path(name)
        port = _prepared(node, 0, folder, java)
        log = node / "log"
        with log.open("wb") as output:
            command = _command(folder, java, node, [f"-XX:ArchiveClassesAtExit={making}"])
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            _wait_until_it_answers(process, port, log)
            process.terminate()
            process.wait(STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            return
        finally:
            process.kill()
            process.wait()
    if making.exists():
        making.rename(archive)


# --- one node


def run(folder: Path, port: int, secrets: Path | None = None) -> None:
    """Become the node; its address is the first line on stdout, before it answers there. Never returns."""
    jars, java = fetched(), java_found()
    _check_stopped(folder)
    port = _prepared(folder, port, jars, java, secrets)
    (folder / "pid").write_text(f"{os.getpid()}\n")
    print(f"{HOST}:{port}", flush=True)
    command = _command(jars, java, folder, _archive_option(jars, java))
    os.execv(command[0], command)


def start(folder: Path, port: int, secrets: Path | None = None) -> str:
    """Start the node in the background; its address, once it answers."""
    jars, java = fetched(), java_found()
    _check_stopped(folder)
    port = _prepared(folder, port, jars, java, secrets)
    log = folder / "log"
    with log.open("wb") as output:
        command = _command(jars, java, folder, _archive_option(jars, java))
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    (folder / "pid").write_text(f"{process.pid}\n")
    try:
        _wait_until_it_answers(process, port, log, secrets)
    except BaseException:
        process.kill()
        process.wait()
        (folder / "pid").unlink()
        raise
    return f"{HOST}:{port}"


def stop(folder: Path) -> None:
    """Stop the node of the folder and wait; Failed when none runs there."""
    pid = _running(folder)
    if pid is None:
        raise Failed(f"no Kafka runs on {folder}")
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOPPED_WITHIN_S
    while _running(folder) is not None:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    (folder / "pid").unlink(missing_ok=True)


def _prepared(folder: Path, port: int, jars: Path, java: Path, secrets: Path | None = None) -> int:
    """Write the settings, format the folder at its first use; the port, a free one for 0."""
    if not str(folder).isascii() or "," in str(folder):
        raise Failed(
            f"{folder}: Kafka's settings take no path with commas or other letters than ASCII", code=2
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "tmp").mkdir(exist_ok=True)
        (folder / "data").mkdir(exist_ok=True)
    except OSError as error:
        raise Failed(f"cannot write to {folder}: {error.strerror}") from None
    port, controller_port = _ports(port)
    settings = folder / "server.properties"
    places = {"host": HOST, "port": port, "controller_port": controller_port}
    text = SETTINGS.format(folder=folder, **places)
    users = []
    if secrets is not None:
        password = _secret(secrets)
        text += SECURE_SETTINGS.format(secrets=secrets, password=password, **places)
        users = ["--add-scram", f"SCRAM-SHA-512=[name=admin,password={password}]"]
    settings.unlink(missing_ok=True)
    settings.touch(mode=0o600)
    settings.write_text(text)
    if not (folder / "data" / "meta.properties").exists():
        _format(folder, settings, jars, java, users)
    return port


def _secret(secrets: Path) -> str:
    """The admin's password; Failed when something is missing or the password would break the settings' form."""
    missing = [name for name in ("ca.pem", "broker.pem", "admin") if not (secrets / name).is_file()]
    if missing:
        raise Failed(f"{secrets} lacks {', '.join(missing)}", code=2)
    password = (secrets / "admin").read_text().strip()
    if not re.fullmatch(r"[A-Za-z0-9_-]{12,}", password):
        raise Failed(
            f"{secrets / 'admin'}: a password of 12 or more letters, digits, _ and - is needed", code=2
        )
    return password


def _ports(wanted: int) -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            first.bind((HOST, wanted))
        except OSError as error:
            raise Failed(f"{HOST}:{wanted} is taken ({error.strerror}): choose another with --port") from None
        second.bind((HOST, 0))
        return first.getsockname()[1], second.getsockname()[1]


def _format(folder: Path, settings: Path, jars: Path, java: Path, users: list[str]) -> None:
    command = _command(jars, java, folder, _archive_option(jars, java), "kafka.tools.StorageTool")[:-1]
    ended = subprocess.run(
        [*command, "format", "--standalone", "-t", _random_uuid(), "-c", str(settings), *users],
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode != 0:
        said = (ended.stderr or ended.stdout).strip().splitlines() or ["it did not say why"]
        raise Failed(f"cannot format {folder}: {said[-1]}")


def _random_uuid() -> str:
    """A cluster id as Kafka writes it: 16 random bytes, URL-safe base64 without padding, no leading dash."""
    import base64

    while (text := base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("=")).startswith("-"):
        pass
    return text


def _archive_option(jars: Path, java: Path) -> list[str]:
    archive = _archive(jars, java)
    return [f"-XX:SharedArchiveFile={archive}"] if archive.exists() else []


def _command(
    jars: Path, java: Path, folder: Path, options: list[str], main_class: str = "kafka.Kafka"
) -> list[str]:
    # The archive is refused when the class path differs in wording or order from the one it was made with.
    class_path = os.pathsep.join(str(jar) for jar in sorted(jars.glob("*.jar")))
    temporary = f"-Djava.io.tmpdir={folder / 'tmp'}"
    settings = str(folder / "server.properties")
    return [str(java), *JAVA_OPTIONS, temporary, *options, "-cp", class_path, main_class, settings]


def _wait_until_it_answers(
    process: subprocess.Popen[bytes], port: int, log: Path, secrets: Path | None = None
) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while not _answers(port, secrets):
        if process.poll() is not None:
            raise Failed(f"Kafka ended at once: {_last_line(log)}; more in {log}")
        if time.monotonic() > deadline:
            raise Failed(f"Kafka does not answer on {HOST}:{port} after {READY_WITHIN_S:.0f} s; see {log}")
        time.sleep(0.05)


def _answers(port: int, secrets: Path | None) -> bool:
    """True when the broker answers an ApiVersions request (it listens a little earlier than that)."""
    request = b"\x00\x12\x00\x00\x00\x00\x00\x01\xff\xff"
    try:
        with (
            socket.create_connection((HOST, port), timeout=1) as plain,
            _secured(plain, secrets) as connection,
        ):
            connection.sendall(len(request).to_bytes(4, "big") + request)
            return len(connection.recv(10)) == 10
    except OSError:
        return False


def _secured(connection: socket.socket, secrets: Path | None) -> socket.socket:
    if secrets is None:
        return connection
    context = ssl.create_default_context(cafile=secrets / "ca.pem")
    return context.wrap_socket(connection, server_hostname=HOST)


def _check_stopped(folder: Path) -> None:
    if (pid := _running(folder)) is not None:
        raise Failed(f"a Kafka (process {pid}) already runs on {folder}: kafka_local.py stop {folder}")


def _running(folder: Path) -> int | None:
    """The process id of the node of this folder, if it lives (ids are used again: its command line must fit)."""
    try:
        pid = int((folder / "pid").read_text())
    except (OSError, ValueError):
        return None
    ps = ["ps", "-ww", "-o", "stat=,args=", "-p", str(pid)]
    try:
        shown = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        shown = (
            "" if Path("/proc/self").exists() else subprocess.run(ps, capture_output=True, text=True).stdout
        )
    return pid if str(folder / "server.properties") in shown else None


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it did not say why"


if __name__ == "__main__":
    sys.exit(main())
