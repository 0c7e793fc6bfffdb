"""Pages and the interface over HTTP: parse, call one command or query, answer."""
