"""Fiches published while the bot runs are understood within seconds, without training again.

A fiche that is suspended needs nothing here: the actions answer from the published base only.
"""

from __future__ import annotations

import logging
import threading

from bot.knowledge import KnowledgeBase, KnowledgeUnavailable
from bot.nlu.understanding import Understanding

PERIOD = 2.0
"""Seconds between two looks at the base."""

log = logging.getLogger("maitre.nlu")


class LiveUnderstanding:
    """The trained understanding, widened by the fiches that `base` publishes and training did not know."""

    def __init__(self, trained: Understanding, base: KnowledgeBase) -> None:
        self.current = trained
        self._base = base
        self._revision: str | None = None
        self._thread: threading.Thread | None = None

    def watch(self) -> None:
        """Begins to look at the base every `PERIOD` seconds, in a thread that ends with the process."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="live-fiches", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            try:
                self.refresh()
            except KnowledgeUnavailable:
                log.debug("the base cannot be read: no fiche is added")
            except Exception:
                # What is wrong with one publication must not end the watch; no message text is in reach here.
                log.exception("a published fiche could not be learned")
            pause.wait(PERIOD)

    def refresh(self) -> bool:
        """Learns the new fiches of the base, if it was published since the last look; whether it learned any.
        Raises `KnowledgeUnavailable`."""
        revision = self._base.revision()
        if revision == self._revision:
            return False
        known = self.current.fiches
        wider = self.current
        for published in self._base.all_published():
            fiche = published.fiche
            if fiche.id not in known:
                wider = wider.with_fiche(fiche.id, [fiche.titre, *fiche.questions])
        learned = wider is not self.current
        # Readers take `current` once a message: they see the old or the new, never half of it.
        self.current, self._revision = wider, revision
        return learned
