"""The forms behind the acts on an entry: what each asks, what it does, who else is needed."""

from collections.abc import Mapping
from datetime import datetime

from lachan.doors.web.registry.listing import verdict_word
from lachan.doors.web.registry.words import Words
from lachan.foundation.taxonomy import ReasonFamily, scam_forms, suspicion_reasons
from lachan.registry import VERDICT_ORDER, AppealOutcome, Verdict, views
from lachan.registry.views import EntryPage
from lachan.response.shapes import Action, Choice, DecisionPage, Field, FormField, Message, Notice

# What an address may name beside the entry; the form carries it on.
LINKED = ("claim", "appeal", "other", "merge")
Typed = Mapping[str, str]
# Reasons that follow from the golden hour by themselves: nobody enters them by hand.
_NOT_BY_HAND = frozenset({ReasonFamily.REPORT})


def act_page(
    page: EntryPage, name: str, words: Words, typed: Typed, wrong: tuple[str, Message] | None
) -> DecisionPage:
    """One form, with what was typed and what is wrong with it, at its field or above."""
    one = page.entry
    asked = tuple(_filled(field, typed, wrong) for field in _fields(page, name, words))
    at_field = wrong is not None and any(field.name == wrong[0] for field in asked)
    said = {"verdict": verdict_word(page.in_force)}
    return DecisionPage(
        code=words.identified(one.key).text,
        title=Message(f"web.registry.act.{name}_title"),
        effect=Message(f"web.registry.act.{name}_effect", said),
        facts=_facts(page, name, words, typed),
        fields=asked,
        action=f"/registry/{one.id}/{name}",
        submit=Message(f"web.registry.act.{name}_do"),
        back_href=f"/registry/{one.id}",
        hidden={key: typed[key] for key in LINKED if typed.get(key)},
        compelling=name in {"activate", "renew"},
        second_person=Message("web.registry.second_for_more") if name in {"activate", "renew"} else None,
        others=_at_once(one.id) if name == "notice" else (),
        notice=Notice("error", wrong[1]) if wrong is not None and not at_field else None,
    )


def _at_once(entry_id: str) -> tuple[Action, ...]:
    """What asks nothing is done with one button."""
    return (Action(Message("web.registry.act.notice_do"), f"/registry/{entry_id}/notice", post=True, primary=True),)


def claim_fields(words: Words) -> tuple[FormField, ...]:
    """What a claim by hand asks beside the identifier."""
    return (
        FormField("reason", "select", Message("web.registry.field.reason"), choices=reason_choices(words)),
        FormField(
            "scam_form", "select", Message("web.registry.field.scam_form"), choices=form_choices(words),
            required=False,
        ),
        FormField(
            "confidence", "text", Message("web.registry.field.confidence"), required=False,
            hint=Message("web.registry.field.confidence_hint"),
        ),
        FormField("last_seen", "moment", Message("web.registry.field.last_seen"), required=False),
        FormField(
            "evidence", "area", Message("web.registry.field.evidence"),
            hint=Message("web.registry.field.evidence_hint"),
        ),
    )  # fmt: skip


def reason_choices(words: Words) -> tuple[Choice, ...]:
    """The reasons for suspicion that a person may state."""
    return tuple(
        Choice(one.code, text=f"{one.code} · {one.label(words.language)}")
        for one in suspicion_reasons(words.now) if one.family not in _NOT_BY_HAND
    )  # fmt: skip


def form_choices(words: Words) -> tuple[Choice, ...]:
    """The forms of fraud."""
    return tuple(Choice(one.code, text=one.label(words.language)) for one in scam_forms(words.now))


def _fields(page: EntryPage, name: str, words: Words) -> tuple[FormField, ...]:
    reasons = FormField(
        "reasons", "area", Message("web.registry.field.reasons"), hint=Message("web.registry.field.reasons_hint")
    )
    until = FormField(
        "review_at", "moment", Message("web.registry.field.review_at"), required=False,
        hint=Message("web.registry.field.review_at_hint"),
    )  # fmt: skip
    if name == "claim":
        return claim_fields(words)
    if name == "activate":
        return (_verdicts(page, words.now), reasons, until)
    if name == "renew":
        return (reasons, until)
    if name == "notice":
        return ()
    if name == "merge":
        same = tuple(Choice(one, Message(f"web.registry.same_{one}")) for one in ("yes", "no"))
        return (FormField("same", "select", Message("web.registry.field.same"), choices=same), reasons)
    if name == "appeal":
        return (
            FormField(
                "outcome", "select", Message("web.registry.field.outcome"),
                choices=tuple(
                    Choice(one.value, Message(f"web.registry.outcome_{one.value}"),
                           possible=one is not AppealOutcome.PARTLY or len(_milder(page)) > 0)
                    for one in AppealOutcome
                ),
            ),
            FormField(
                "verdict", "select", Message("web.registry.field.lower"), required=False,
                choices=tuple(
                    Choice(one.value, Message(f"web.registry.verdict_long_{one.value}")) for one in _milder(page)
                ),
            ),
            reasons,
        )  # fmt: skip
    return (reasons,)


def _verdicts(page: EntryPage, now: datetime) -> FormField:
    """Every verdict, those that the living claims cannot carry cannot be chosen."""
    open_to = views.open_verdicts(page, now)
    return FormField(
        "verdict", "select", Message("web.registry.field.verdict"),
        choices=tuple(
            Choice(
                one.value,
                Message(f"web.registry.verdict_{'two' if open_to.get(one) else 'long'}_{one.value}"),
                possible=one in open_to,
            )
            for one in VERDICT_ORDER if one is not Verdict.CLEAR
        ),
        hint=Message("web.registry.field.verdict_hint"),
    )  # fmt: skip


def _milder(page: EntryPage) -> tuple[Verdict, ...]:
    return VERDICT_ORDER[1 : VERDICT_ORDER.index(page.entry.verdict)]


def _facts(page: EntryPage, name: str, words: Words, typed: Typed) -> tuple[tuple[Message, Message], ...]:
    facts = [
        (Message("web.registry.in_force"), verdict_word(page.in_force)),
        (Message("web.registry.state"), Message(f"registry.state_{page.entry.state.value}")),
    ]
    if name == "withdraw":
        for one in page.claims:
            if one.id == typed.get("claim"):
                said = {"who": words.claimant(one.claimant), "reason": words.reason(one.reason)}
                facts.append((Message("web.registry.claim"), Message("web.registry.claim_line", said)))
    if name == "appeal":
        for appeal in page.appeals:
            if appeal.id == typed.get("appeal"):
                named: dict[str, object] = {"code": appeal.code, "level": appeal.level}
                facts.append((Message("web.registry.appeal"), Message("web.registry.appeal_level", named)))
    return tuple(facts)


def _filled(asked: FormField, typed: Typed, wrong: tuple[str, Message] | None) -> FormField:
    error = wrong[1] if wrong is not None and wrong[0] == asked.name else None
    return FormField(
        asked.name, asked.kind, asked.label, Field(typed.get(asked.name, ""), error), asked.choices, asked.required,
        asked.hint, asked.opens, asked.closes,
    )  # fmt: skip
