"""What people write: submissions and their events. It cannot be derived, so it is never remade."""
