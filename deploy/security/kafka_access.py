#!/usr/bin/env python3
"""Kafka users and ACLs for yinuo, each with the rights it needs and no other. Run it again after every change.

    kafka_access.py --bootstrap HOST:PORT --ca ca.pem --passwords DIR [--prefix P] [--admin NAME]

DIR holds one file a user, its password in it and nothing else; the admin's must be there, the others are made (48
random characters, readable by you alone). Users: yinuo-extractor, yinuo-writer, yinuo-sender (may only send articles)
and yinuo-operator (sends dead letters again). Topics that are missing are made too, since services with these rights
cannot: set YINUO_KAFKA_CREATE_TOPICS=0 for them. The brokers need an authorizer that denies what no ACL allows.
Needs yinuo and `pip install confluent-kafka`. Exit codes: 0 done, 1 the cluster refuses, 2 bad use.
"""

# ruff: noqa: T201 (a command-line script)
from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from yinuo.pipeline.kafka import EXTRACTOR_GROUP, TOPICS, WRITER_GROUP
from yinuo.pipeline.messages import DEAD, EXTRACTED, RAW

READ, WRITE, DESCRIBE = AclOperation.READ, AclOperation.WRITE, AclOperation.DESCRIBE
# Every service looks whether all topics are there before it starts.
SEE_TOPICS = [(topic, DESCRIBE) for topic in TOPICS]
TOPIC_RIGHTS = {
    "yinuo-extractor": [*SEE_TOPICS, (RAW, READ), (EXTRACTED, WRITE), (DEAD, WRITE)],
    "yinuo-writer": [*SEE_TOPICS, (EXTRACTED, READ), (DEAD, READ), (DEAD, WRITE)],
    "yinuo-sender": [(RAW, WRITE)],
    "yinuo-operator": [(RAW, WRITE), (EXTRACTED, WRITE)],
}
GROUP_RIGHTS = {"yinuo-extractor": EXTRACTOR_GROUP, "yinuo-writer": WRITER_GROUP}
ITERATIONS = 8192
SECONDS = 30.0


def main() -> int:
    """Do what the arguments say."""
    arguments = _arguments()
    try:
        client = _client(arguments)
        if missing := _missing_topics(client, arguments):
            _wait(client.create_topics(missing))
        _wait(client.alter_user_scram_credentials(list(_users(arguments.passwords))))
        _wait(client.create_acls(list(_acls(arguments.prefix))))
    except KafkaException as error:
        print(f"kafka_access: the cluster refuses: {error.args[0].str()}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"kafka_access: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    for user in TOPIC_RIGHTS:
        print(f"{user}: password in {arguments.passwords / user}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bootstrap", required=True, metavar="HOST:PORT")
    parser.add_argument("--ca", required=True, type=Path, metavar="FILE")
    parser.add_argument("--passwords", required=True, type=Path, metavar="DIR")
    parser.add_argument("--prefix", default="", help="what YINUO_TOPIC_PREFIX is")
    parser.add_argument("--admin", default="admin", metavar="NAME")
    parser.add_argument("--partitions", type=int, default=4)
    return parser.parse_args()


def _client(arguments: argparse.Namespace) -> AdminClient:
    return AdminClient(
        {
            "bootstrap.servers": arguments.bootstrap,
            "security.protocol": "SASL_SSL",
            "ssl.ca.location": str(arguments.ca),
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": arguments.admin,
            "sasl.password": (arguments.passwords / arguments.admin).read_text().strip(),
            "log_level": 2,
        }
    )


def _missing_topics(client: AdminClient, arguments: argparse.Namespace) -> list[NewTopic]:
    there = client.list_topics(timeout=SECONDS).topics
    return [
        NewTopic(
            arguments.prefix + topic,
            num_partitions=arguments.partitions,
            config={
                "retention.ms": str(spec.retention_days * 24 * 60 * 60 * 1000),
                "max.message.bytes": str(spec.max_message_bytes),
            },
        )
        for topic, spec in TOPICS.items()
        if arguments.prefix + topic not in there
    ]


def _users(folder: Path) -> Iterator[UserScramCredentialUpsertion]:
    for user in TOPIC_RIGHTS:
        file = folder / user
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(36) + "\n")
        yield UserScramCredentialUpsertion(
            user,
            ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS),
            file.read_text().strip().encode(),
        )


def _acls(prefix: str) -> Iterator[AclBinding]:
    for user, rights in TOPIC_RIGHTS.items():
        for topic, operation in rights:
            yield _allowed(user, ResourceType.TOPIC, prefix + topic, operation)
    for user, group in GROUP_RIGHTS.items():
        yield _allowed(user, ResourceType.GROUP, prefix + group, READ)


def _allowed(user: str, kind: ResourceType, name: str, operation: AclOperation) -> AclBinding:
    return AclBinding(
        kind, name, ResourcePatternType.LITERAL, f"User:{user}", "*", operation, AclPermissionType.ALLOW
    )


def _wait(futures: dict[Any, Any]) -> None:
    for future in futures.values():
        future.result(SECONDS)


if __name__ == "__main__":
    sys.exit(main())
