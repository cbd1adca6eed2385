"""The provider's data files: rules, lifecycles, the words of a 400, and the contacts that exist."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from contratempo.contract.source import Json, load
from contratempo.data import data_root
from contratempo.provider import read_rules

RULES: Final = read_rules("temphone")
FIELDS: Final[Mapping[str, str]] = RULES.tables["fields"]
"""What each field must be, in the order of the vendor's table."""


def field_message(name: str, must_be: str = "") -> str:
    """Return the vendor's sentence about a field, e.g. "Field 'metadata' must be an object."."""
    return f"Field '{name}' must be {must_be or FIELDS[name]}."


@dataclass(frozen=True)
class Contact:
    """Somebody to call: `timezone` is an IANA name, `phone` is empty when it is not known."""

    first_name: str
    phone: str
    timezone: str
    consent: bool


@dataclass(frozen=True)
class Directory:
    """The contacts by id, the ids that are known to be nobody's, and the campaigns."""

    contacts: Mapping[str, Contact]
    missing: frozenset[str]
    campaigns: frozenset[str]

    def find(self, contact_id: str, unknown: str, timezone: str) -> Contact | None:
        """Return the contact, or None when there is none.

        `unknown` is the value of rule `unknown_contact`; a contact taken on trust gets `timezone` and has consented.
        """
        if contact_id in self.missing:
            return None
        if contact_id in self.contacts:
            return self.contacts[contact_id]
        trusted = unknown == "accept" or (unknown == "prefixed" and contact_id.startswith("ctc_"))
        return Contact("", "", timezone, True) if trusted else None


def directory_of(tree: Json) -> Directory:
    """Return the directory written as `{contacts: {id: {...}}, missing: [...], campaigns: [...]}`."""
    contacts = {identifier: Contact(**entry) for identifier, entry in tree["contacts"].items()}
    return Directory(contacts, frozenset(tree["missing"]), frozenset(tree["campaigns"]))


DIRECTORY: Final = directory_of(load(data_root("fixtures") / "temphone" / "contacts.yaml"))
