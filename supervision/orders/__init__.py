"""Supervision orders (督办单): cases of `processes/supervision/`, each about other cases and their alarms."""
