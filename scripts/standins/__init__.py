"""Servers on loopback that stand in for arXiv and a language model, for demo and tests."""
