"""Measure how well nearness finds an author's later papers, and what it costs.

Each of some hundred authors, 3 to 10 of whose papers are the seeds, has later papers hidden among
others of the same category. Names are not used. Records are JSON objects, one a line, with
arxiv_id, title, abstract, authors, primary_category and published; the file may be compressed.
"""

import argparse
import gzip
import json
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daily_papers.ranking.nearness import BACKGROUND, Nearness, Words

OTHERS = 200
TOP = 10
_SEEDS = range(3, 11)


@dataclass(frozen=True)
class Text:
    """What is compared of a paper."""

    title: str
    abstract: str


@dataclass(frozen=True)
class Case:
    """An author: the papers that are known, those to find, and others; numbers of records."""

    seeds: Sequence[int]
    hidden: Sequence[int]
    others: Sequence[int]


def read(path: Path) -> list[dict[str, Any]]:
    """Return the records of a file, oldest first."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    records = [json.loads(line) for line in text.split("\n") if line.strip()]
    return sorted(records, key=lambda one: (str(one["published"]), str(one["arxiv_id"])))


def cases(records: Sequence[dict[str, Any]], rng: random.Random) -> Iterator[Case]:
    """Yield the authors that can be measured, in random order."""
    by_author: defaultdict[str, list[int]] = defaultdict(list)
    by_category: defaultdict[str, list[int]] = defaultdict(list)
    for number, record in enumerate(records):
        by_category[record["primary_category"]].append(number)
        for author in dict.fromkeys(record["authors"]):
            by_author[author].append(number)
    names = [name for name, own in by_author.items() if len(own) > _SEEDS[0]]
    rng.shuffle(names)
    for name in names:
        own = by_author[name]
        count = min(max(_SEEDS[0], len(own) * 3 // 5), _SEEDS[-1])
        later = own[count:]
        kinds = [records[one]["primary_category"] for one in later]
        kind = statistics.mode(kinds)
        others = list(set(by_category[kind]).difference(own))
        if len(others) >= OTHERS:
            hidden = [one for one in later if records[one]["primary_category"] == kind]
            yield Case(own[:count], hidden, rng.sample(sorted(others), OTHERS))


def measure(records: Sequence[dict[str, Any]], authors: int, seed: int) -> None:
    """Print the quality over so many authors, and the time of a night's comparison."""
    rng = random.Random(seed)  # noqa: S311 - nothing secret
    texts = [Text(one["title"], one["abstract"]) for one in records]
    words = Words(rng.sample(texts, min(BACKGROUND, len(texts))))
    areas, places = [], []
    for _, case in zip(range(authors), cases(records, rng), strict=False):
        nearness = Nearness(words, [words.vector(texts[one]) for one in case.seeds])
        hidden, others = (
            [nearness.score(words.vector(texts[one])) for one in found]
            for found in (case.hidden, case.others)
        )
        pairs = [(one > other) + (one == other) / 2 for one in hidden for other in others]
        areas.append(statistics.mean(pairs))
        places += [sum(other >= one for other in others) for one in hidden]
    if not areas:
        print(f"no author with more than {_SEEDS[0]} papers in a category of {OTHERS} others")
        return
    print(f"authors                    {len(areas)}")
    print(f"hidden papers              {len(places)}")
    print(f"AUC, mean                  {statistics.mean(areas):.3f}")
    print(f"AUC, median                {statistics.median(areas):.3f}")
    share = sum(place < TOP for place in places) / len(places)
    print(f"among the first {TOP}         {share:.1%} (by chance {TOP / (OTHERS + 1):.1%})")
    sample = [rng.choice(texts) for _ in range(500)]
    begun = time.process_time()
    vectors = [words.vector(text) for text in sample]
    read_in = time.process_time() - begun
    times = []
    for _ in range(5):
        begun = time.process_time()
        nearness = Nearness(words, vectors[:100])
        for vector in vectors[100:]:
            nearness.score(vector)
        times.append(time.process_time() - begun)
    print(f"400 papers with 100 seeds  {min(times) * 1000:.0f} ms")
    print(f"words of 500 papers        {read_in * 1000:.0f} ms")


def main() -> None:
    """Measure on the records of a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=Path, required=True, metavar="FILE")
    parser.add_argument("--authors", type=int, default=300, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the random choice")
    options = parser.parse_args()
    measure(read(options.records), options.authors, options.seed)


if __name__ == "__main__":
    main()
