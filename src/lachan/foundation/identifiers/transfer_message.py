from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TransferDraft:
    x: int = 0


def read_transfer_message(text: str) -> TransferDraft:
    return TransferDraft()
