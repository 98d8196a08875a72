"""The OpenAPI document of the gateway and of what can be read as JSON, made from the models and the questions."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import metadata
from typing import Any

from yinuo.intake.decode import METADATA_FIELDS
from yinuo.runtime.settings import Settings
from yinuo.storage.name_lists import INDICATORS, PROMISERS, SORTS, SPEAKERS, NameList
from yinuo.storage.questions import LIGHTS
from yinuo.storage.subjects import DUE, METRICS, PLEDGES, SILENT, TARGETS, Subject
from yinuo_schemas import Article

Json = dict[str, Any]


def document(settings: Settings) -> Json:
    """OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "yinuo",
            "version": metadata.version("yinuo"),
            "description": "Send articles, read pledges and metrics.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {
            "/articles": {"post": _post(settings)},
            "/api/pledges": {"get": _list(PLEDGES, "Pledges, a page at a time.")},
            "/api/pledges/{id}": {"get": _one("A pledge.")},
            "/api/metrics": {"get": _list(METRICS, "Metrics, a page at a time.")},
            "/api/due": {
                "get": _list(DUE, "Pledges with how far off their day is; no light: what is to come.")
            },
            "/api/targets": {"get": _list(TARGETS, "The numbers that pledges aim at.")},
            **{f"/api/{names.name}": {"get": _names(names)} for names in (PROMISERS, SPEAKERS, INDICATORS)},
            "/api/silent": {"get": _list(SILENT, "Pledges that no later article mentions again.")},
            "/api/metrics/{id}": {"get": _one("A metric.")},
            "/api/articles/{id}": {"get": _one("An article with all that was read from it.")},
            "/api/articles": {
                "get": _one("The same, for an id that no path can hold: `.` or `..`.", "query")
            },
            "/healthz": {"get": _operation("Whether the server lives.", [], {"200": _json("It does.")})},
            "/readyz": {
                "get": _operation(
                    "Whether the database answers.",
                    [],
                    {"200": _json("It does."), "503": _json("It does not.")},
                )
            },
        },
        "components": {
            "schemas": {
                "Article": _article(settings),
                "Accepted": _ACCEPTED,
                "Page": _PAGE,
                "Refusal": _REFUSAL,
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}, {}],
    }


_ACCEPTED: Json = {
    "type": "object",
    "required": ["ids"],
    "properties": {
        "id": {"type": "string", "description": "The id of an article that came alone."},
        "ids": {"type": "array", "items": {"type": "string"}, "description": "All ids, in the body's order."},
    },
}
_PAGE: Json = {
    "type": "object",
    "required": ["rows", "next"],
    "properties": {
        "rows": {"type": "array", "items": {"type": "object"}},
        "next": {
            "type": ["string", "null"],
            "description": "What `after` says for the next page; null: this is the last.",
        },
    },
}
_REFUSAL: Json = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {"type": "string", "description": "What is wrong and how to mend it."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "type", "message"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "JSON pointer into the body, or ?parameter.",
                    },
                    "type": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}


def _article(settings: Settings) -> Json:
    schema = Article.model_json_schema()
    schema["properties"]["text"]["maxLength"] = settings.max_text_chars
    return schema


def _post(settings: Settings) -> Json:
    ref = {"$ref": "#/components/schemas/Article"}
    many = {"type": "array", "items": ref, "minItems": 1}
    fields = [_query(name, "With text/plain: this field of the article.") for name in METADATA_FIELDS]
    operation = _operation(
        "Send an article, an array of them (all or none), or a plain text.",
        fields,
        {
            "202": _json("The broker has every one of them.", "Accepted"),
            "400": _json("What is wrong, and where.", "Refusal"),
            "408": _json("The body did not arrive in time.", "Refusal"),
            "413": _json(f"More than {settings.max_message_bytes:,} bytes.", "Refusal"),
            "415": _json("Neither application/json nor text/plain.", "Refusal"),
            "429": _json("Too many at once: Retry-After says when.", "Refusal"),
            "503": _json("The broker is away: Retry-After says when.", "Refusal"),
        },
    )
    operation["description"] = "Sending the same article again changes nothing: its id and content tell."
    operation["requestBody"] = {
        "required": True,
        "content": {
            "application/json": {"schema": {"anyOf": [ref, many]}},
            "text/plain": {"schema": {"type": "string", "minLength": 1}},
        },
    }
    return operation


def _list(subject: Subject, summary: str) -> Json:
    parameters = [
        _query("q", "Words in quote, name or title."),
        _query(
            "sort", "-… descending.", _one_of([sign + name for name in subject.sorts for sign in ("", "-")])
        ),
    ]
    parameters += [_query("after", "`next` of the page before.")]
    parameters += [
        _query(
            name,
            "Exactly this value; may be given several times.",
            _list_of(_one_of(LIGHTS) if name == "light" else _TEXT),
        )
        for name in subject.filters
    ]
    if subject is PLEDGES:
        parameters += [
            _query("due", "How far off; may be given several times.", _list_of(_one_of(LIGHTS[1:])))
        ]
    if subject.dated:
        parameters += [
            _query(name, "Inclusive.", _TEXT | {"format": "date"}) for name in ("due_from", "due_by")
        ]
    return _operation(
        summary,
        parameters,
        {
            "200": _json("Rows, and where the next page begins.", "Page"),
            "400": _json("What is wrong.", "Refusal"),
        },
    )


def _names(names: NameList) -> Json:
    return _operation(
        f"The {names.name} there are, with what is counted of each, a page at a time.",
        [
            _query("q", "Words that the name holds."),
            _query("sort", "The most rows first, or by name.", _one_of(SORTS)),
            _query("after", "`next` of the page before."),
        ],
        {
            "200": _json("Rows, and where the next page begins.", "Page"),
            "400": _json("What is wrong.", "Refusal"),
        },
    )


def _one(summary: str, place: str = "path") -> Json:
    parameter = {"name": "id", "in": place, "required": True, "schema": {"type": "string"}}
    return _operation(summary, [parameter], {"200": _json("It."), "404": _json("There is none.", "Refusal")})


def _operation(summary: str, parameters: Iterable[Json], responses: Json) -> Json:
    return {"summary": summary, "parameters": list(parameters), "responses": responses}


_TEXT: Json = {"type": "string"}


def _one_of(values: Iterable[str]) -> Json:
    return _TEXT | {"enum": list(values)}


def _list_of(items: Json) -> Json:
    return {"type": "array", "items": items}


def _query(name: str, description: str, schema: Json = _TEXT) -> Json:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
    }


def _json(description: str, schema: str = "") -> Json:
    content: Json = {"$ref": f"#/components/schemas/{schema}"} if schema else {"type": "object"}
    return {"description": description, "content": {"application/json": {"schema": content}}}
