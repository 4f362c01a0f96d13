"""The decay: how fast the daughter is kicked (`kicks`), when (`history`), how far it streams (`streaming_length`)."""
