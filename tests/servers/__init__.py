"""Private PostgreSQL and RabbitMQ servers for the tests: own ports, own temporary folders, gone when the tests are.

The daemons that Debian's packages start by themselves are neither used nor touched.
"""
