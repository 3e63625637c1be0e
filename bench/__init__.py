"""How fast the line is: measured, not asserted. `make bench`, docs/performance.md."""
