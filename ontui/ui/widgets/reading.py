"""A text one reads: the arrows scroll it, and stop at what can be opened as it comes into view."""

from ontui.ui.widgets.lines import Choices


class Reading(Choices):
    """Nothing is selected until one moves to it."""

    @property
    def keys(self) -> list[str]:
        """What can be selected, each once: code has many rows."""
        return list(dict.fromkeys(super().keys))

    def on_rows_moved(self) -> None:
        """Forget what is gone."""
        if self.chosen and self.chosen not in self.keys:
            self.choose("")

    def move(self, step: int) -> None:
        """On to the next thing in view; where there is none, scroll."""
        top, height = self.scroll_offset.y, self.size.height
        if abs(step) > 1:
            self.scroll_to(y=top + step, animate=False, immediate=True)
            return
        keys = self.keys
        firsts = {key: next(y for y, row in enumerate(self.painted) if row.key == key) for key in keys}
        here = firsts.get(self.chosen, top - 1 if step > 0 else top + height)
        if not top <= here < top + height:
            here = top - 1 if step > 0 else top + height
        ahead = [k for k in keys if (firsts[k] > here if step > 0 else firsts[k] < here)]
        target = (ahead[0] if step > 0 else ahead[-1]) if ahead else ""
        if target and top <= firsts[target] < top + height:
            self.choose(target)
        else:
            self.scroll_to(y=top + 2 * step, animate=False, immediate=True)

    def enter(self, step: int) -> None:
        """To the beginning, or the end."""
        self.scroll_to(y=0 if step > 0 else len(self.painted), animate=False, immediate=True)
