"""The decay: how fast the daughter is kicked (`kicks`) and when (`history`)."""
