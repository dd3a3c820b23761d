#!/usr/bin/env python3
"""Write docs/reference/demands.md: where each of the 103 demands is done, by whom, and what shows it."""

from pathlib import Path

from lachan.foundation.base import Language, translate
from lachan.plans.demands import DEMANDS, Standing
from lachan.plans.demands.kinds import kinds_by_demand
from lachan.plans.views.coverage import standing_of

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "demands.md"
_HEAD = """# The 103 demands

What the two source plans demand of everybody, where each demand is carried out, and what the system shows of it.
Made by `scripts/demands_table.py` from `src/lachan/plans/demands/data/demands.yaml` and the files of the kinds of
activity; the page `/plans/demands` shows the same with today's figures, the tasks, and who leads them.

"""
_SAID = {Standing.HERE: "here", Standing.WAITS: "**not yet**: waits for {home}", Standing.HOMELESS: "**NO HOME**"}


def text() -> str:
    """The whole page."""
    kinds = kinds_by_demand()
    rows, count = [], dict.fromkeys(Standing, 0)
    for one in DEMANDS:
        named = kinds.get(one.number, ())
        standing = standing_of(one, named)
        count[standing] += 1
        home = translate(f"plans.home_{one.home}", Language.EN)
        leads = ", ".join(translate(f"plans.led_{lead}", Language.EN) for lead in one.leads)
        shows = [f"`{code}`" for code in one.measures] + [f"activity `{code}`" for code in named]
        rows.append(
            f"| D{one.number} | {one.vi} · {one.en} | {leads} | {home} | "
            f"{_SAID[standing].format(home=home)} | {', '.join(shows) or '–'} |"
        )
    here, waits, lost = (count[one] for one in Standing)
    figures = f"{here} here, {waits} not yet, {lost} without a home."
    table = "| # | Demand | Leads | Home | State | What shows it |\n|---|---|---|---|---|---|\n"
    return _HEAD + figures + "\n\n" + table + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
