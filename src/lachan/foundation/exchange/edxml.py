"""edXML, the envelope in which agencies of the state exchange documents (QCVN 102:2016).

**Unverified.** Names of elements follow what public implementations agree on; namespaces and state codes differ
between them, and the regulation's own schema was not at hand. Validate against it before claiming conformity; until
then every envelope says so in its own comment.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from lxml import etree

VERIFIED: Final = False
_UNVERIFIED: Final = " Unverified: not validated against the schema of QCVN 102:2016 "
_NAMESPACE: Final = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
_TYPE_ADMINISTRATIVE: Final = "2"


@dataclass(frozen=True, slots=True)
class Party:
    """A sender or receiver; `organ_id` such as `H01.01.99`."""

    organ_id: str
    name: str
    address: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels with the envelope; its bytes are sent beside it under this name."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class EdxmlMessage:
    """One document on its way. `competence` is what stands before the signatory's title (`KT.`)."""

    document_id: str
    sender: Party
    receivers: tuple[Party, ...]
    number: str
    notation: str
    place: str
    issued_on: date
    type_name: str
    subject: str
    competence: str
    position: str
    signatory: str
    to_places: tuple[str, ...]
    sent_at: datetime
    attachments: tuple[Attachment, ...]


def edxml(message: EdxmlMessage) -> bytes:
    """The envelope as XML in UTF-8; see the warning at the head of this module.

    Raises:
        ValueError: a text holds characters that XML cannot carry.
    """
    root = etree.Element(_q("edXMLEnvelope"), nsmap={"edXML": _NAMESPACE})
    root.append(etree.Comment(_UNVERIFIED))
    header = etree.SubElement(root, _q("edXMLHeader"))
    _header(etree.SubElement(header, _q("MessageHeader")), message)
    _trace(etree.SubElement(header, _q("TraceHeaderList")), message)
    manifest = etree.SubElement(etree.SubElement(root, _q("edXMLBody")), _q("Manifest"))
    for one in message.attachments:
        reference = etree.SubElement(manifest, _q("Reference"))
        _texts(reference, AttachmentName=one.name, Description=one.description)
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))


def _header(header: "etree._Element", message: EdxmlMessage) -> None:
    for name, parties in (("From", (message.sender,)), ("To", message.receivers)):
        for party in parties:
            _texts(
                etree.SubElement(header, _q(name)), OrganId=party.organ_id, OrganName=party.name,
                OrganAdd=party.address, Email=party.email, Telephone=party.phone,
            )  # fmt: skip
    _texts(header, DocumentId=message.document_id)
    _texts(etree.SubElement(header, _q("Code")), CodeNumber=message.number, CodeNotation=message.notation)
    _texts(
        etree.SubElement(header, _q("PromulgationInfo")), Place=message.place,
        PromulgationDate=f"{message.issued_on:%d/%m/%Y}",
    )  # fmt: skip
    _texts(etree.SubElement(header, _q("DocumentType")), Type=_TYPE_ADMINISTRATIVE, TypeName=message.type_name)
    _texts(header, Subject=message.subject)
    _texts(
        etree.SubElement(header, _q("SignerInfo")), Competence=message.competence, Position=message.position,
        FullName=message.signatory,
    )  # fmt: skip
    places = etree.SubElement(header, _q("ToPlaces"))
    for place in message.to_places:
        _texts(places, Place=place)


def _trace(traces: "etree._Element", message: EdxmlMessage) -> None:
    sent = f"{message.sent_at:%d/%m/%Y %H:%M:%S}"
    _texts(etree.SubElement(traces, _q("TraceHeader")), OrganId=message.sender.organ_id, Timestamp=sent)
    _texts(
        etree.SubElement(traces, _q("Business")), BusinessDocType="0", BusinessDocReason="", Paper="0"
    )  # fmt: skip


def _texts(parent: "etree._Element", **texts: str) -> None:
    for name, text in texts.items():
        etree.SubElement(parent, _q(name)).text = text


def _q(name: str) -> str:
    return f"{{{_NAMESPACE}}}{name}"
