"""The live desk: who waits, the call in hand, its form, the telephone in the browser."""
