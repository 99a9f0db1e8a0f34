"""What the screens that look at an indicator share: its story, and the keys that lead on from it."""

from collections.abc import Sequence
from typing import ClassVar

from textual.events import Key

from ontui.domain.action import Action
from ontui.domain.alert import Alert, Phase
from ontui.domain.crowd import Crowd
from ontui.domain.foreign import ForeignPhase
from ontui.domain.silence import Matcher
from ontui.domain.sli import HISTORY_S, Sli
from ontui.ui import fit, keys, others
from ontui.ui.desk import Desk
from ontui.ui.screens.room import Room
from ontui.ui.widgets.chart import Mark
from ontui.ui.widgets.preview import Story
from ontui.ui.widgets.sli_list import Item

SPANS_S = (900.0, HISTORY_S)
"""How far back charts reach, in the order `t` goes through them: as far as every indicator's own memory."""


def begin(room: Room, desk: Desk, action: Action, *, sli: str, alert: str) -> None:
    """Towards running a repair: its inputs first, where it has any, then its plan."""
    from ontui.ui.screens.action import ActionScreen
    from ontui.ui.screens.form import FormScreen

    if action.inputs:
        room.app.push_screen(FormScreen(desk, action, sli=sli, alert=alert))
    else:
        room.app.push_screen(ActionScreen(desk, action, {}, sli=sli, alert=alert))


class LookingRoom(Room):
    """A screen with an indicator, and perhaps an alert, in view."""

    SPANS_S: ClassVar[tuple[float, ...]] = SPANS_S
    """How far back its charts can reach."""

    @property
    def span_s(self) -> float:
        """How far back they reach: as last chosen on any screen, if that is possible here."""
        return min(self.cockpit.span_s, self.SPANS_S[-1])

    @property
    def chosen_alert(self) -> Alert | None:
        """The alert in view."""
        return None

    @property
    def chosen_sli(self) -> Sli | None:
        """The indicator in view."""
        return None

    @property
    def chosen_crowd(self) -> Crowd | None:
        """The alert of others in view, or many of one name."""
        return None

    def on_key(self, event: Key) -> None:
        """What does nothing here says so: of a key of the table, where it acts."""
        keymap = self.desk.config.keymap
        # Textual's own answer, which takes as long as all that a key does, is asked for last.
        if not event.is_printable or keys.acts(event.key, self.ROOM, keymap) or event.key in self.active_bindings:
            return
        told = keys.elsewhere(event.key, keymap)
        pressed = event.character if len(event.key) > 1 and "+" not in event.key else event.key
        self.say(told or f"{keys.shown(pressed or event.key)} does nothing · ? shows the keys")

    def worst_alert(self, sli: str) -> Alert | None:
        """The alert of an indicator that matters most now, if any is active."""
        if sli not in self.state.indicators:
            return None
        active = [a for a in self.state.alerts_of(sli) if a.active]
        return min(active, key=lambda a: (a.phase is not Phase.FIRING, a.rule.severity.rank), default=None)

    def story(self, sli: Sli, alert: Alert | None) -> Story:
        """The indicator with its page, its repairs and its runs."""
        state, now = self.state, self.now
        item = Item(state.indicators[sli.id], state.standing(sli.id, now), tuple(state.alerts_of(sli.id)))
        place = self.desk.place_for(alert=alert, sli=sli)
        actions = self.desk.actions_for(alert=alert, sli=sli)
        ran = [run for a in actions if (run := state.runs.get(a.id))]
        return Story(
            item,
            page=place.ref if place else "",
            actions=tuple((a.id, a.title, str(a.danger)) for a in actions),
            moments=tuple(Mark(run.started_at, run.title, "accent") for run in ran),
            hours=state.system.hours,
        )

    def open_detail(self, sli: Sli) -> None:
        """All about one indicator."""
        from ontui.ui.screens.detail import DetailScreen

        self.app.push_screen(DetailScreen(self.desk, sli.id))

    def action_runbook(self) -> None:
        """The page of what is selected."""
        if (crowd := self.chosen_crowd) is not None:
            self._open_page_of(crowd)
            return
        sli, alert = self.chosen_sli, self.chosen_alert
        if self.desk.library is None:
            self.say("no runbook folder is configured: set runbooks.path")
        elif sli is None:
            self.action_pages()
        elif place := self.desk.place_for(alert=alert, sli=sli):
            self.open_place(place.ref, alert, sli)
        else:
            self.say(f"no runbook page for {sli.title}: name one with runbook: in the config · g lists all pages")

    def _open_page_of(self, crowd: Crowd) -> None:
        """The page that an alert of others names, or that is named like it."""
        if self.desk.library is None:
            self.say("no runbook folder is configured: set runbooks.path")
        elif place := self.desk.place_of(crowd.first.alert):
            self.open_place(place.ref, None, None)
        else:
            named = crowd.first.alert.runbook
            where = f"it names {fit.cut(named, 60)}, which is" if named else "there is"
            self.say(f"{where} no page here for {crowd.name} · g lists all pages")

    def open_place(self, ref: str, alert: Alert | None, sli: Sli | None) -> None:
        """One runbook page."""
        from ontui.ui.screens.runbook import RunbookScreen

        alert_key, sli_id = alert.rule.key if alert else "", sli.id if sli else ""
        self.app.push_screen(RunbookScreen(self.desk, ref, alert=alert_key, sli=sli_id))

    def action_pages(self) -> None:
        """Every page."""
        if self.desk.library is None or not self.desk.library.pages:
            self.say("there are no runbook pages")
            return
        from ontui.ui.screens.pages import PagesScreen

        self.app.push_screen(PagesScreen(self.desk))

    def action_act(self) -> None:
        """The repairs of what is selected."""
        if (crowd := self.chosen_crowd) is not None:
            self.say(f"repairs belong to indicators of ours: {crowd.name} is {others.sources(crowd)}")
            return
        sli, alert = self.chosen_sli, self.chosen_alert
        if sli is None:
            self.say("select an alert or an indicator first")
        elif not self.desk.actions_for(alert=alert, sli=sli):
            self.say(f"no repair is configured for {alert.rule.name if alert else sli.title}")
        else:
            from ontui.ui.screens.actions_menu import ActionsMenu

            self.app.push_screen(ActionsMenu(self.desk, sli.id, alert.rule.key if alert else ""))

    def begin(self, action: Action, *, sli: str = "", alert: str = "") -> None:
        """Towards running a repair."""
        begin(self, self.desk, action, sli=sli, alert=alert)

    def action_acknowledge(self) -> None:
        """Take the alert in view."""
        if (crowd := self.chosen_crowd) is not None:
            self._take(crowd)
            return
        alert = self.chosen_alert
        if alert is None:
            self.say("no alert is selected")
        elif not alert.active:
            self.say(f"{alert.rule.name} is {alert.phase}: there is nothing to take")
        elif alert.acknowledged is not None:
            self.say(f"{alert.rule.name} was already taken by {alert.acknowledged.who}")
        else:
            self.desk.acknowledge(alert.rule.key)
            self.say(f"you have {alert.rule.name}", "ok")
            self.draw()

    def open_source(self, source: str) -> None:
        """All about one source."""
        from ontui.ui.screens.source import SourceScreen

        self.app.push_screen(SourceScreen(self.desk, source))

    def action_sources(self) -> None:
        """The source of what is selected, else all of them."""
        if sli := self.chosen_sli:
            self.open_source(sli.source)
            return
        from ontui.ui.screens.source import SourcesScreen

        self.app.push_screen(SourcesScreen(self.desk))

    def _take(self, crowd: Crowd) -> None:
        """Take an alert of others, or all of one name at once."""
        if crowd.first.alert.phase is ForeignPhase.SUPPRESSED:
            self.say(f"{crowd.name} is {others.life(crowd.first, self.now)}: there is nothing to take")
        elif (by := others.taken(self.state, crowd)) is not None:
            self.say(f"{others.title(crowd)} was already taken by {by.who}")
        else:
            self.desk.acknowledge(crowd.take_key)
            self.say(f"you have {others.title(crowd)}", "ok")
            self.draw()

    def action_silence(self) -> None:
        """Towards silencing the alert in view, or ending its silence."""
        crowd, alert = self.chosen_crowd, self.chosen_alert
        if why := self.desk.silences.why_not:
            self.say(why)
        elif crowd is not None and crowd.first.silences:
            from ontui.ui.screens.silence import SilenceScreen

            self.app.push_screen(
                SilenceScreen(self.desk, source=crowd.first.alert.source, ends=crowd.first.silences[0])
            )
        elif crowd is not None:
            names = ", ".join(crowd.unwritable)
            note = f"Left out: {names}, whose value cannot be shown as it is. More may be hit." if names else ""
            self._silence_form(others.title(crowd), crowd.matchers, crowd.first.alert.source, note)
        elif alert is not None:
            own = [Matcher(self.state.system.slis[alert.rule.sli].rows, next(iter(alert.rows)))] if alert.rows else []
            note = "Only alerts in the Alertmanager are silenced: ontui's own stays on the board."
            self._silence_form(alert.rule.name, (Matcher("alertname", alert.rule.name), *own), "", note)
        else:
            self.say("select an alert first")

    def _silence_form(self, name: str, matchers: Sequence[Matcher], source: str, note: str) -> None:
        from ontui.ui.screens.silence_form import SilenceForm

        self.app.push_screen(SilenceForm(self.desk, name, matchers, source=source, note=note))

    def action_load_config(self) -> None:
        """The config as it is on disk now."""
        self.say("reading the config …", "quiet")
        self.cockpit.run_worker(self.cockpit.load_config(), group="config", exclusive=True)

    def action_time_range(self) -> None:
        """Charts of the next length."""
        at = self.SPANS_S.index(self.span_s)
        self.cockpit.span_s = self.SPANS_S[(at + 1) % len(self.SPANS_S)]
        self.draw()
