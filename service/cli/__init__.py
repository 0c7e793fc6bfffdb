"""The commands of `mingjing`: each parses, hands over and prints the result. `service.main` puts them together."""
