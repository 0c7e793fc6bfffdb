"""What the public may ask: the progress of one case by reference and secret, masked and allow-listed."""
