"""PostgreSQL and Valkey (a Redis) as programs out of their wheels, started and stopped by us.

The wheels bring Python layers of their own; we take only the programs, because those layers make
system users and open folders above the data to everybody (docs/adr/0002-embedded-servers.md).
"""
