"""The footer: as many keys as fit whole, and the way to all of them always at the right end."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Footer
from textual.widgets._footer import FooterKey, FooterLabel

HELP = "app.help"
"""The binding that stays whatever the width."""


class KeyFooter(Footer):
    """Textual's footer, without keys that are cut in two."""

    DEFAULT_CSS = """
    KeyFooter FooterKey.-pinned { dock: right; padding-right: 1; }
    """

    def __init__(self) -> None:
        super().__init__(compact=True, show_command_palette=False)

    def compose(self) -> ComposeResult:
        """Textual's keys, and help once more, pinned."""
        yield from super().compose()
        if not self._bindings_ready:
            return
        for _, binding, enabled, tooltip in self.screen.active_bindings.values():
            if binding.id == HELP and binding.show:
                yield FooterKey(
                    binding.key,
                    self.app.get_key_display(binding),
                    binding.description,
                    binding.action,
                    disabled=not enabled,
                    tooltip=tooltip,
                    classes="-pinned",
                ).data_bind(compact=Footer.compact)
                return

    async def recompose(self) -> None:
        """Fit anew whenever the keys change."""
        await super().recompose()
        self.call_after_refresh(self._fit)

    def on_resize(self, event: events.Resize) -> None:
        """Fit anew whenever the room changes."""
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        pinned = [child for child in self.children if child.has_class("-pinned")]
        actions = {child.action for child in pinned if isinstance(child, FooterKey)}
        room = self.size.width - sum(child.outer_size.width for child in pinned)
        group: Widget | None = None
        for child in self.children:
            if child in pinned:
                continue
            if isinstance(child, FooterKey) and child.action in actions:
                child.display = False
                continue
            fits = child.virtual_region.right <= room
            child.visible = fits
            if isinstance(child, FooterLabel) and group is not None and not fits:
                group.visible = False
            group = child
