"""What takes minutes: `make stress`."""
