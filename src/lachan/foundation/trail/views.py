"""Verify and export the trail. A stranger needs only the export and, better, a head kept from earlier."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.trail import rules, store, tables
from lachan.foundation.trail.keys import SealKey, key_id_of, signature_holds
from lachan.foundation.trail.model import (
    SUCCESSION,
    Checkpoint,
    Fact,
    Finding,
    FindingPlace,
    Head,
    TrailReason,
    Verification,
)
from lachan.foundation.trail.succession import Succession, read_succession, successions, trusted_keys

_FORMAT = "lachan-trail-1"
_ROWS_AT_ONCE = 500


@dataclass(slots=True)
class _Chain:
    """Walks facts and checkpoints side by side and notes every place where they disagree."""

    public_keys: Mapping[str, str]
    kept: Mapping[int, str]
    findings: list[Finding] = field(default_factory=list)
    facts: int = 0
    checkpoints: int = 0
    previous: str = rules.GENESIS
    last_sequence: int = 0
    last_number: int = 0
    rows: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    in_turn: str | None = None

    def note(self, reason: TrailReason, place: FindingPlace, where: object) -> None:
        self.findings.append(Finding(reason, place, str(where)))

    def walk(self, facts: Iterator[Fact], checkpoints: Iterable[Checkpoint]) -> None:
        waiting = next(facts, None)
        for checkpoint in checkpoints:
            self._check_seal(checkpoint)
            handed: list[Succession] = []
            leaves = [checkpoint.leaves[i : i + 32] for i in range(0, len(checkpoint.leaves), 32)]
            if rules.merkle_root(leaves) != checkpoint.root:
                self.note(TrailReason.CHECKPOINT_CHANGED, FindingPlace.CHECKPOINT, checkpoint.number)
            for sequence in range(checkpoint.first_sequence, checkpoint.last_sequence + 1):
                while waiting is not None and (waiting.sequence or 0) < sequence:
                    self.note(TrailReason.FACT_INSERTED, FindingPlace.FACT, waiting.sequence)
                    waiting = next(facts, None)
                if waiting is None or waiting.sequence != sequence:
                    self.note(TrailReason.FACT_MISSING, FindingPlace.FACT, sequence)
                    continue
                expected = leaves[sequence - checkpoint.first_sequence : sequence - checkpoint.first_sequence + 1]
                if [rules.leaf_hash(waiting)] != expected:
                    self.note(TrailReason.FACT_CHANGED, FindingPlace.FACT, sequence)
                self.facts += 1
                if waiting.kind == SUCCESSION:
                    handed += self._succession(waiting)
                for table, row_id, digest in waiting.rows:
                    self.rows[table, row_id] = (digest, sequence)
                waiting = next(facts, None)
            self._check_signature(checkpoint, handed)
            self.last_sequence = checkpoint.last_sequence
        while waiting is not None:
            self.note(TrailReason.FACT_INSERTED, FindingPlace.FACT, waiting.sequence)
            waiting = next(facts, None)
        for sequence, head in self.kept.items():
            # A head kept by somebody that no checkpoint reached: the trail was shortened or rewritten.
            self.note(TrailReason.HEAD_NOT_FOUND, FindingPlace.CHECKPOINT, f"{sequence}:{head[:16]}")

    def _check_seal(self, checkpoint: Checkpoint) -> None:
        self.checkpoints += 1
        if checkpoint.number != self.last_number + 1:
            self.note(TrailReason.CHECKPOINT_MISSING, FindingPlace.CHECKPOINT, self.last_number + 1)
        chained = checkpoint.previous_head == self.previous and checkpoint.first_sequence == self.last_sequence + 1
        if not chained or rules.head_of(checkpoint) != checkpoint.head:
            self.note(TrailReason.CHECKPOINT_CHANGED, FindingPlace.CHECKPOINT, checkpoint.number)
        self.previous, self.last_number = checkpoint.head, checkpoint.number
        if self.kept.get(checkpoint.last_sequence) == checkpoint.head:
            self.kept = {s: h for s, h in self.kept.items() if s != checkpoint.last_sequence}

    def _succession(self, fact: Fact) -> list[Succession]:
        said = read_succession(fact.data)
        if said is None or not said.holds:
            self.note(TrailReason.SUCCESSION_WRONG, FindingPlace.FACT, fact.sequence)
            return []
        return [said]

    def _check_signature(self, checkpoint: Checkpoint, handed: list[Succession]) -> None:
        """Signed by a trusted key, and by the one whose turn it is: a key that has handed over seals no more."""
        signer = checkpoint.key_id
        for one in handed:
            if one.lost_because is not None and key_id_of(one.old_key) == self.in_turn:
                self.in_turn = key_id_of(one.new_key)
        public = self.public_keys.get(signer)
        in_turn = self.in_turn is None or signer == self.in_turn
        if not in_turn or public is None or not signature_holds(public, checkpoint.head, checkpoint.signature):
            self.note(TrailReason.SIGNATURE_WRONG, FindingPlace.CHECKPOINT, checkpoint.number)
        self.in_turn = self.in_turn or signer
        for one in handed:
            if one.lost_because is None and key_id_of(one.old_key) == self.in_turn:
                self.in_turn = key_id_of(one.new_key)

    def result(self, unsealed: int, rows_checked: int) -> Verification:
        head = Head(self.last_sequence, self.previous) if self.checkpoints else None
        return Verification(
            self.facts, self.checkpoints, unsealed, rows_checked, head, tuple(dict.fromkeys(self.findings))
        )


def verify(conn: Connection, public_keys: Iterable[str], kept_heads: Iterable[Head] = ()) -> Verification:
    """Recompute the whole trail of this instance, and compare the state rows it speaks of with what is there.

    `public_keys` are those one knows: from them hand-overs lead to the others. Rows that an unsealed fact has
    changed since are judged by that fact.
    """
    keys = trusted_keys(public_keys, successions(conn))
    chain = _Chain(keys, {head.sequence: head.hash for head in kept_heads})
    chain.walk(store.sealed_facts(conn), store.checkpoints(conn))
    unsealed = conn.execute(
        sa.select(tables.fact).where(tables.fact.c.sequence.is_(None)).order_by(tables.fact.c.ordinal)
    ).all()
    for fact in map(store.fact_from_row, unsealed):
        for table, row_id, digest in fact.rows:
            chain.rows[table, row_id] = (digest, 0)
    of_table: dict[str, list[str]] = {}
    for table, row_id in chain.rows:
        of_table.setdefault(table, []).append(row_id)
    for table, ids in of_table.items():
        for start in range(0, len(ids), _ROWS_AT_ONCE):
            some = ids[start : start + _ROWS_AT_ONCE]
            found = store.state_rows(conn, table, some)
            for row_id in some:
                digest, sequence = chain.rows[table, row_id]
                if (rules.row_digest(found[row_id]) if row_id in found else "") != digest:
                    chain.note(TrailReason.ROW_CHANGED, FindingPlace.ROW, f"{table}/{row_id} (#{sequence})")
    return chain.result(len(unsealed), len(chain.rows))


def export(conn: Connection, key: SealKey, instance: str, out: IO[bytes]) -> int:
    """Write the sealed trail as NDJSON: a header, facts, checkpoints, and a signed hash over all of it."""
    digest = hashlib.sha256()
    lines = 0

    def write(content: dict[str, Any]) -> None:
        nonlocal lines
        line = rules.canonical(content) + b"\n"
        digest.update(line)
        out.write(line)
        lines += 1

    write(
        {
            "type": "header",
            "format": _FORMAT,
            "instance": instance,
            "public_key": key.public_text,
            "public_keys": _key_history(conn, key),
        }
    )
    for fact in store.sealed_facts(conn):
        write({"type": "fact", **rules.fact_content(fact)})
    for checkpoint in store.checkpoints(conn):
        write({"type": "checkpoint", **_checkpoint_content(checkpoint)})
    seal = digest.hexdigest()
    write({"type": "seal", "sha256": seal, "signature": key.sign(seal)})
    return lines


def _key_history(conn: Connection, key: SealKey) -> list[str]:
    """All keys that sealed this trail, the first one first."""
    return list(dict.fromkeys([*(one.old_key for one in successions(conn)), key.public_text]))


def verify_export(
    source: IO[bytes], kept_heads: Iterable[Head] = (), trusted_keys: Iterable[str] = ()
) -> Verification:
    """Verify an export with nothing but the file; `trusted_keys` are public keys known from elsewhere.

    Without a trusted key the file's own key is used: that proves it whole, not who made it.
    """
    findings: list[Finding] = []
    facts: list[Fact] = []
    checkpoints: list[Checkpoint] = []
    keys = list(trusted_keys)
    digest = hashlib.sha256()
    sealed = False
    for number, line in enumerate(source, 1):
        content = _line_content(line)
        kind = content.get("type") if content else None
        try:
            if content is None or sealed or (kind == "header") != (number == 1):
                raise ValueError("out of place")
            if kind == "header":
                keys = keys or [content["public_key"]]
                if content["format"] != _FORMAT:
                    raise ValueError("another format")
            elif kind == "fact":
                facts.append(_fact_from_content(content))
            elif kind == "checkpoint":
                checkpoints.append(_checkpoint_from_content(content))
            elif kind == "seal":
                sealed = True
                usable = _usable(keys, facts)
                intact = content["sha256"] == digest.hexdigest() and any(
                    signature_holds(key, content["sha256"], content["signature"]) for key in usable.values()
                )
                if not intact:
                    findings.append(Finding(TrailReason.EXPORT_CHANGED, FindingPlace.LINE, str(number)))
            else:
                raise ValueError("unknown line")
        except (KeyError, TypeError, ValueError):
            findings.append(Finding(TrailReason.EXPORT_CHANGED, FindingPlace.LINE, str(number)))
        digest.update(line)
    if not sealed:
        findings.append(Finding(TrailReason.EXPORT_CHANGED, FindingPlace.LINE, "end"))
    chain = _Chain(_usable(keys, facts), {head.sequence: head.hash for head in kept_heads}, findings)
    chain.walk(iter(facts), checkpoints)
    return chain.result(0, 0)


def _usable(keys: Iterable[str], facts: Iterable[Fact]) -> dict[str, str]:
    handed = [read_succession(fact.data) for fact in facts if fact.kind == SUCCESSION]
    return trusted_keys([key for key in keys if _is_key(key)], [one for one in handed if one is not None])


def _is_key(text: object) -> bool:
    try:
        key_id_of(text)  # type: ignore[arg-type] # anything may stand in a tampered file
    except (TypeError, ValueError):
        return False
    return True


def _line_content(line: bytes) -> dict[str, Any] | None:
    """The line's content, if its bytes are exactly the canonical ones: no byte can change unseen."""
    try:
        content = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return content if isinstance(content, dict) and rules.canonical(content) + b"\n" == line else None


def _checkpoint_content(checkpoint: Checkpoint) -> dict[str, Any]:
    return {
        "number": checkpoint.number,
        "first_sequence": checkpoint.first_sequence,
        "last_sequence": checkpoint.last_sequence,
        "root": checkpoint.root,
        "previous_head": checkpoint.previous_head,
        "head": checkpoint.head,
        "sealed_at": rules.instant_text(checkpoint.sealed_at),
        "key_id": checkpoint.key_id,
        "signature": checkpoint.signature,
        "leaves": checkpoint.leaves.hex(),
    }


def _checkpoint_from_content(content: dict[str, Any]) -> Checkpoint:
    return Checkpoint(
        int(content["number"]), int(content["first_sequence"]), int(content["last_sequence"]), content["root"],
        content["previous_head"], content["head"], rules.instant_from_text(content["sealed_at"]),
        content["key_id"], content["signature"], bytes.fromhex(content["leaves"]),
    )  # fmt: skip


def _fact_from_content(content: dict[str, Any]) -> Fact:
    return Fact(
        content["id"], int(content["sequence"]), content["kind"], content["subject"], content["actor"],
        content["agency_id"], content["purpose"], content["legal_basis"],
        rules.instant_from_text(content["happened_at"]), rules.instant_from_text(content["learned_at"]),
        content["data"], tuple((t, i, d) for t, i, d in content["rows"]),
    )  # fmt: skip
