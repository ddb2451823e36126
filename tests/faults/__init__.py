"""Faults: real processes, real servers, and whatever can befall them.

``town.py`` starts sandbox, web, worker and clock and lets firms use them over HTTP; ``counting.py`` holds the four
checks that every run ends with; ``points.py`` names the points at which processes die.

Without ``DUNNOCK_FAULT_ROUNDS`` each scenario runs on one pair of servers, by turns (``tests/support/turns.py``), and
something is killed at random 12 times on one of them. With it, all run on both pairs, and it says how often something is
killed. The long run, for a release or a night::

    DUNNOCK_FAULT_ROUNDS=400 python -m pytest tests/faults -n 2 --timeout 7200
"""
