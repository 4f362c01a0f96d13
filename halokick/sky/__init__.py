"""What is seen: line-of-sight integrals (`jfactor`), and dwarfs from catalogue to suppression (`dwarfs`)."""
