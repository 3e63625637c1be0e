"""The account's numbers and their webhook addresses."""

from typing import Final

from flask import request

from carrier.network import Number
from carrier.rest.desk import API_VERSION, Shape, day, is_landline, network, page, path, routes
from carrier.rest.errors import invalid, not_found
from carrier.rest.parameters import PAGES, choice, honours, method, truth

ORIGINS: Final = ("twilio", "hosted")

_SETTINGS: Final = {
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceFallbackMethod": "voice_fallback_method",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
    "SmsUrl": "sms_url",
    "FriendlyName": "friendly_name",
}


def shape(number: Number) -> Shape:
    """A number as the carrier describes it."""
    made = day(number.created_at or network().clock.now())
    return {
        "sid": number.sid,
        "account_sid": network().account_sid,
        "phone_number": number.phone_number,
        "friendly_name": number.friendly_name or number.phone_number,
        "voice_url": number.voice_url,
        "voice_method": number.voice_method,
        "voice_fallback_url": number.voice_fallback_url or None,
        "voice_fallback_method": number.voice_fallback_method,
        "status_callback": number.status_callback,
        "status_callback_method": number.status_callback_method,
        "voice_caller_id_lookup": False,
        "voice_application_sid": None,
        "sms_application_sid": None,
        "sms_url": number.sms_url,
        "sms_method": "POST",
        "sms_fallback_url": "",
        "sms_fallback_method": "POST",
        "address_requirements": "none",
        "address_sid": None,
        "bundle_sid": None,
        "identity_sid": None,
        "trunk_sid": None,
        "emergency_status": "Active",
        "emergency_address_sid": None,
        "emergency_address_status": "unregistered",
        "beta": False,
        "origin": "twilio",
        "status": "in-use",
        "voice_receive_mode": "voice",
        "capabilities": {
            "voice": True,
            "sms": not is_landline(number.phone_number),
            "mms": False,
            "fax": False,
        },
        "date_created": made,
        "date_updated": made,
        "api_version": API_VERSION,
        "uri": path(f"/IncomingPhoneNumbers/{number.sid}.json"),
    }


@routes.get("/<account>/IncomingPhoneNumbers.json")
@honours("PhoneNumber", "FriendlyName", "Beta", "Origin", *PAGES)
def list_numbers() -> Shape:
    """Numbers; ``PhoneNumber`` filters by a part of it. No number is hosted or new (beta)."""
    part, name = request.args.get("PhoneNumber", ""), request.args.get("FriendlyName")
    truth("Beta")  # true would add numbers that are new to the platform
    is_asked_for = choice("Origin", ORIGINS) != "hosted"
    chosen = [
        number
        for number in network().numbers.values()
        if is_asked_for
        and part in number.phone_number
        and name in (None, number.friendly_name or number.phone_number)
    ]
    return page("incoming_phone_numbers", chosen, shape)


def _find(sid: str) -> Number:
    for number in network().numbers.values():
        if number.sid == sid:
            return number
    raise not_found(path(f"/IncomingPhoneNumbers/{sid}.json"))


@routes.get("/<account>/IncomingPhoneNumbers/<sid>.json")
def fetch_number(sid: str) -> Shape:
    """One number."""
    return shape(_find(sid))


@routes.post("/<account>/IncomingPhoneNumbers/<sid>.json")
@honours(*_SETTINGS)
def change_number(sid: str) -> Shape:
    """Set the addresses for calls and events."""
    number = _find(sid)
    for field, name in _SETTINGS.items():
        if field in request.form:
            setattr(number, name, _checked(field, request.form[field]))
    return shape(number)


def _checked(field: str, value: str) -> str:
    if field.endswith("Method"):
        return method(field)
    is_address = field.endswith("Url") or field == "StatusCallback"
    if is_address and value and not value.startswith(("http://", "https://")):
        raise invalid(21502, f"{field} is not a valid URL: {value}")
    return value
