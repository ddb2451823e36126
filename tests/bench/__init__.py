"""Speed as ratios against bare floors, measured in one run (``make bench``). Never part of the tests."""
