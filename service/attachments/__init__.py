"""Files of cases: what they really are, and their bytes by digest. Who may add one is the command's affair."""
