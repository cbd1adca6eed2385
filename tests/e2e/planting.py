"""Secrets, and every way that was found to put one into a request, a record, an address or a receiver's answer."""

import base64
import json
import secrets
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

START = "2026-03-15T09:00:00Z"
MESSAGE = {"from": "+12125550100", "to": "+12125550101", "text": "Hello"}
CALL = {"contact_id": "ctc_12kd88", "scheduled_at": "2026-03-16T09:00:00Z", "initial_message": "Hi"}
EVENTS = "/v2/ai/assistants/asst_1/scheduled_events"
EVENT = {
    "telnyx_conversation_channel": "phone_call",
    "telnyx_end_user_target": "+12125550101",
    "telnyx_agent_target": "+12125550100",
    "scheduled_at_fixed_datetime": "2026-03-15T10:00:00Z",
}
SEED = bytes(range(32, 64))
"""The key that signs."""
ANOTHER = "another-known-key"


def canary(kind, form="{}"):
    return form.format(f"{kind}c4n4ry{secrets.token_hex(8)}")


SECRETS = {
    "known key": canary("known"),
    "key of a known form": f"KEY{secrets.token_hex(16).upper()}_{secrets.token_hex(8)}",
    "unknown token": canary("unknown"),
    "control token": canary("control"),
    "wrong control token": canary("wrong"),
    "digest": canary("digest"),
    "cookie": canary("cookie"),
    "query": canary("query"),
    "member": canary("member"),
    "number": f"4{secrets.randbelow(10**15):015}",
    "malformed": canary("malformed"),
    "form": canary("form"),
    "live key": canary("", "sk_live_{}"),
    "answer": canary("", "sk_live_{}"),
    "named in an answer": canary("answered"),
    "cookie of an answer": canary("answercookie"),
    "redirect": canary("redirect"),
    "signing key in base64": base64.b64encode(SEED).decode(),
    "signing key in hexadecimal": SEED.hex(),
    "basic": base64.b64encode(canary("user", "{}:pass").encode()).decode(),
}
CONTENT = {
    "live key in a text": canary("", "sk_live_{}"),
    "user of an address": canary("user"),
    "password of an address": canary("pass"),
    "token of an address": canary("addressed"),
    "variable": canary("variable"),
}
ALL = SECRETS | CONTENT


class Tattler(BaseHTTPRequestHandler):
    """A receiver whose answers have secrets in them; at /away it redirects, at /broken it speaks no HTTP."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/broken":
            self.wfile.write(f"token={SECRETS['named in an answer']}\r\n\r\n".encode())
            return
        told = json.dumps({"key": SECRETS["answer"], "nested": {"token": SECRETS["named in an answer"]}}).encode()
        self.send_response(307 if self.path == "/away" else 500)
        self.send_header("location", f"https://me:{SECRETS['redirect']}@h.test/?token={SECRETS['redirect']}")
        self.send_header("set-cookie", f"sid={SECRETS['cookie of an answer']}")
        self.send_header("content-length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *arguments):
        pass


@contextmanager
def tattler():
    with ThreadingHTTPServer(("127.0.0.1", 0), Tattler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class Planting:
    """Sends secrets wherever one can be sent; `answers` are those to what was accepted."""

    def __init__(self, client, receiver, sink):
        self.client, self.receiver, self.sink, self.answers = client, receiver, sink, []
        self.known = {"authorization": f"Bearer {SECRETS['known key']}", "cookie": f"sid={SECRETS['cookie']}"}
        self.query = {"api_key": SECRETS["query"], "page[token]": SECRETS["query"]}

    def everywhere(self):
        self.in_authorization()
        self.in_bodies_that_cannot_be_read()
        self.in_paths()
        self.in_what_is_accepted()
        self.in_addresses()
        self.at_the_control_plane()
        assert [answer.text for answer in self.answers if answer.status_code >= 300] == []

    def in_authorization(self):
        for token in (
            f"Bearer {SECRETS['unknown token']}", f"Bearer {SECRETS['key of a known form']}",
            f"Basic {SECRETS['basic']}", f"Digest {SECRETS['digest']}", SECRETS["unknown token"],
            f"bearer  {SECRETS['known key']}", f"Bearer {SECRETS['known key']} and more",
        ):  # fmt: skip
            self.client.get("/v2/messages/x", headers={"authorization": token}, params=self.query)
            self.client.post("/v1/calls/scheduled", json=CALL, headers={"authorization": token})

    def in_bodies_that_cannot_be_read(self):
        malformed, live = SECRETS["malformed"], SECRETS["live key"]
        for kind in ("text/plain", "application/x-www-form-urlencoded", "application/json"):
            headers = {**self.known, "content-type": kind}
            for sent in (f"password={SECRETS['form']}&x=1", f'{{"token": "{malformed}", ', f'"{live}', f'["{live}"]'):
                for path in (EVENTS, "/v2/messages", "/v1/calls/scheduled"):
                    self.client.post(path, content=sent, headers=headers, params=self.query)

    def in_paths(self):
        for secret in (SECRETS["known key"], SECRETS["live key"], SECRETS["key of a known form"]):
            hidden = "".join(f"%{ord(each):02X}" for each in secret)
            for path in (f"/v2/messages/{secret}", f"/v2/mesages/{secret}", f"/v2/{secret}", f"/v2/messages/{hidden}"):
                for method in ("GET", "DELETE", "PATCH"):
                    self.client.request(method, path, headers=self.known, params=self.query)

    def in_what_is_accepted(self):
        members = {"password": SECRETS["member"], "in": {"Token": SECRETS["member"], "secret": int(SECRETS["number"])}}
        self.send("/v2/messages", MESSAGE | members)
        self.send(EVENTS, EVENT | {"conversation_metadata": {"api_key": CONTENT["variable"]}})
        self.send(
            "/v2/messages",
            MESSAGE | {"text": f"It is {CONTENT['live key in a text']}"},
            {"user-agent": SECRETS["live key"]},
        )

    def in_addresses(self):
        userinfo = f"{CONTENT['user of an address']}:{CONTENT['password of an address']}"
        token = f"?token={CONTENT['token of an address']}"
        for url in (
            f"{self.receiver}/hooks{token}", f"{self.receiver}/away", f"{self.receiver}/broken", self.sink,
            f"https://{userinfo}@h.test/{token}", f"http://{userinfo}@127.0.0.1/",
        ):  # fmt: skip
            self.send("/v2/messages", MESSAGE | {"webhook_url": url, "webhook_failover_url": url})
            self.send("/v1/calls/scheduled", CALL | {"webhook_url": url, "metadata": {"token": CONTENT["variable"]}})

    def at_the_control_plane(self):
        known, right = SECRETS["known key"], SECRETS["control token"]
        for token in (SECRETS["wrong control token"], known, right):
            headers = {"x-mock-token": token, "cookie": self.known["cookie"]}
            self.client.post("/_mock/clock/advance", json={"password": SECRETS["member"]}, headers=headers)
            self.client.post("/_mock/reset", headers=headers | {"x-mock-world": known})
            for path in (f"/_mock/worlds/{known}", f"/_mock/{right}", f"/_mock/worlds/{SECRETS['live key']}"):
                self.client.delete(path, headers=headers, params=self.query)

    def send(self, path, body, headers=None):
        self.answers.append(self.client.post(path, json=body, headers=self.known | (headers or {}), params=self.query))
