"""Diagrams before they run: reading, linting, drafting and laying out BPMN. No engine, no database."""
