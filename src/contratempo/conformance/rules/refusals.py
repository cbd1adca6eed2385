"""Promises across fields and in time that no schema can make: what is asked for is refused for the reason it breaks."""

from collections.abc import Callable

from contratempo.conformance.exchange import Exchange
from contratempo.conformance.intent import MISSING_CONTACT, faults
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rule import ASSISTANTS, MESSAGES, TEMPHONE, Findings, rule


def _refused_for(name: str, *statuses: int) -> Callable[[Exchange, Ledger], Findings]:
    """Return a judge of requests that break one promise alone; without statuses any 4xx will do."""

    def judge(x: Exchange, ledger: Ledger) -> Findings:
        if x.auth != "good" or faults(x, ledger) != (name,) or x.status in (0, 401, 429) or x.status >= 500:
            return None
        if not x.refused:
            return [f"answered {x.status}"]
        good = not statuses or x.status in statuses
        return [] if good else [f"refused with {x.status}; promised is {' or '.join(map(str, statuses))}"]

    return judge


@rule(
    "events.text-needed",
    "An SMS event without a text is refused.",
    source="prose",
    providers=(ASSISTANTS,),
    level="reject",
)
def text_needed(x: Exchange, ledger: Ledger) -> Findings:
    if x.operation != "create_scheduled_event" or x.auth != "good" or not isinstance(x.sent, dict):
        return None
    alone = all(each.path == ("text",) and each.kind == "required" for each in x.breaches)
    if (
        x.sent.get("telnyx_conversation_channel") != "sms_chat"
        or "text" in x.sent
        or not alone
        or x.status in (0, 401, 429)
    ):
        return None
    return [] if x.refused else [f"answered {x.status}"]


rule(
    "events.future",
    "An event in the past is refused.",
    source="prose",
    contract="effective",
    level="reject",
    providers=(ASSISTANTS,),
)(_refused_for("past"))
rule(
    "events.retries-are-for-calls",
    "Retries or an interval on an SMS event are refused with 400.",
    source="prose",
    contract="effective",
    level="reject",
    providers=(ASSISTANTS,),
)(_refused_for("retry-on-sms", 400))
rule(
    "events.interval-needed",
    "Retries without an interval are refused.",
    source="prose",
    contract="effective",
    level="reject",
    providers=(ASSISTANTS,),
)(_refused_for("interval-missing"))
rule(
    "events.interval-alone",
    "An interval without retries is refused with 400.",
    source="prose",
    contract="effective",
    level="reject",
    providers=(ASSISTANTS,),
)(_refused_for("interval-alone", 400))

rule(
    "messages.sender-needed",
    "A message without a sender or a messaging profile is refused.",
    source="prose",
    level="reject",
    providers=(MESSAGES,),
)(_refused_for("sender"))
rule(
    "messages.content-needed",
    "A message with neither text nor media, or with an empty text, is refused.",
    source="prose",
    level="reject",
    providers=(MESSAGES,),
)(_refused_for("content"))
rule(
    "messages.media-needed", "An MMS without media is refused.", source="prose", level="reject", providers=(MESSAGES,)
)(_refused_for("media"))
rule(
    "messages.future",
    "A message in the past is refused.",
    source="prose",
    contract="effective",
    level="reject",
    providers=(MESSAGES,),
)(_refused_for("past"))
rule(
    "messages.not-too-early",
    "A message less than 5 minutes ahead is refused.",
    source="prose",
    contract="effective",
    level="reject",
    providers=(MESSAGES,),
)(_refused_for("early"))
rule(
    "messages.not-too-late",
    "A message more than 5 days ahead is refused.",
    source="prose",
    contract="effective",
    level="reject",
    providers=(MESSAGES,),
)(_refused_for("late"))
rule(
    "messages.most-media",
    "A message with more than 10 media is refused.",
    source="prose",
    contract="effective",
    level="reject",
    providers=(MESSAGES,),
)(_refused_for("many-media"))
rule(
    "messages.most-parts",
    "A text that takes more than 10 parts is refused.",
    source="prose",
    contract="effective",
    level="reject",
    providers=(MESSAGES,),
)(_refused_for("many-parts"))
rule(
    "messages.webhook-address",
    "A webhook address that is none, or longer than 2000 characters, is refused.",
    source="prose",
    contract="effective",
    level="reject",
    providers=(MESSAGES,),
)(_refused_for("url"))
rule(
    "messages.gsm7",
    "Encoding gsm7 refuses a text that GSM-7 cannot express.",
    source="sdk",
    contract="effective",
    providers=(MESSAGES,),
)(_refused_for("gsm7"))
rule(
    "messages.alphanumeric-sender",
    "An alphanumeric sender needs a messaging profile.",
    source="prose",
    contract="effective",
    level="reject",
    providers=(MESSAGES,),
)(_refused_for("alphanumeric"))

rule("calls.future", "A call in the past is refused with 400.", source="prose", level="reject", providers=(TEMPHONE,))(
    _refused_for("past", 400)
)


@rule(
    "calls.contact-known",
    "An unknown contact is 404: Contact not found: ….",
    source="prose",
    level="reject",
    providers=(TEMPHONE,),
)
def contact_known(x: Exchange, ledger: Ledger) -> Findings:
    if x.auth != "good" or faults(x, ledger) != ("contact",) or x.status == 401:
        return None
    words = f"Contact not found: {MISSING_CONTACT}."
    if x.status != 404:
        return [f"answered {x.status} to contact {MISSING_CONTACT}"]
    said = x.json.get("message") if isinstance(x.json, dict) else None
    return [] if said == words else [f"the message is {said!r}; the page has {words!r}"]
