"""How large and how often wrong is a bank's own copy?  The fuse filter against a Bloom filter of the same size."""

import argparse
import json
import time
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lachan.foundation.base import WallClock
from lachan.foundation.exchange import Filter, Header, contains, key_id, read_copy, write_delta, write_filter
from lachan.screening import kernel
from lachan.screening.table import frozen

STRANGERS = 50_000_000
CHUNK = 5_000_000


def measure(keys: int, strangers: int) -> dict[str, Any]:
    """One list of random fingerprints, as a file, read back and asked."""
    random = np.random.default_rng(11)
    marks = np.unique(random.integers(0, 2**64, keys, np.uint64))
    signer = Ed25519PrivateKey.generate()
    key = bytes(16)
    header = Header("filter", "bench", "999001", key_id(key), 1, 1, WallClock().now())
    started = time.process_time()
    content = write_filter(header, marks, signer.sign)
    built_s = time.process_time() - started
    started = time.process_time()
    copy = read_copy(content, [signer.public_key().public_bytes_raw()])
    read_s = time.process_time() - started
    if not isinstance(copy, Filter):
        raise TypeError("a filter was written")
    missing = int(len(marks) - np.count_nonzero(contains(copy.shape, copy.cells, marks)))
    words = len(copy.cells) // 4
    bloom = frozen(kernel.make_bloom(frozen(marks), words))
    wrong = bloom_wrong = asked = 0
    while asked < strangers:
        some = random.integers(0, 2**64, min(CHUNK, strangers - asked), np.uint64)
        wrong += int(np.count_nonzero(contains(copy.shape, copy.cells, some)))
        asked += len(some)
        masks = np.zeros(len(some), np.uint64)
        for shift in (0, 6, 12, 18):
            masks |= np.uint64(1) << ((some >> np.uint64(shift)) & np.uint64(63))
        places = ((some >> np.uint64(32)) * np.uint64(words)) >> np.uint64(32)
        bloom_wrong += int(np.count_nonzero(bloom[places] & masks == masks))
    day = write_delta(header, marks[: keys // 500], marks[-keys // 1000 :], signer.sign)
    return {
        "keys": len(marks),
        "file_bytes": len(content),
        "bits_each": 8 * len(content) / len(marks),
        "times_16_bits": len(content) / (2 * len(marks)),
        "false_negatives": missing,
        "false_positives": wrong / asked,
        "blocked_bloom_same_size_false_positives": bloom_wrong / asked,
        "build_s": built_s,
        "read_and_verify_s": read_s,
        "delta_bytes_of_a_day": len(day),
    }


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--keys", type=int, default=10_000_000)
    options.add_argument("--strangers", type=int, default=STRANGERS)
    chosen = options.parse_args()
    result = measure(chosen.keys, chosen.strangers)
    for name, value in result.items():
        print(f"{name:42} {value:14,.8g}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
