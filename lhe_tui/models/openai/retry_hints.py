"""How long a server wants to be left alone: Retry-After and its many cousins."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 86_400.0
"""Seconds; a longer wish is a lie or an epoch that was misread, and counts as a day."""

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhd])")
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|[smhd]))+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_TRY_AGAIN = re.compile(r"try again in ((?:\d+(?:\.\d+)?(?:ms|[smhd]))+)")
_EPOCH_SECONDS = 1e9
_EPOCH_MILLISECONDS = 1e12


def retry_after_seconds(headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds to wait by the lower-case `headers` of a refusal, None when they say nothing; `now` is Unix time.

    No wait at all, and a moment that has passed, say nothing: how long to wait is then left to who asks.
    """
    return _told_seconds(headers, now=now) or None


def _told_seconds(headers: Mapping[str, str], *, now: float) -> float | None:
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return _bounded(milliseconds / 1000)
    plain = headers.get("retry-after")
    cousins = [value for name, value in headers.items() if name.endswith("retry-after") and value != plain]
    for value in ([plain] if plain else []) + cousins:
        if (seconds := parse_wait(value, now=now)) is not None:
            return seconds
    return _rate_limit_reset(headers, now=now)


def parse_wait(value: str, *, now: float) -> float | None:
    """Seconds told as a number, a duration (`6m0s`), an epoch, an HTTP date or an ISO date; None if none of these."""
    value = value.strip()[:64]
    if (number := _number(value)) is not None:
        if number >= _EPOCH_MILLISECONDS:
            return _bounded(number / 1000 - now)
        return _bounded(number - now if number >= _EPOCH_SECONDS else number)
    if _DURATION.fullmatch(value):
        return _bounded(sum(float(amount) * _UNITS[unit] for amount, unit in _PART.findall(value)))
    moment = _moment(value)
    return None if moment is None else _bounded(moment - now)


def wait_named_in_text(text: str) -> float | None:
    """Seconds from a sentence such as "Please try again in 6m0s."."""
    found = _TRY_AGAIN.search(text)
    return parse_wait(found[1], now=0.0) if found else None


def _rate_limit_reset(headers: Mapping[str, str], *, now: float) -> float | None:
    """The longest reset among exhausted limits; where none is exhausted, the soonest of all."""
    exhausted: list[float] = []
    others: list[float] = []
    for name, value in headers.items():
        if "ratelimit" not in name or "reset" not in name:
            continue
        if (seconds := parse_wait(value, now=now)) is None:
            continue
        remaining = headers.get(name.replace("reset", "remaining"))
        (exhausted if remaining is None or _number(remaining) == 0 else others).append(seconds)
    if exhausted:
        return max(exhausted)
    return min(others, default=None)


def _number(value: str | None) -> float | None:
    value = "" if value is None else value.strip()
    return float(value) if len(value) <= 32 and _NUMBER.fullmatch(value) else None


def _moment(value: str) -> float | None:
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = parse(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST_WAIT)
