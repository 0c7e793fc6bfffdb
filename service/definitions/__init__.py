"""Versions of diagrams with the diagrams they call and their forms; running cases stay on theirs."""
