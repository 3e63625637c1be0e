"""A telephone network in software: it behaves as the carrier does and knows the server by HTTP.

It exists so that the line can be called without a carrier: by the tests (virtual time, see
``carrier.telephone``), from the terminal and the demo telephone (real time, see
``carrier.process``), and by load tests. It imports nothing of the program that it calls.

Where each thing is:

- ``grammar``    what a TwiML document may hold; refuses what the carrier refuses
- ``interpreter`` (with ``speech``, ``gathering``, ``recording``, ``queueing``, ``dialling``,
  ``conferencing``)  a call as a generator that yields wherever time passes
- ``call_recording``  a talk that is recorded while it goes on
- ``clocks``     who lets the time pass: virtual (at once) or real (a thread a call)
- ``webhooks``   signs, sends, retries, keeps what was sent
- ``network``    numbers, calls, queues, conferences, messages, recordings of one account
- ``telephone``  the telephone that tests hold in their hand
- ``rest``       the carrier's REST interface, as the official client uses it
- ``phones``     people's telephones over HTTP; ``terminal`` is one of them

May import: nothing of ours.
"""
