"""Queues and their members; redirecting a member's call takes it out of the queue."""

from flask import request

from carrier.line import Jump, Redirected
from carrier.queueing import Member, Queue
from carrier.rest.desk import Shape, day, network, page, path, routes
from carrier.rest.errors import invalid, not_found
from carrier.rest.parameters import PAGES, honours, method, number

LARGEST_QUEUE = 5000


def shape(queue: Queue) -> Shape:
    """A queue as the carrier describes it."""
    return {
        "sid": queue.sid,
        "account_sid": network().account_sid,
        "friendly_name": queue.name,
        "current_size": len(queue.members),
        "max_size": queue.max_size,
        "average_wait_time": queue.average_wait,
        "date_created": day(queue.created_at),
        "date_updated": day(queue.created_at),
        "uri": path(f"/Queues/{queue.sid}.json"),
    }


def _member_shape(queue: Queue, member: Member) -> Shape:
    waited = network().clock.now() - member.joined_at
    return {
        "call_sid": member.call.sid,
        "queue_sid": queue.sid,
        "position": queue.position(member.call),
        "wait_time": round(waited.total_seconds()),
        "date_enqueued": day(member.joined_at),
        "uri": path(f"/Queues/{queue.sid}/Members/{member.call.sid}.json"),
    }


def _find(sid: str) -> Queue:
    for queue in list(network().queues.values()):
        if queue.sid == sid:
            return queue
    raise not_found(path(f"/Queues/{sid}.json"))


@routes.get("/<account>/Queues.json")
@honours(*PAGES)
def list_queues() -> Shape:
    """All queues."""
    return page("queues", list(network().queues.values()), shape)


@routes.post("/<account>/Queues.json")
@honours("FriendlyName", "MaxSize")
def make_queue() -> tuple[Shape, int]:
    """Create a queue with a maximum size."""
    name = request.form.get("FriendlyName", "")
    if not name or len(name) > 64:
        raise invalid(22003, "A queue needs a FriendlyName of at most 64 letters")
    if name in network().queues:
        raise invalid(22003, f"Queue {name} already exists")
    size = number("MaxSize", 100, LARGEST_QUEUE)
    queue = network().queue(name)
    queue.max_size = size
    return shape(queue), 201


@routes.get("/<account>/Queues/<sid>.json")
def fetch_queue(sid: str) -> Shape:
    """One queue."""
    return shape(_find(sid))


@routes.post("/<account>/Queues/<sid>.json")
@honours("MaxSize")
def change_queue(sid: str) -> Shape:
    """Set the queue's maximum size."""
    queue = _find(sid)
    queue.max_size = number("MaxSize", queue.max_size, LARGEST_QUEUE)
    return shape(queue)


@routes.delete("/<account>/Queues/<sid>.json")
def delete_queue(sid: str) -> tuple[str, int]:
    """Remove an empty queue."""
    queue = _find(sid)
    if queue.members:
        raise invalid(22003, "The queue is not empty")
    del network().queues[queue.name]
    return "", 204


@routes.get("/<account>/Queues/<sid>/Members.json")
@honours(*PAGES)
def list_members(sid: str) -> Shape:
    """The members of a queue, the first in front."""
    queue = _find(sid)
    return page("queue_members", list(queue.members), lambda one: _member_shape(queue, one))


@routes.get("/<account>/Queues/<sid>/Members/<call_sid>.json")
def fetch_member(sid: str, call_sid: str) -> Shape:
    """One member; ``Front`` is the first."""
    queue = _find(sid)
    return _member_shape(queue, _find_member(queue, call_sid))


def _find_member(queue: Queue, call_sid: str) -> Member:
    for member in list(queue.members):
        if call_sid in ("Front", member.call.sid):
            return member
    raise not_found(path(f"/Queues/{queue.sid}/Members/{call_sid}.json"))


@routes.post("/<account>/Queues/<sid>/Members/<call_sid>.json")
@honours("Url", "Method")
def dequeue(sid: str, call_sid: str) -> Shape:
    """Take a member out: the call goes on with the document at Url."""
    queue = _find(sid)
    url = request.form.get("Url", "")
    if not url.startswith(("http://", "https://")):
        raise invalid(21205, f"Url is not a valid URL: {url}")
    member = _find_member(queue, call_sid)
    answer = _member_shape(queue, member)
    jump = Jump(url, method("Method"))
    network().clock.tell(member.call, Redirected(jump))
    return answer
