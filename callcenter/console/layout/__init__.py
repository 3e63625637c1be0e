"""What all pages share: frame, words, values as they are shown, faults."""
