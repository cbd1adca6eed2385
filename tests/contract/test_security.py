import pytest

JSON = ("content-type", "application/json")
TOKEN = ("authorization", "Bearer key")


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("authorization", "")],
        [("authorization", "Bearer")],
        [("authorization", "Bearer ")],
        [("authorization", "Bearer  key")],
        [("authorization", "Bearer key key")],
        [("authorization", "Bearer k\x7f")],
        [("authorization", "Basic key")],
        [("authorization", "key")],
        [("authorization", "Bearer a"), ("authorization", "Bearer b")],
    ],
)
def test_missing_or_malformed_credentials_are_told_alone(create, headers, tools):
    checked = create(b"{", headers=[*headers, JSON])
    assert tools.told(checked) == [("security", "", "security")]
    assert "key" not in checked.violations[0].message


@pytest.mark.parametrize("value", ["Bearer key", "bearer key", "BEARER k.e-y_~+/="])
def test_the_name_of_the_scheme_has_any_case(create, value):
    assert create(headers=[("Authorization", value), JSON]).violations == ()


SCHEMES = {
    "basic": {"type": "http", "scheme": "Basic"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Token"},
    "query": {"type": "apiKey", "in": "query", "name": "token"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "token"},
    "oauth": {"type": "oauth2", "flows": {}},
    "oidc": {"type": "openIdConnect", "openIdConnectUrl": "https://example.com/"},
    "tls": {"type": "mutualTLS"},
}


@pytest.mark.parametrize(
    ("scheme", "sent"),
    [
        ("basic", {"headers": [("authorization", "basic aGk=")]}),
        ("header", {"headers": [("x-token", "k")]}),
        ("query", {"query": "token=k"}),
        ("cookie", {"headers": [("cookie", "a; b=1"), ("cookie", "token=k")]}),
        ("oauth", {"headers": [TOKEN]}),
        ("oidc", {"headers": [TOKEN]}),
    ],
)
def test_every_kind_of_credentials_is_looked_for_where_it_is_sent(tools, scheme, sent):
    contract = tools.contract_of({"security": [{scheme: []}]}, components={"securitySchemes": SCHEMES})
    assert tools.told(tools.ask(contract, headers=[])) == [("security", "", "security")]
    assert tools.ask(contract, **{"headers": [], **sent}).violations == ()


@pytest.mark.parametrize("security", [[], [{}], [{"header": []}, {}], [{"tls": []}]])
def test_credentials_may_be_optional(tools, security):
    components = {"securitySchemes": SCHEMES}
    contract = tools.contract_of({"security": security}, components=components, security=[{"basic": []}])
    assert tools.ask(contract, headers=[]).violations == ()
