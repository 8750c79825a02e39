"""Find the part of README.md between the two markers, which the job writes."""

from dataclasses import dataclass

from daily_papers.errors import InputError

README = "README.md"
START = "<!-- daily-papers:start -->"
END = "<!-- daily-papers:end -->"
NEW_README = f"# Daily Papers\n\n{START}\n{END}\n"
MAX_OWN_PART = 250_000
"""Bytes outside the markers: half of what a README may have."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A README around its generated part, byte for byte."""

    before: str
    after: str

    def around(self, generated: str) -> str:
        """Return the whole README."""
        return f"{self.before}{START}\n{generated}\n{END}{self.after}"


def find_frame(text: str) -> Frame:
    """Return the text outside the markers. Raises InputError with the lines that are wrong.

    If every line ends with CRLF, as Git for Windows checks files out, all end with LF afterwards.
    """
    if text.count("\r\n") == text.count("\n"):
        text = text.replace("\r\n", "\n")
    numbered = list(enumerate(text.split("\n"), start=1))
    places = {
        marker: [number for number, line in numbered for _ in range(line.count(marker))]
        for marker in (START, END)
    }
    problems = []
    for marker, lines in places.items():
        if not lines:
            problems.append(
                f"{README}:{len(numbered)}: the marker {marker} is missing up to this last line; "
                "put it back on a line of its own"
            )
        problems += [
            f"{README}:{line}: the marker {marker} stands here again, first in line {lines[0]}; "
            "delete one of the two"
            for line in lines[1:]
        ]
    if not problems and places[START][0] >= places[END][0]:
        problems.append(
            f"{README}:{places[END][0]}: the marker {END} must stand below {START}, "
            f"which is in line {places[START][0]}"
        )
    if problems:
        raise InputError(problems)
    before, rest = text.split(START)
    frame = Frame(before, rest.split(END)[1])
    size = len((frame.before + frame.after).encode())
    if size > MAX_OWN_PART:
        problem = f"{README}:1: your own part of it has {size:,} bytes, which leaves too little of"
        advice = f"what GitHub shows to the tables; keep it below {MAX_OWN_PART:,}"
        raise InputError([f"{problem} {advice}"])
    return frame
