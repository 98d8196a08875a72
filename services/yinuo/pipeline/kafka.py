"""Everything yinuo knows about brokers: names, limits, connections, and what each client must be told.

No other module names a broker's setting. Not for what is in the messages. Law: `TOPICS` says the same as the topic
files of the contract.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    AuthenticationFailedError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    MessageSizeTooLargeError,
    NodeNotReadyError,
    RecordListTooLargeError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
    for_code,
)

from yinuo.errors import Misuse, Unavailable
from yinuo.pipeline.messages import DEAD, EXTRACTED, RAW
from yinuo.runtime.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

EXTRACTOR_GROUP = "yinuo-extractor"
WRITER_GROUP = "yinuo-writer"
EMBEDDED_CLUSTER = "yinuo-embedded-"
"""How the embedded broker's cluster ids begin."""

_DAY_MS = 24 * 60 * 60 * 1000
_MIB = 1024 * 1024
LARGEST_MESSAGE = 64 * _MIB


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """What a topic is made with. Days; bytes as the broker counts them, compressed."""

    retention_days: int
    max_message_bytes: int


TOPICS: Mapping[str, TopicSpec] = {
    RAW: TopicSpec(retention_days=7, max_message_bytes=8 * _MIB),
    EXTRACTED: TopicSpec(retention_days=7, max_message_bytes=LARGEST_MESSAGE),
    DEAD: TopicSpec(retention_days=30, max_message_bytes=LARGEST_MESSAGE),
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """The cluster that the settings lead to: its id, and whether it is the embedded broker."""

    cluster_id: str

    @property
    def embedded(self) -> bool:
        """True for the broker inside `yinuo up`, which wants shorter sessions."""
        return self.cluster_id.startswith(EMBEDDED_CLUSTER)

    @property
    def session_seconds(self) -> float:
        """How long a silent group member keeps its partitions."""
        # The embedded broker lets a joining member wait for half of it; Apache Kafka refuses less than 6 s.
        return 2.0 if self.embedded else 10.0

    @property
    def heartbeat_seconds(self) -> float:
        """How often a group member says that it lives."""
        return self.session_seconds / 4


class TooLarge(Exception):
    """The broker or the client refuses a message for its size, whatever one does to the surroundings."""


def topic_name(settings: Settings, topic: str) -> str:
    """The topic's name in this deployment: the prefix goes literally before it."""
    return settings.topic_prefix + topic


def group_name(settings: Settings, group: str) -> str:
    """The consumer group's name in this deployment."""
    return settings.topic_prefix + group


def servers(settings: Settings) -> list[str]:
    """host:port of the brokers to begin with; Misuse when none are set."""
    if settings.kafka_url is None:
        raise Misuse("no broker is set: set YINUO_KAFKA_URL to host:port, or start one with `yinuo up`")
    return settings.kafka_url.split(",")


def client_options(settings: Settings) -> dict[str, Any]:
    """What every aiokafka client is given: where the brokers are and how to talk to them."""
    options: dict[str, Any] = {
        "bootstrap_servers": servers(settings),
        "client_id": "yinuo",
        "security_protocol": settings.kafka_security_protocol,
    }
    if "SSL" in settings.kafka_security_protocol:
        options["ssl_context"] = tls_context(settings)
    if "SASL" in settings.kafka_security_protocol:
        username, password, mechanism = sasl_credentials(settings)
        options |= {
            "sasl_mechanism": mechanism,
            "sasl_plain_username": username,
            "sasl_plain_password": password,
        }
    return options


def tls_context(settings: Settings) -> ssl.SSLContext:
    """TLS as the settings want it: the system's authorities, or the one that is named."""
    try:
        return ssl.create_default_context(cafile=settings.kafka_ssl_cafile)
    except (OSError, ssl.SSLError) as error:
        raise Misuse(f"YINUO_KAFKA_SSL_CAFILE {settings.kafka_ssl_cafile}: no PEM file: {error}") from None


def sasl_credentials(settings: Settings) -> tuple[str, str, str]:
    """User, password, mechanism; Misuse names the setting that is missing."""
    username, password = settings.kafka_sasl_username, settings.kafka_sasl_password
    if not username or password is None:
        missing = "PASSWORD" if username else "USERNAME"
        raise Misuse(
            f"YINUO_KAFKA_SECURITY_PROTOCOL {settings.kafka_security_protocol} needs YINUO_KAFKA_SASL_{missing}"
        )
    return username, password.get_secret_value(), settings.kafka_sasl_mechanism or "PLAIN"


def producer(settings: Settings) -> AIOKafkaProducer:
    """A producer that is not started yet: everything acknowledged by all replicas, batches of 5 ms, gzip."""
    # No idempotent producer: the embedded broker has none, and who reads these topics drops repeats anyway.
    return AIOKafkaProducer(
        **client_options(settings),
        acks="all",
        linger_ms=5,
        max_batch_size=256 * 1024,
        max_request_size=LARGEST_MESSAGE,
        compression_type="gzip",
        request_timeout_ms=20_000,
    )


def consumer(settings: Settings, cluster: Cluster, group: str) -> AIOKafkaConsumer:
    """A consumer of the group, not started yet: offsets are committed by hand, a new group begins at the start."""
    return AIOKafkaConsumer(
        **client_options(settings),
        group_id=group_name(settings, group),
        group_instance_id=settings.kafka_group_instance_id,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=int(cluster.session_seconds * 1000),
        heartbeat_interval_ms=int(cluster.heartbeat_seconds * 1000),
        max_poll_interval_ms=24 * 60 * 60 * 1000,
        fetch_max_bytes=16 * _MIB,
        max_partition_fetch_bytes=4 * _MIB,
        metadata_max_age_ms=30_000,
    )


def faust_options(settings: Settings, cluster: Cluster) -> dict[str, Any]:
    """What a Faust app is given to read the raw topic; it makes no topic, no table and no web server."""
    return {
        "broker": [f"kafka://{server}" for server in servers(settings)],
        "broker_client_id": "yinuo",
        **_faust_security(settings),
        "broker_session_timeout": cluster.session_seconds,
        "broker_heartbeat_interval": cluster.heartbeat_seconds,
        "broker_max_poll_interval": 24 * 60 * 60.0,
        "broker_commit_interval": 0.3,
        "consumer_group_instance_id": settings.kafka_group_instance_id,
        "consumer_auto_offset_reset": "earliest",
        "consumer_max_fetch_size": 4 * _MIB,
        "consumer_metadata_max_age_ms": 30_000,
        # Faust buffers by count: sixteen of the largest messages are what one worker may hold before its agent.
        "stream_buffer_maxsize": 16,
        # What is held back on purpose must hold up neither a rebalance nor the end.
        "stream_wait_empty": False,
        # Faust takes a quiet partition for a hanging one and says so several times a second; readiness is ours.
        "stream_processing_timeout": 1e9,
        "broker_commit_livelock_soft_timeout": 1e9,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "store": "memory://",
        "web_enabled": False,
    }


def _faust_security(settings: Settings) -> dict[str, Any]:
    import faust

    if settings.kafka_security_protocol == "PLAINTEXT":
        return {}
    context = tls_context(settings) if "SSL" in settings.kafka_security_protocol else None
    if "SASL" not in settings.kafka_security_protocol:
        return {"broker_credentials": faust.SSLCredentials(context=context)}
    username, password, mechanism = sasl_credentials(settings)
    return {
        "broker_credentials": faust.SASLCredentials(
            username=username, password=password, mechanism=mechanism, ssl_context=context
        )
    }


@asynccontextmanager
async def admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """A connection for questions about the cluster; Unavailable when no broker answers."""
    client = AIOKafkaAdminClient(**client_options(settings), request_timeout_ms=10_000)
    try:
        with kafka_faults(settings):
            await client.start()
            yield client
    finally:
        await client.close()


async def find_cluster(settings: Settings) -> Cluster:
    """The cluster behind the settings; Unavailable when no broker answers."""
    async with admin(settings) as client:
        return await describe(client)


async def describe(client: AIOKafkaAdminClient) -> Cluster:
    """The cluster that this connection talks to at this moment."""
    return Cluster((await client.describe_cluster())["cluster_id"])


async def ensure_topics(settings: Settings, topics: Sequence[str] = tuple(TOPICS)) -> list[str]:
    """Make the topics that are missing and say which; Unavailable when they may not be made."""
    async with admin(settings) as client:
        there = set(await client.list_topics())
        missing = [topic for topic in topics if topic_name(settings, topic) not in there]
        if not missing:
            return []
        if not settings.kafka_create_topics:
            names = ", ".join(topic_name(settings, topic) for topic in missing)
            raise Unavailable(f"topics are missing ({names}): make them, or set YINUO_KAFKA_CREATE_TOPICS=1")
        answer = await client.create_topics([_new_topic(settings, topic) for topic in missing])
    return [name for name, code, message in answer.topic_errors if _was_made(name, code, message)]


def _new_topic(settings: Settings, topic: str) -> NewTopic:
    spec = TOPICS[topic]
    largest = spec.max_message_bytes
    if topic == RAW:
        largest = max(largest, settings.max_message_bytes)
    new = NewTopic(
        topic_name(settings, topic),
        settings.kafka_partitions,
        1,
        topic_configs={
            "retention.ms": str(spec.retention_days * _DAY_MS),
            "max.message.bytes": str(largest),
        },
    )
    # -1, the broker's own default, is what the protocol takes and the constructor does not.
    new.replication_factor = -1
    return new


def _was_made(name: str, code: int, message: str | None) -> bool:
    if code == TopicAlreadyExistsError.errno:
        return False
    if code:
        reason = message or for_code(code).__name__
        raise Unavailable(f"the topic {name} cannot be made ({reason}): make it, or let this user do it")
    return True


@contextmanager
def kafka_faults(settings: Settings) -> Iterator[None]:
    """Turns what the client library raises for a fault of the surroundings into Unavailable, with one line.

    A bare KafkaError is the library's word for a broken client and stays what it is: a bug that stops the service.
    """
    try:
        yield
    except _TOO_LARGE as error:
        raise TooLarge(str(error)) from error
    except KafkaError as error:
        if type(error) is KafkaError:
            raise
        raise Unavailable(_fault_line(error, settings)) from error
    except TimeoutError as error:
        raise Unavailable(f"Kafka at {settings.kafka_url} does not answer in time") from error


_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)


def _fault_line(error: KafkaError, settings: Settings) -> str:
    where = f"Kafka at {settings.kafka_url}"
    user = settings.kafka_sasl_username or "this client"
    match error:
        case TopicAuthorizationFailedError():
            return f"{where} does not let {user} use the topic: grant READ or WRITE on it ({error})"
        case GroupAuthorizationFailedError():
            return f"{where} does not let {user} use the group: grant READ on it ({error})"
        case UnknownTopicOrPartitionError():
            return f"{where} does not know the topic: make it ({error})"
        case KafkaConnectionError() | AuthenticationFailedError() | NodeNotReadyError():
            # The library's own words hold its objects' names and nothing that mends it.
            return (
                f"{where} cannot be reached, or refuses our user or certificate: is it running? "
                "YINUO_KAFKA_URL says where it is looked for"
            )
    return f"{where} cannot do it now ({type(error).__name__}: {error})"
