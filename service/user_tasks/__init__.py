"""User tasks: who may take one, who may complete it. Pure rules over frozen facts."""
