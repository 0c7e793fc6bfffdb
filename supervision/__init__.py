"""Electronic supervision: rules that look at facts, alarms and orders. It acts on cases only through commands."""
