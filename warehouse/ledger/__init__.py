"""What people write: submissions and their events, reviews of answers, disputes of keys.

It cannot be derived, so it is never remade.
"""
