"""A stand-in for a chat completions endpoint on loopback, for the demo and the tests."""

from standins.llm.answers import fit_answer
from standins.llm.server import Asked, FakeLlm, Fault, Reply

__all__ = ["Asked", "FakeLlm", "Fault", "Reply", "fit_answer"]
