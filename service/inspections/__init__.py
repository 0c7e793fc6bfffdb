"""Random inspections: the rules of the draw. Pure."""
