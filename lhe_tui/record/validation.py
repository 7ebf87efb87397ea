"""pydantic's errors as one sentence: which field is wrong, what it should be and what it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from lhe_tui.engine.events import Bounds
from lhe_tui.record.errors import CodecError

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

T = TypeVar("T")
Keys = Annotated[tuple[str, ...], Bounds(min_length=1, strict=False)]
"""The keys of a plan or a turn, as other programs' files list them."""
_LONG_NUMBER = 10**18
_MOST_DIGITS = 20

_TYPE_NAMES = frozenset(
    ("str", "int", "float", "bool", "constrained-str", "constrained-int", "constrained-float")
)
_WANTED: Mapping[str, str] = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "string_type": "a text",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "dataclass_type": "a table",
    "model_attributes_type": "a table",
    "none_required": "null",
}
_BOUNDED: Mapping[str, tuple[str, str]] = {
    "greater_than_equal": ("at least ", "ge"),
    "less_than_equal": ("at most ", "le"),
    "literal_error": ("", "expected"),
    "enum": ("", "expected"),
}


def shown(value: object) -> str:
    """A foreign value, short enough for a sentence."""
    if isinstance(value, dict | list | tuple):
        return f"a {'table' if isinstance(value, dict) else 'list'} of {len(value)}"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _LONG_NUMBER:
        return "a number of too many digits"
    if isinstance(value, float) and not isfinite(value):
        return json.dumps(value)
    words = repr(value) if not isinstance(value, str) else repr(value[:61])
    return words if len(words) <= 64 else words[:60] + "…"


def validated(kind: type[T], value: object, where: str = "") -> T:
    """A JSON value as a type or model. Raises CodecError."""
    from pydantic import ValidationError

    hashable: Any = kind
    try:
        found: T = _adapter(hashable).validate_python(value)
    except ValidationError as error:
        raise CodecError(sentence(error, where)) from None
    return found


def checked_dictionary(dictionary: object, where: str) -> dict[str, Any]:
    """A task's dictionary that is not empty and holds values of a size. Raises CodecError."""
    from lhe_tui.record.session_format import Dictionary

    return validated(Dictionary, dictionary, f"{where}: dictionary" if where else "dictionary")


@cache
def _adapter(kind: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def sentence(error: ValidationError, where: str = "") -> str:
    """The first thing that is wrong; `where` names the whole: `the file`, `cell 3`."""
    details = error.errors(include_url=False)
    first = details[0]
    place = list(first["loc"])
    # A field of several types gives an error for each, and names the type last.
    alternatives = bool(place) and place[-1] in _TYPE_NAMES
    rivals = [d for d in details if d["loc"][:-1] == first["loc"][:-1]] if alternatives else [first]
    # What was of one of the types is told what that type asks for.
    rivals = [d for d in rivals if not d["type"].endswith("_type")] or rivals
    wanted = ", or ".join(dict.fromkeys(map(_wanted, rivals)))
    named = path(place[:-1] if alternatives else place)
    at = f"{where}: " if where and named else where or ("" if named else "it")
    if first["type"] == "missing":
        return f"{at}{named} is missing"
    if first["type"] in ("too_short", "string_too_short") and not first["input"]:
        return f"{at}{named} is empty"
    if first["type"] == "value_error":
        return ": ".join(part for part in (where, named, wanted) if part)
    return f"{at}{named} should be {wanted}, not {shown(first['input'])}"


def path(place: Sequence[int | str]) -> str:
    """The way to a field: `task.plans[3][0]`, places in lists counted from 1."""
    words = ""
    for step in place:
        if isinstance(step, int):
            words += f"[{step + 1}]"
        else:
            name = step if step.isidentifier() and len(step) <= 60 else shown(step)
            words += f".{name}" if words else name
    return words


def _wanted(detail: ErrorDetails) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in _WANTED:
        return _WANTED[kind]
    if kind in _BOUNDED:
        lead, name = _BOUNDED[kind]
        return lead + _number(context[name]) if lead else f"one of {str(context[name]).replace(' or ', ', ')}"
    special: Mapping[str, Callable[[], str]] = {
        "string_too_long": lambda: f"a text of at most {context['max_length']:,} characters",
        "string_too_short": lambda: f"a text of at least {context['min_length']:,} characters",
        "too_long": lambda: f"a list of at most {context['max_length']:,}",
        "too_short": lambda: f"a list of at least {context['min_length']:,}",
        "value_error": lambda: str(context["error"]),
        "unexpected_keyword_argument": lambda: "left out: it is not known",
        "extra_forbidden": lambda: "left out: it is not known",
    }
    return special[kind]() if kind in special else detail["msg"][:1].lower() + detail["msg"][1:]


def _number(bound: float) -> str:
    if isinstance(bound, int):
        digits = len(str(abs(bound)))
        return f"{bound:,}" if digits <= _MOST_DIGITS else f"{'-' if bound < 0 else ''}10^{digits - 1}"
    return f"{bound:,.10g}" if abs(bound) < 1e6 else f"{bound:g}"
