"""How does the story look on a terminal? Two voices, the clinic and the phone; the server's own words in quotes.

Where nobody watches (a file, a test), it is plain text of 100 columns, the same every time. This file refuses to know
what is told.
"""

import io
import sys
from datetime import date
from typing import Any

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

WIDTH = 100
INDENT = 8
CLINIC, PHONE = "clinic", "phone"
STYLES = {CLINIC: "bold cyan", PHONE: "bold green"}


def console_of_this_terminal() -> Console:
    """Standard output, never wider than the story needs; what it cannot show becomes a question mark."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    console = Console(highlight=False)
    return Console(highlight=False, width=min(WIDTH, console.width) if console.is_terminal else WIDTH)


def said(day: date) -> str:
    """A date as the story says it."""
    return f"{day:%A} {day.day} {day:%B}"


class Telling:
    """Tells, line by line. Who speaks is named when it changes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._voice = ""

    def day(self, day: date) -> None:
        """A new day begins."""
        self._voice = ""
        self._console.print(Rule(Text(said(day), style="bold"), align="left", style="dim", characters="─"))

    def later(self, when: str) -> None:
        """The same day, later."""
        self._voice = ""
        self._console.print(Rule(Text(when, style="dim"), align="left", style="dim", characters="─"))

    def line(self, words: str = "", style: str = "") -> None:
        """A line of the narrator."""
        self._console.print(Text(words, style=style))

    def clinic(self, words: str, call: str = "") -> None:
        """What happens at the clinic, and the call behind it."""
        self._speak(CLINIC, words, call)

    def phone(self, words: str, call: str = "") -> None:
        """What happens on the phone, and the call behind it."""
        self._speak(PHONE, words, call)

    def quote(self, words: str) -> None:
        """The server's own words."""
        self._below(Text(f"“{words}”", style="italic"))

    def screen(self, title: str, corner: str, lines: list[str]) -> None:
        """What a phone would show."""
        content = Text("\n").join(Text(line) for line in lines)
        panel = Panel(
            content,
            title=Text(title, style="bold"),
            title_align="left",
            subtitle=Text(corner, style="dim"),
            subtitle_align="right",
            box=box.ROUNDED,
            border_style="green",
            width=min(WIDTH, self._console.width) - INDENT,
        )
        self._below(panel)

    def decisions(self, rows: list[tuple[str, str, str, str]]) -> None:
        """What changed, one row a decision: the day, what, who, and why."""
        table = Table.grid(padding=(0, 2))
        for style in ("", "bold", "", "italic"):
            table.add_column(style=style)
        for row in rows:
            table.add_row(*row)
        self._below(table)

    def strip(self, days: list[dict[str, Any]]) -> None:
        """One column a day: what was done of what was due, and the worst pain."""
        table = Table.grid(padding=(0, 1))
        table.add_column(min_width=11)
        for _ in days:
            table.add_column(justify="right", min_width=2)
        dates = [date.fromisoformat(one["date"]) for one in days]
        table.add_row("", *(f"{day:%a}"[:2] for day in dates), style="dim")
        table.add_row("", *(str(day.day) for day in dates), style="dim")
        table.add_row("done", *map(mark, days), style="bold")
        table.add_row("worst pain", *("" if one["worst_pain"] is None else str(one["worst_pain"]) for one in days))
        self._below(table)

    def _speak(self, voice: str, words: str, call: str) -> None:
        name = voice if voice != self._voice else ""
        self._voice = voice
        row = Table.grid(expand=True)
        row.add_column(width=INDENT)
        row.add_column(ratio=1)
        row.add_column(justify="right", no_wrap=True)
        row.add_row(Text(name, style=STYLES[voice]), Text(words), Text(f"  {call}" if call else "", style="dim"))
        self._console.print(row)

    def _below(self, what: RenderableType) -> None:
        self._console.print(Padding(what, (0, 0, 0, INDENT)))


def mark(day: dict[str, Any]) -> str:
    """A day of adherence as one sign: ✓ done, ◐ in part, ○ due and not done, · nothing due."""
    if not day["expected"]:
        return "·"
    if day["done"] >= day["expected"]:
        return "✓"
    return "◐" if day["done"] or day["partial"] else "○"
