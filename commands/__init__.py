"""The commands, a file a subject. `cli` names them."""
