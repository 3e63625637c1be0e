"""A telephone network in software that behaves as the carrier does. It uses the server over HTTP.

It makes it possible to call the line without a carrier: in tests (virtual time, see
``carrier.telephone``), from the terminal and the demo telephone (real time, see
``carrier.process``), and in load tests. It imports nothing of the server.

Its modules:

- ``grammar``    what a TwiML document may hold; refuses what the carrier refuses
- ``interpreter`` (with ``speech``, ``gathering``, ``recording``, ``queueing``, ``dialling``,
  ``conferencing``)  a call as a generator that yields wherever time passes
- ``call_recording``  the recording of a running call
- ``clocks``     how time passes: virtual (at once) or real (a thread for each call)
- ``webhooks``   signs, sends, retries and stores webhooks
- ``network``    numbers, calls, queues, conferences, messages, recordings of one account
- ``telephone``  the telephone of the tests
- ``rest``       the carrier's REST interface, as the official client uses it
- ``phones``     people's telephones over HTTP; ``terminal`` is one of them

May import: nothing of ours.
"""
