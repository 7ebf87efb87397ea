"""One road only: no widget is given a text that it would read as markup, and no other road to the screen is used.

A text that is no literal must have become `Content` (by `text.content` or by hand) before a widget gets it. What
stands here reads the source, so it holds for screens that no other test opens.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "lhe_tui"
SCREENS = sorted((ROOT / "tui").rglob("*.py"))
SAFE_TYPES = {"Content", "Text", "Table", "Strip", "ConsoleRenderable"}
READS_MARKUP = {
    "Static",
    "Label",
    "Button",
    "Option",
    "Checkbox",
    "RadioButton",
    "Tab",
    "TabPane",
    "Collapsible",
    "update",
}
TITLES = {"border_title", "border_subtitle", "tooltip"}
NEEDS_MARKUP_OFF = {"OptionList", "SelectionList", "notify"}
BANNED = {
    "from_markup",
    "from_rich_text",
    "from_ansi",
    "render_str",
    "RichLog",
    "Markdown",
    "MarkdownViewer",
    "Log",
    "Tree",
}
BANNED |= {"DataTable", "from_text", "render_markup", "to_content", "print", "panic"}


class Source:
    """One module, with what its names stand for."""

    def __init__(self, text: str, name: str = "module") -> None:
        self.name = name
        self.tree = ast.parse(text)
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def offenders(self, makers: set[str]) -> list[str]:
        """Places where a text goes to a widget unmade; `makers` are the functions elsewhere that make one."""
        makers = makers | makers_of(self.tree)
        imports = [node for node in ast.walk(self.tree) if isinstance(node, ast.ImportFrom)]
        makers |= {n.asname for node in imports for n in node.names if n.asname and n.name in makers}
        return [
            f"{self.name}:{node.lineno} {ast.unparse(node)[:90]}"
            for node, text in self._sinks()
            if not self._is_safe(text, node, makers)
        ]

    def _sinks(self) -> Iterator[tuple[ast.expr, ast.expr | None]]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                name = called(node)
                off = any(
                    k.arg == "markup" and getattr(k.value, "value", True) is False for k in node.keywords
                )
                if name in BANNED or (name in NEEDS_MARKUP_OFF and not off):
                    yield node, None
                elif name in READS_MARKUP and not off:
                    named = [
                        k.value for k in node.keywords if k.arg in ("label", "content", "prompt", "title")
                    ]
                    for text in [*node.args[:1], *named]:
                        yield node, text
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Attribute) and target.attr in TITLES:
                        yield target, node.value

    def _is_safe(self, text: ast.expr | None, at: ast.AST, makers: set[str], depth: int = 5) -> bool:
        match text:
            case _ if depth == 0:
                return False
            case ast.Constant(value=value):
                return value is None or (isinstance(value, str) and "[" not in value)
            case ast.JoinedStr(values=parts):
                return all(_is_number(part) or self._is_safe(part, at, makers, depth - 1) for part in parts)
            case ast.Call():
                return called(text) in makers or _made_by_content(text)
            case ast.IfExp(body=one, orelse=other):
                return all(self._is_safe(part, at, makers, depth - 1) for part in (one, other))
            case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="self"), attr=name):
                return self._named_safely(name, at, makers, depth - 1)
        return False

    def _named_safely(self, name: str, at: ast.AST, makers: set[str], depth: int) -> bool:
        """Whether all that a name is given in this module is safe."""
        given = list(self._given(name, at))
        return bool(given) and all(
            annotated(value) if isinstance(value, ast.arg) else self._is_safe(value, at, makers, depth)
            for value in given
        )

    def _given(self, name: str, at: ast.AST) -> Iterator[ast.expr | ast.arg]:
        scope: ast.AST = self.tree
        while at in self.parents:
            at = self.parents[at]
            if isinstance(at, ast.FunctionDef | ast.AsyncFunctionDef):
                scope = at
                break
        here = list(_bindings(scope, name))
        yield from here or _bindings(self.tree, name)


def _is_number(part: ast.expr) -> bool:
    """Whether part of an f-string can only be a number: no text takes a format like `.0f`."""
    match part:
        case ast.FormattedValue(format_spec=ast.JoinedStr(values=[ast.Constant(value=str(spec))])):
            return spec[-1:] in ("d", "e", "f", "g", "%")
    return False


def _bindings(scope: ast.AST, name: str) -> Iterator[ast.expr | ast.arg]:
    for node in ast.walk(scope):
        if isinstance(node, ast.arg) and node.arg == name:
            yield node
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                own = isinstance(target, ast.Attribute) and target.attr == name
                if own or (isinstance(target, ast.Name) and target.id == name):
                    yield node.value


def annotated(argument: ast.arg) -> bool:
    """Whether a parameter is annotated as a text that is made already."""
    return (
        argument.annotation is not None and set(ast.unparse(argument.annotation).split(" | ")) <= SAFE_TYPES
    )


def called(node: ast.Call) -> str:
    """The last name of what is called."""
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _made_by_content(node: ast.Call) -> bool:
    """`Content(…)`, `Content.assemble(…)`, `Content("\\n").join(…)` and the like."""
    root: ast.expr = node
    while True:
        match root:
            case ast.Call(func=inner) | ast.Attribute(value=inner):
                root = inner
            case ast.Name(id=name):
                return name in SAFE_TYPES
            case _:
                return False


def makers_of(*trees: ast.AST) -> set[str]:
    """Functions that return a made text wherever they are defined, by their annotation."""
    good, bad = {"content"}, set()
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                returns = ast.unparse(node.returns) if node.returns else ""
                (good if returns in SAFE_TYPES else bad).add(node.name)
    return good - bad


MAKERS = makers_of(*(ast.parse(path.read_text()) for path in SCREENS))


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_widget_is_given_a_text_that_it_would_read_as_markup(path: Path) -> None:
    assert Source(path.read_text(), path.name).offenders(MAKERS) == []


@pytest.mark.parametrize(
    "line",
    [
        "Static(f'{share:.0f} {name}')",
        "Static(name)",
        "Static(f'model {name}')",
        "Label('a' + name)",
        "Button(str(name))",
        "Option(visible(name))",
        "self.query_one(Static).update(words)",
        "box.border_title = f'sample {number}'",
        "box.tooltip = reply",
        "self.notify(words)",
        "self.notify(words, markup=True)",
        "OptionList(*options)",
        "Static('[b]bold[/b]')",
        "Static(Content.from_markup(name))",
        "Markdown(reply)",
        "TabPane(title=name)",
        "text = str(name)\nStatic(text)",
        "text = content(name)\ntext = name\nStatic(text)",
        "def show(words: str) -> None:\n    Static(words)",
    ],
)
def test_the_next_offender_is_caught(line: str) -> None:
    assert Source(line).offenders(MAKERS)


@pytest.mark.parametrize(
    "line",
    [
        "Static(f'{share:.0f} of {n:d}')",
        "Static('Start', id='start')",
        "Static(content(name))",
        "self.update(Content('\\n').join(lines))",
        "box.border_title = Content(title)",
        "self.notify(words, markup=False)",
        "text = content(name)\nStatic(text)",
        "def show(words: Content) -> None:\n    Static(words)",
        "Label(content(one) if one else 'none')",
        "OptionList(*options, markup=False)",
    ],
)
def test_what_is_right_is_not_accused(line: str) -> None:
    assert Source(line).offenders(MAKERS) == []
