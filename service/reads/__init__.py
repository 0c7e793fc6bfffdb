"""Questions that join nouns: the hot read of an act, the work list, the case page. Nothing here writes."""
