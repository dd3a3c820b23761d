"""The Atom Syndication Format (RFC 4287): a feed of short texts as XML."""

from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

NAMESPACE = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True, kw_only=True)
class AtomEntry:
    """One text. `id` never changes; `links` are further forms of it: address and media type."""

    id: str
    title: str
    text: str
    address: str
    published: datetime
    updated: datetime
    category: str = ""
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AtomFeed:
    """A feed, its newest entry first. `updated` where nothing is in it yet."""

    id: str
    title: str
    author: str
    language: str
    address: str
    page: str
    updated: datetime
    entries: tuple[AtomEntry, ...]


def write_atom(feed: AtomFeed) -> bytes:
    """The feed as UTF-8 XML."""
    root = etree.Element(f"{{{NAMESPACE}}}feed", {_LANGUAGE: feed.language}, nsmap={None: NAMESPACE})
    newest = max((entry.updated for entry in feed.entries), default=feed.updated)
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    _add(root, "updated", _time(newest))
    _add(etree.SubElement(root, f"{{{NAMESPACE}}}author"), "name", feed.author)
    _link(root, "self", feed.address, MEDIA_TYPE)
    _link(root, "alternate", feed.page, "text/html")
    for entry in feed.entries:
        node = etree.SubElement(root, f"{{{NAMESPACE}}}entry")
        _add(node, "id", entry.id)
        _add(node, "title", entry.title)
        _add(node, "published", _time(entry.published))
        _add(node, "updated", _time(entry.updated))
        _link(node, "alternate", entry.address, "text/html")
        for address, media_type in entry.links:
            _link(node, "related", address, media_type)
        if entry.category:
            etree.SubElement(node, f"{{{NAMESPACE}}}category", {"term": entry.category})
        _add(node, "content", entry.text).set("type", "text")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _link(parent: etree._Element, relation: str, address: str, media_type: str) -> None:
    etree.SubElement(parent, f"{{{NAMESPACE}}}link", {"rel": relation, "href": address, "type": media_type})


def _add(parent: etree._Element, name: str, text: str) -> etree._Element:
    made = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    made.text = text
    return made
