"""compose.yaml: valid by the specification, loopback ports, no password, commands and settings that exist."""

from __future__ import annotations

import copy
import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic_core import PydanticUndefined

from deploy.dockerfile import stages
from yinuo.errors import Misuse
from yinuo.runtime.settings import Settings
from yinuo.web.safety import access_of
from yinuo_schemas.topic_files import load_topics

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text("utf-8"))
OURS = ("migrate", "extractor", "writer", "web")
SECRETS = {
    "YINUO_POSTGRES_PASSWORD": "abc123",
    "YINUO_PAGES_PASSWORD": "def456",
    "YINUO_WEB_TOKEN": "0123456789abcdef",
}


def specification() -> dict[str, Any]:
    """The compose specification's schema in check-jsonschema, found without importing its command."""
    found = importlib.util.find_spec("check_jsonschema")
    assert found is not None
    assert found.submodule_search_locations is not None
    folder = Path(found.submodule_search_locations[0]) / "builtin_schemas" / "vendor"
    schema: dict[str, Any] = json.loads((folder / "compose-spec.json").read_text("utf-8"))
    return schema


def substituted(text: str, given: dict[str, str]) -> str:
    """Compose's own substitution of `${NAME:-default}` and `${NAME:?message}`; KeyError for a missing one."""

    def value(match: re.Match[str]) -> str:
        name, operator, rest = match.groups()
        if name in given:
            return given[name]
        if operator == ":-":
            return str(rest)
        raise KeyError(name)

    return re.sub(r"\$\{([A-Z_]+)(?:(:-|:\?)([^}]*))?\}", value, text)


def environment(service: str) -> dict[str, str]:
    return {
        name: substituted(str(value), SECRETS)
        for name, value in COMPOSE["services"][service].get("environment", {}).items()
    }


def faults(compose: dict[str, Any]) -> list[str]:
    """One line for each rule of this project that the file breaks."""
    found = []
    for name, service in compose["services"].items():
        image = service["image"]
        if "latest" in image and not image.startswith("${YINUO_IMAGE"):
            found.append(f"{name}: not pinned")
        found += [
            f"{name}: {port} is not on loopback" for port in service.get("ports", []) if not _local(port)
        ]
        if "healthcheck" not in service and name not in OURS:
            found.append(f"{name}: no healthcheck")
        if service.get("privileged") or "no-new-privileges:true" not in service.get("security_opt", []):
            found.append(f"{name}: may gain privileges")
        for variable, value in service.get("environment", {}).items():
            if re.search("PASSWORD|TOKEN", variable) and not str(value).startswith("${"):
                found.append(f"{name}: {variable} has a password in it")
            if variable == "YINUO_DATABASE_URL" and name == "web" and "//yinuo_pages:" not in str(value):
                found.append(f"{name}: logs in with more rights than it needs")
            if "0.0.0.0" in str(value) or re.search(r"//:\d", str(value)):
                found.append(f"{name}: {variable} listens on all addresses")
            if re.search(r"(PASSWORD|TOKEN):-", str(value)) or re.search(r"//\w+:[^$@]+@", str(value)):
                found.append(f"{name}: {variable} has a default password")
    return found


def _local(port: object) -> bool:
    return isinstance(port, str) and port.startswith("127.0.0.1:")


def test_valid_by_the_compose_specification() -> None:
    jsonschema.Draft202012Validator(specification()).validate(COMPOSE)


def test_the_specification_refuses_a_misspelt_key() -> None:
    planted = copy.deepcopy(COMPOSE)
    planted["services"]["kafka"]["healtcheck"] = {}
    assert not jsonschema.Draft202012Validator(specification()).is_valid(planted)


def test_no_fault() -> None:
    assert faults(COMPOSE) == []


@pytest.mark.parametrize(
    ("service", "change", "fault"),
    [
        ("kafka", {"ports": ["9094:9094"]}, "kafka: 9094:9094 is not on loopback"),
        ("kafka", {"ports": ["0.0.0.0:9094:9094"]}, "is not on loopback"),
        ("kafka", {"image": "apache/kafka:latest"}, "kafka: not pinned"),
        ("kafka", {"environment": {"KAFKA_LISTENERS": "HOST://0.0.0.0:9094"}}, "listens on all addresses"),
        ("kafka", {"environment": {"KAFKA_LISTENERS": "HOST://:9094"}}, "listens on all addresses"),
        ("postgres", {"environment": {"POSTGRES_PASSWORD": "yinuo"}}, "has a password in it"),
        ("postgres", {"environment": {"POSTGRES_PASSWORD": "${X_PASSWORD:-yinuo}"}}, "a default password"),
        ("writer", {"environment": {"YINUO_DATABASE_URL": "postgresql://a:b@c/d"}}, "a default password"),
        ("web", {"ports": ["8470:8470"]}, "web: 8470:8470 is not on loopback"),
        ("web", {"environment": {"YINUO_WEB_BIND": "0.0.0.0:8470"}}, "listens on all addresses"),
        ("web", {"environment": {"YINUO_WEB_TOKEN": "yinuoyinuoyinuo1"}}, "has a password in it"),
        ("web", {"environment": {"YINUO_WEB_TOKEN": "${X_TOKEN:-yinuoyinuoyinuo1}"}}, "a default password"),
        ("web", {"environment": {"YINUO_DATABASE_URL": "postgresql://yinuo:${P:?}@p/y"}}, "more rights than"),
        ("logins", {"security_opt": []}, "may gain"),
        ("writer", {"security_opt": []}, "may gain privileges"),
    ],
)
def test_each_fault_is_found(service: str, change: dict[str, Any], fault: str) -> None:
    planted = copy.deepcopy(COMPOSE)
    planted["services"][service].update(change)
    assert any(fault in line for line in faults(planted))


def test_nothing_starts_without_a_password() -> None:
    with pytest.raises(KeyError):
        substituted(COMPOSE["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"], {})
    with pytest.raises(KeyError):
        substituted(COMPOSE["services"]["writer"]["environment"]["YINUO_DATABASE_URL"], {})
    for name in ("YINUO_DATABASE_URL", "YINUO_WEB_TOKEN"):
        with pytest.raises(KeyError):
            substituted(COMPOSE["services"]["web"]["environment"][name], {})


@pytest.mark.parametrize("service", OURS)
def test_the_environment_is_made_of_settings(service: str) -> None:
    """Every variable is a setting, and all of them together, with the image's own, are accepted."""
    given = environment(service) | image_environment()
    fields = {f"YINUO_{name.upper()}": name for name in Settings.model_fields}
    assert given.keys() <= fields.keys()
    settings = Settings.model_validate({fields[name]: value for name, value in given.items()})
    assert settings.health_bind == "127.0.0.1:8471"
    assert (settings.kafka_url is None) == (service == "migrate")
    assert (settings.database_url is None) == (service == "extractor")


def test_the_pages_want_the_token_where_others_reach_them() -> None:
    given = environment("web")
    settings = Settings.model_validate(
        {"web_bind": given["YINUO_WEB_BIND"], "web_token": given["YINUO_WEB_TOKEN"]}
    )
    assert not access_of(settings).loopback
    with pytest.raises(Misuse, match="YINUO_WEB_TOKEN"):
        access_of(Settings.model_validate({"web_bind": given["YINUO_WEB_BIND"]}))


def image_environment() -> dict[str, str]:
    text = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
    pairs = [
        pair for i in stages(text)[-1] if i.name == "ENV" for pair in re.findall(r"(\w+)=(\S+)", i.arguments)
    ]
    return {name: value for name, value in pairs if name.startswith("YINUO_")}


def test_the_broker_takes_the_largest_message() -> None:
    largest = max(topic.max_message_bytes for topic in load_topics().values())
    assert int(environment("kafka")["KAFKA_MESSAGE_MAX_BYTES"]) >= largest
    assert int(environment("kafka")["KAFKA_REPLICA_FETCH_MAX_BYTES"]) >= largest


def test_services_have_time_to_drain() -> None:
    for name in ("extractor", "writer", "web"):
        assert COMPOSE["services"][name]["stop_grace_period"] == "35s"


def test_the_variables_of_the_readme_are_those_of_the_file() -> None:
    text = (ROOT / "deploy" / "compose.yaml").read_text("utf-8")
    used = set(re.findall(r"\$\{([A-Z_]+)", text))
    told = set(
        re.findall(r"^\| `([A-Z_]+)`", (ROOT / "deploy" / "README.md").read_text("utf-8"), re.MULTILINE)
    )
    assert used == told


def test_settings_have_defaults_for_all_that_the_file_leaves_out() -> None:
    for name, field in Settings.model_fields.items():
        assert field.default is not PydanticUndefined or field.default_factory is not None, name
