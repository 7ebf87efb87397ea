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
        self._tries = 0
        self.call_after_refresh(self._fit)

    def on_resize(self, event: events.Resize) -> None:
        """Fit anew whenever the room changes."""
        self._tries = 0
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        pinned = [child for child in self.children if child.has_class("-pinned")]
        actions = {child.action for child in pinned if isinstance(child, FooterKey)}
        twice = [
            c for c in self.children if c not in pinned and isinstance(c, FooterKey) and c.action in actions
        ]
        others = [child for child in self.children if child not in pinned and child not in twice]
        unplaced = any(not child.virtual_region.width for child in others)
        if unplaced or any(child.display for child in twice):
            for double in twice:
                double.display = False
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
