"""What is timed, as ratios against a peer in the same run; never part of the tests."""
