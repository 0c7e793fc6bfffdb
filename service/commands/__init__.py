"""What the system can do, one verb a module. A command takes a connection, the act and `now`, and never commits."""
