"""What a server's error means: read in any of its shapes, classified, bounded, freed of paths and keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lhe_tui.models.base import FailureKind, ModelFailure
from lhe_tui.models.openai.lenient_json import parse_json
from lhe_tui.models.openai.retry_hints import parse_wait, retry_after_seconds, wait_named_in_text
from lhe_tui.models.secret import MASK, Secret

LONGEST_MESSAGE = 300

_PATHS = re.compile(
    r"(?<![\w:/.])(?!/v\d|/api/)(?:~|\.{1,2})?(?:/[\w.@+~-]+){2,}/?"  # /home/a/model.py, ./a/b, ~/a/b
    r"|(?<![\w:/.])/[\w@+-]+\.[A-Za-z]\w{0,11}"  # /model.gguf
    r"|\b[A-Za-z]:\\[^\s'\"]+|\\\\[\w.-]+\\[^\s'\"]+"  # C:\models\a, \\server\share
    r"|(?<![\w/])(?:[\w.-]+/)*[\w.-]+\.(?:py|cpp|cc|cu|so)\b(?::\d+)*"  # server/app.py:12
)
_KEYS = re.compile(r"\b(?:sk|gsk|pk|rk|hf|key|xai|AIza)[-_A-Za-z0-9]{0,12}[-_*][\w*.-]{6,}|\bBearer\s+\S+")
_CONTEXT = re.compile(
    r"context[_ ](?:length|window|size)|maximum context|too many tokens|prompt is too long|exceed_context"
    r"|exceeds? (?:the )?(?:available |model'?s? )?context|input is too long",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(
    r"model.{0,120}?(?:not found|does ?n[o']t exist|not exist|unknown|not a valid model|not available|is not supported)"
    r"|(?:unknown|invalid|no such|no) model|model_not_found|not a valid model",
    re.IGNORECASE | re.DOTALL,
)
_NO_MONEY = re.compile(
    r"insufficient[_ ](?:quota|balance|credits|funds)|credit balance is too low", re.IGNORECASE
)
_BUSY = re.compile(
    r"overloaded|rate.?limit|too many requests|loading model|at capacity|RESOURCE_EXHAUSTED", re.IGNORECASE
)
_FILTER = re.compile(
    r"content.?filter|content management policy|ResponsibleAIPolicyViolation|data_inspection_failed"
    r"|(?:flagged|rejected) as (?:potentially )?violating|input was flagged|PROHIBITED_CONTENT|moderation",
    re.IGNORECASE,
)
_PASSING = frozenset({408, 409, 425, 500, 502, 503, 504, 529})
_NOT_PASSING_5XX = frozenset({501, 505})


@dataclass(frozen=True, slots=True)
class ServerError:
    """An error body, read: the message is raw and unbounded, the rest are what the server called it."""

    message: str
    code: str = ""
    type: str = ""
    param: str = ""
    status: int | None = None
    retry_after: float | None = None

    @property
    def all_words(self) -> str:
        """Code, type and message in one string, for matching."""
        return f"{self.code} {self.type} {self.message[:4000]}"


def read_error(body: object, *, now: float = 0.0) -> ServerError:
    """An error from a parsed JSON value of any shape, or from plain text; never fails."""
    if isinstance(body, list):
        return read_error(body[0], now=now) if body else ServerError("")
    if not isinstance(body, dict):
        return ServerError(_plain_text(body if isinstance(body, str) else ""))
    inner = body.get("error") or body.get("detail") or body
    if isinstance(inner, str):
        return ServerError(_plain_text(inner), code=_word(body.get("code")), status=_status(body.get("code")))
    if isinstance(inner, list):
        return _validation_errors(inner)
    return _error_object(inner, now=now) if isinstance(inner, dict) else ServerError("")


def read_error_bytes(body: bytes, *, now: float = 0.0) -> ServerError:
    """`read_error` for the bytes of a response, JSON or not."""
    parsed = parse_json(body)
    if isinstance(parsed, dict | list):
        return read_error(parsed, now=now)
    return ServerError(_plain_text(parsed if isinstance(parsed, str) else body.decode("utf-8", "replace")))


def classify(
    error: ServerError,
    *,
    server: str,
    status: int | None,
    headers: Mapping[str, str] | None = None,
    key: Secret | None = None,
    now: float = 0.0,
    model: str = "",
) -> ModelFailure:
    """The failure that an error means; `status` None for an error inside a 200, `headers` in lower case."""
    kind, retryable = _kind(error, status or error.status)
    wait = None
    if retryable:
        told = retry_after_seconds(headers, now=now) if headers else None
        wait = next(
            (s for s in (told, error.retry_after, wait_named_in_text(error.message)) if s is not None), None
        )
    said = clean_text(error.message, key=key) or (clean_text(error.code or error.type, key=key))
    where = f"{server} answered {status}" if status else f"{server} sent an error inside its reply"
    advice = _ADVICE.get(kind, "") + (f' "{model}"' if model and kind == "no_model" else "")
    sentence = f"{where}{f' ({advice})' if advice else ''}{f': {said}' if said else ''}"
    return ModelFailure(kind, sentence, retryable=retryable, retry_after=wait or None)


def is_filtered(error: ServerError, status: int | None = None) -> bool:
    """Whether a content filter refused the prompt or the reply: an answer of a kind, and no failure."""
    return status in (None, 400, 403, 422, 451) and _FILTER.search(error.all_words) is not None


_ADVICE: dict[FailureKind, str] = {
    "auth": "the key is missing, wrong or not allowed here",
    "quota": "no credit left",
    "no_model": "no such model",
    "context": "the prompt does not fit the model's context",
    "overloaded": "busy",
}


def _kind(error: ServerError, status: int | None) -> tuple[FailureKind, bool]:
    """Kind and whether asking again may help."""
    words = error.all_words
    by_status: dict[int, FailureKind] = {401: "auth", 402: "quota", 413: "context"}
    if status in by_status:
        return by_status[status], False
    if status == 429:
        # The code decides, not the sentence: Gemini says "quota ... billing" for a limit per minute.
        return ("quota", False) if _NO_MONEY.search(words) else ("overloaded", True)
    if status == 403:
        return ("rejected" if _FILTER.search(words) else "auth"), False
    if status in (503, 529):
        return "overloaded", True
    if _NO_MONEY.search(words):
        return "quota", False
    if _CONTEXT.search(words):
        return "context", False
    if status != 422 and _NO_MODEL.search(words):
        return "no_model", False
    return _kind_by_number(status, words)


def _kind_by_number(status: int | None, words: str) -> tuple[FailureKind, bool]:
    if status is None:
        return ("overloaded" if _BUSY.search(words) else "server"), True
    if status in _PASSING or (status >= 500 and status not in _NOT_PASSING_5XX):
        return "server", True
    return ("server" if status >= 500 else "rejected"), False


def clean_text(text: str, *, key: Secret | None = None, limit: int = LONGEST_MESSAGE) -> str:
    """Foreign text made fit for a message: one line, printable, no keys, no file paths, at most `limit` characters."""
    text = text[: 50 * limit]
    if "Traceback (most recent call last)" in text:
        text = text.strip().rsplit("\n", 1)[-1]
    if key is not None:
        text = key.redact(text)
    text = _KEYS.sub(MASK, text)
    text = _PATHS.sub("…", text)
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _error_object(error: dict[str, Any], *, now: float) -> ServerError:
    metadata = error.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    message = error.get("message") or error.get("msg") or error.get("detail") or error.get("error")
    message = message if isinstance(message, str) else ""
    if isinstance(raw := metadata.get("raw"), str) and raw not in message:
        message = f"{message}: {raw}" if message else raw
    return ServerError(
        message,
        code=_word(error.get("code")),
        type=_word(error.get("type") or error.get("status")),
        param=_word(error.get("param")),
        status=_status(error.get("code")) or _status(error.get("status")),
        retry_after=_wait_inside(error, metadata, now=now),
    )


def _wait_inside(error: dict[str, Any], metadata: dict[str, Any], *, now: float) -> float | None:
    """OpenRouter's `metadata.headers` and Gemini's `details[].retryDelay`."""
    if isinstance(headers := metadata.get("headers"), dict):
        told = retry_after_seconds({str(k).lower(): str(v) for k, v in headers.items()}, now=now)
        if told is not None:
            return told
    details = error.get("details")
    for detail in details[:20] if isinstance(details, list) else []:
        if isinstance(detail, dict) and isinstance(delay := detail.get("retryDelay"), str):
            return parse_wait(delay, now=now)
    return None


def _validation_errors(errors: list[Any]) -> ServerError:
    """FastAPI's 422: a list of `{"loc": ["body", "top_k"], "msg": ...}`."""
    first = errors[0] if errors else {}
    if not isinstance(first, dict):
        return ServerError(_plain_text(str(first)))
    loc = first.get("loc")
    names = [part for part in loc if isinstance(part, str)] if isinstance(loc, list) else []
    message = first.get("msg")
    told = message if isinstance(message, str) else ""
    return ServerError(
        f"{told}: {names[-1]}" if names else told, type=_word(first.get("type")), param=".".join(names)
    )


def _plain_text(text: str) -> str:
    start = text[:2000].lstrip().lower()
    if start.startswith(("<!doctype", "<html", "<head", "<?xml")):
        title = re.search(r"<title[^>]*>([^<]{1,200})", text[:20_000], re.IGNORECASE)
        return f"a web page: {title[1].strip()}" if title else "a web page"
    return text


def _word(value: object) -> str:
    return str(value)[:100] if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _status(value: object) -> int | None:
    text = _word(value)
    return (
        int(text) if len(text) == 3 and text.isascii() and text.isdigit() and 400 <= int(text) < 600 else None
    )
