"""The text with its rows: every character stays, marks stand where the offsets say, in colour or brackets."""

from __future__ import annotations

from yinuo.cli.article_view import ASPIRATION, METRIC, PLEDGE, Mark, marked_text

TEXT = "我们将\r\n新建2处停车场。"
MARKS = [Mark(5, 12, PLEDGE, "[", "]"), Mark(7, 9, METRIC, "{", "}")]


def test_brackets_where_there_are_no_colours() -> None:
    assert marked_text(TEXT, MARKS, colours=False).plain == "我们将\n[新建{2处}停车场]。"


def test_brackets_close_inside_out_and_open_outside_in() -> None:
    marks = [Mark(0, 4, PLEDGE, "[", "]"), Mark(0, 4, ASPIRATION, "(", ")"), Mark(0, 2, METRIC, "{", "}")]
    assert marked_text("一二三四", marks, colours=False).plain == "[({一二}三四)]"


def test_colours_stand_on_the_characters_of_the_offsets() -> None:
    shown = marked_text(TEXT, MARKS, colours=True)
    assert shown.plain == "我们将\n新建2处停车场。", "a line end is one, and nothing else changes"
    styles = {shown.plain[span.start : span.end]: str(span.style) for span in shown.spans}
    assert styles == {"新建": PLEDGE, "2处": f"{PLEDGE} {METRIC}", "停车场": PLEDGE}


def test_an_article_cannot_steer_the_terminal() -> None:
    assert "\x9b" not in marked_text("好\x9b2J字", [], colours=True).plain
