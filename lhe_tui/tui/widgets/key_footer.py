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
        self._tries = 0

    def compose(self) -> ComposeResult:
        """Textual's keys, and help pinned to the end in place of its own."""
        bindings = self.screen.active_bindings.values() if self._bindings_ready else ()
        pinned = next((known for known in bindings if known.binding.id == HELP and known.binding.show), None)
        for widget in super().compose():
            # A key that was laid out twice would shift the others once it goes.
            if pinned is None or not isinstance(widget, FooterKey) or widget.action != pinned.binding.action:
                yield widget
        if pinned is not None:
            binding = pinned.binding
            yield FooterKey(
                binding.key,
                self.app.get_key_display(binding),
                binding.description,
                binding.action,
                disabled=not pinned.enabled,
                tooltip=pinned.tooltip,
                classes="-pinned",
            ).data_bind(compact=Footer.compact)

    async def recompose(self) -> None:
        """Fit anew whenever the keys change."""
        await super().recompose()
        self._tries = 0
        self.call_after_refresh(self._fit)

    def on_resize(self, event: events.Resize) -> None:
        """Fit anew whenever the room changes."""
        self._tries = 0
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        pinned = [child for child in self.children if child.has_class("-pinned")]
        others = [child for child in self.children if child not in pinned]
        if any(not child.virtual_region.width for child in others):
            # Where each key stands is known only once they are laid out; under another screen they never are.
            self._tries += 1
            if self._tries < 10:
                self.set_timer(0.05, self._fit)
            return
        room = self.size.width - sum(child.outer_size.width for child in pinned) - 2
        group: Widget | None = None
        for key in others:
            key.visible = key.virtual_region.right <= room
            if isinstance(key, FooterLabel) and group is not None and not key.visible:
                group.visible = False
            group = key
