"""PostgreSQL and Valkey (a Redis) as programs from their wheels, started and stopped here.

The Python layers of these wheels create system users and open the folders above the data to
everybody. So only the programs are used (docs/adr/0002-embedded-servers.md).
"""
