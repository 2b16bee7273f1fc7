"""Signing in: staff with a password, phones with an invitation code; tokens for this device, and how they end.

Tokens are opaque and begin with the clinic's short name. The phone makes `device.id`. Where a reply was lost, the phone
may simply do the same again: redeem within ten minutes, refresh until the new token was used.
"""

import contextlib
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from app.actions.auth.change_password import change_password as change
from app.actions.auth.issue_tokens import Tokens
from app.actions.auth.redeem_invitation import redeem_invitation as redeem
from app.actions.auth.refresh_tokens import refresh_tokens as refresh
from app.actions.auth.revoke_tokens import revoke_tokens as revoke
from app.actions.auth.sign_in import require_attempt_left
from app.actions.auth.sign_in import sign_in as complete_sign_in
from app.api.deps import CallerDep, House, HouseDep, routes
from app.api.problems import responses
from app.api.shapes.devices import DevicesOut, devices_out
from app.api.wire import Codes, Email, Int, Out, Strict, Text, json_response
from app.config import Settings
from app.domain.errors import (
    CodeInvalid,
    DeviceRevoked,
    NotFound,
    PatientClosed,
    SignInFailed,
    TokenExpired,
    TooManyAttempts,
    Unauthorized,
    invalid,
)
from app.store import clinicians, passwords, sign_ins
from app.store.clinicians import Credentials
from app.store.database import UnknownClinic
from app.store.scope import Caller, Role
from app.store.sign_ins import Device
from app.store.transaction import Transaction

router = routes("auth")

ShortName = Annotated[Text, Field(pattern=r"^[a-z0-9](-?[a-z0-9])*$", min_length=1, max_length=40)]
Token = Annotated[Text, Field(min_length=3, max_length=300)]


class DeviceIn(Strict):
    """What a phone says about itself."""

    id: Annotated[Text, Field(min_length=8, max_length=64, description="Made once by the phone, best a UUID.")]
    name: Annotated[Text, Field(max_length=200)] | None = None
    platform: Annotated[Text, Field(max_length=40)] | None = None
    app_version: Annotated[Text, Field(max_length=40)] | None = None

    def to_domain(self) -> Device:
        """The store's shape."""
        return Device(self.id, self.name, self.platform, self.app_version)


class SignInIn(Strict):
    """Staff sign in with clinic, email and password."""

    clinic: ShortName
    email: Email
    password: Annotated[Text, Field(min_length=1, max_length=1000)]
    device: DeviceIn | None = None


class PasswordIn(Strict):
    """Staff choose a password of their own."""

    clinic: ShortName
    email: Email
    password: Annotated[Text, Field(min_length=1, max_length=1000, description="The one until now.")]
    new_password: Annotated[
        Text, Field(min_length=passwords.SHORTEST, max_length=1000, description="The one from now on.")
    ]
    device: DeviceIn | None = None


class RedeemIn(Strict):
    """A phone becomes a patient's with the code that the clinic gave out."""

    clinic: ShortName
    code: Annotated[Text, Field(min_length=4, max_length=40, description="Case, spaces and dashes do not matter.")]
    birth_year: Annotated[Int, Field(ge=1900, le=2100)] | None = None
    device: DeviceIn


class RefreshIn(Strict):
    """A refresh token, to be exchanged or ended."""

    refresh_token: Token


class PrincipalOut(Out):
    """Who the tokens speak for. Send a kept queue only as the same `id`."""

    kind: Annotated[str, Codes("principal_kind")]
    id: UUID
    clinic: str


class TokensOut(Out):
    """A pair of tokens for this device."""

    access_token: str
    refresh_token: str
    token_type: Annotated[str, Codes("token_type")] = "Bearer"  # noqa: S105 - the kind of token, no secret
    expires_in: Annotated[int, Field(description="Seconds until the access token expires.")]
    principal: PrincipalOut


class SignInOut(Out):
    """The state of a sign-in; the token fields are set when `state` is `done`."""

    state: Annotated[str, Codes("sign_in_state")]
    access_token: str | None
    refresh_token: str | None
    token_type: Annotated[str, Codes("token_type")] = "Bearer"  # noqa: S105 - the kind of token, no secret
    expires_in: int | None
    principal: PrincipalOut | None


class MethodsOut(Out):
    """How people sign in at a clinic."""

    clinic: str
    methods: list[Annotated[str, Codes("sign_in_method")]]


@router.post(
    "/auth/refresh",
    response_model=TokensOut,
    responses=responses(Unauthorized, TokenExpired, DeviceRevoked, PatientClosed),
)
async def refresh_tokens(body: RefreshIn, house: HouseDep) -> Response:
    """Exchange a refresh token for a new pair.

    The old one works until the new one was first used; then it ends the family.
    """
    caller = _from_token(body.refresh_token, house)
    try:
        tokens = await house.db.write(caller, refresh, _secret(body.refresh_token), house.settings, caller.now)
    except UnknownClinic:
        raise Unauthorized("This refresh token is not known.") from None
    return _answer(tokens)


@router.post("/auth/redeem", response_model=TokensOut, responses=responses(CodeInvalid, TooManyAttempts))
async def redeem_invitation(body: RedeemIn, house: HouseDep) -> Response:
    """Redeem an invitation code. The same code from the same device within ten minutes gives tokens again."""
    caller = _anonymous(body.clinic, house)
    try:
        tokens = await house.db.write(
            caller,
            redeem,
            code=body.code,
            birth_year=body.birth_year,
            device=body.device.to_domain(),
            settings=house.settings,
            now=caller.now,
        )
    except UnknownClinic:
        raise CodeInvalid("This code is unknown, used or too old.") from None
    return _answer(tokens)


@router.post("/auth/sign-in", response_model=SignInOut, responses=responses(SignInFailed, TooManyAttempts))
async def sign_in(body: SignInIn, house: HouseDep) -> Response:
    """Sign a member of staff in. A first password opens nothing but the choice of another, which comes next."""
    caller = _anonymous(body.clinic, house)
    kept, password_fits = await _compared(caller, body.email, body.password, house)
    try:
        tokens = await house.db.write(
            caller,
            complete_sign_in,
            kept=kept,
            email=body.email,
            password_fits=password_fits,
            device=_device(body.device),
            settings=house.settings,
            now=caller.now,
        )
    except UnknownClinic:
        raise _failed() from None
    return _signed_in(tokens)


@router.post("/auth/password", response_model=SignInOut, responses=responses(SignInFailed, TooManyAttempts))
async def change_password(body: PasswordIn, house: HouseDep) -> Response:
    """Choose a password and sign in with it. Every sign-in that the old one opened ends."""
    if body.new_password == body.password:
        raise invalid("/new_password", "not_allowed", "Choose another password than the one until now.")
    caller = _anonymous(body.clinic, house)
    kept, password_fits = await _compared(caller, body.email, body.password, house)
    new_hash = await passwords.hashed(body.new_password)
    try:
        tokens = await house.db.write(
            caller,
            change,
            kept=kept,
            email=body.email,
            password_fits=password_fits,
            new_hash=new_hash,
            device=_device(body.device),
            settings=house.settings,
            now=caller.now,
        )
    except UnknownClinic:
        raise _failed() from None
    return _signed_in(tokens)


@router.post("/auth/revoke", status_code=204, response_class=Response, responses=responses(Unauthorized))
async def revoke_tokens(body: RefreshIn, house: HouseDep) -> Response:
    """Sign this device out. An unknown token gets the same answer: it is signed out either way."""
    caller = _from_token(body.refresh_token, house)
    with contextlib.suppress(UnknownClinic):
        await house.db.write(caller, revoke, _secret(body.refresh_token), caller.now)
    return Response(status_code=204)


@router.get("/auth/devices", response_model=DevicesOut, responses=responses(Unauthorized, TokenExpired, DeviceRevoked))
async def list_devices(caller: CallerDep, house: HouseDep) -> Response:
    """The devices on which the caller is signed in."""
    found = await house.db.read(caller, sign_ins.devices)
    return json_response(devices_out(found))


@router.get("/auth/methods", response_model=MethodsOut, responses=responses(NotFound))
async def list_auth_methods(clinic: Annotated[ShortName, Query()], house: HouseDep) -> Response:
    """How people sign in at a clinic: staff by `password`, phones by `invitation`."""
    await house.db.read(_anonymous(clinic, house), _nothing)
    return json_response(MethodsOut(clinic=clinic, methods=["password", "invitation"]))


def _anonymous(clinic: str, house: House) -> Caller:
    return Caller(house.now(), None, frozenset({Role.ANONYMOUS}), clinic)


def _from_token(token: str, house: House) -> Caller:
    clinic, dot, secret = token.partition(".")
    if not dot or not secret or not clinic:
        raise Unauthorized("This refresh token is not known.")
    return _anonymous(clinic, house)


def _secret(token: str) -> str:
    return token.partition(".")[2]


def _credentials(tx: Transaction, email: str, settings: Settings, now: datetime) -> Credentials:
    require_attempt_left(tx, f"password {email}", settings, now)
    return clinicians.credentials(tx, email)


async def _compared(caller: Caller, email: str, password: str, house: House) -> tuple[Credentials, bool]:
    """What belongs to an email address, and whether the password does; an unknown clinic takes as long as a known."""
    try:
        kept = await house.db.read(caller, _credentials, email, house.settings, caller.now)
    except UnknownClinic:
        kept = Credentials(None, None)
    return kept, await passwords.fits(kept.password_hash, password)


def _failed() -> SignInFailed:
    return SignInFailed("Clinic, email and password do not belong together.")


def _device(said: DeviceIn | None) -> Device:
    return said.to_domain() if said else Device(None, None, None, None)


def _signed_in(tokens: Tokens | None) -> Response:
    shown = _tokens_out(tokens) if tokens else None
    answer = SignInOut(
        state="done" if shown else "password_change_needed",
        access_token=shown.access_token if shown else None,
        refresh_token=shown.refresh_token if shown else None,
        expires_in=shown.expires_in if shown else None,
        principal=shown.principal if shown else None,
    )
    return json_response(answer, headers={"Cache-Control": "no-store"})


def _nothing(tx: Transaction) -> None:
    del tx


def _tokens_out(tokens: Tokens) -> TokensOut:
    return TokensOut(
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        expires_in=tokens.expires_in,
        principal=PrincipalOut(kind=tokens.principal_kind, id=tokens.principal_id, clinic=tokens.clinic),
    )


def _answer(tokens: Tokens) -> Response:
    return json_response(_tokens_out(tokens), headers={"Cache-Control": "no-store"})
