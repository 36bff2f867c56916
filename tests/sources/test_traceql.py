"""TraceQL by exact text, and with words that try to be more than words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fluxdash.sources.traceql import quoted, spanset


def test_a_request_is_a_span_of_the_service_with_its_name_and_bounds() -> None:
    text = spanset("fluxai-gateway", "chat_completion", (), "2000000us", "9000000us")
    assert text == (
        '{ resource.service.name = "fluxai-gateway" && name = "chat_completion"'
        " && duration >= 2000000us && duration <= 9000000us }"
    )


def test_an_error_is_a_status_and_numbers_are_compared_as_both_text_and_number() -> None:
    tags = (
        ("error", "true"),
        ("cache.type", "exact"),
        ("model.max_tokens", "1024"),
        ("cache_hit", "true"),
        ("a b", "-1.5"),
    )
    assert spanset("s", None, tags) == (
        '{ resource.service.name = "s" && status = error && ."cache.type" = "exact"'
        ' && (."model.max_tokens" = "1024" || ."model.max_tokens" = 1024)'
        ' && (."cache_hit" = "true" || ."cache_hit" = true) && (."a b" = "-1.5" || ."a b" = -1.5) }'
    )


def test_what_only_looks_like_a_number_is_text() -> None:
    for value in ("1.", "1.2.3", "--1", "1e5", "٣", "0x1", "", "-", "9" * 30, "1 || true"):
        assert "||" not in spanset("s", None, (("k", value),)).replace(quoted(value), "")


@given(st.text(), st.text())
def test_a_quoted_word_stays_one_word(key: str, value: str) -> None:
    for text in (quoted(key), quoted(value)):
        assert text[0] == text[-1] == '"'
        inner = text[1:-1].replace("\\\\", "").replace('\\"', "")
        assert '"' not in inner
        assert "\n" not in inner
