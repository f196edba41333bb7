"""What is a secret and what is not: one definition for policies, comments and logs."""

import base64
import json
import time

import pytest

from tests.vocabulary import secrets_in_use
from vocabulary.disclosure import HIDDEN, disclosed, found, redacted, without

LETTERS = "Zm9vYmFyMTIz" * 4
PEM = "-----BEGIN EC PRIVATE KEY" + "-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----\n"


def encoded(text):
    return base64.b64encode(text.encode()).decode()


# Put together here, so that no scanner takes the tests for a leak.
NAMES = (
    "AWS_SECRET_ACCESS_KEY SECRET_KEY SECRET_KEY_BASE STRIPE_SECRET_KEY ENCRYPTION_KEY "
    "ACCOUNT_KEY STORAGE_ACCOUNT_KEY REDIS_AUTH NPM_AUTH tokenValue DB_PASS JWT_SIGNING_KEY "
    "passphrase DB_PASSWORD dbPassword db.password db-password PGPASSWORD MYSQL_ROOT_PASSWORD "
    "DB_PASSWORD_PROD PASSWORD_2 API_KEY apiKey api-key X-API-Key SLACK_TOKEN accessToken "
    "refresh_token bootstrapToken CLIENT_SECRET clientSecret JWT_SECRET SESSION_SECRET "
    "COOKIE_SECRET WEBHOOK_SECRET HMAC_KEY MASTER_KEY masterKey sharedKey PRIVATE_KEY "
    "privateKey SSH_KEY DEPLOY_KEY LICENSE_KEY SERVICE_ACCOUNT_KEY ROUTING_KEY routing_key "
    "INTEGRATION_KEY DATADOG_API_KEY SENDGRID_API_KEY FERNET_KEY DJANGO_SECRET_KEY APP_KEY "
    "adminPassword rootPwd smtp_pass GITHUB_PAT auth credentials kubeconfig cookie dbPass "
    "authToken userPassword TLS_KEY SIGNING_SECRET VAULT_TOKEN ghToken oauth_secret admin_pw"
)
NAMED = dict.fromkeys(NAMES.split(), "k3q9Zr71Lw")
TEXTS = {
    "an Azure connection string": "AccountName=a;AccountKey=" + LETTERS,
    "a SQL Server connection string": "Server=db;User ID=sa;Password=Corr3ctHorse;Encrypt=true",
    "a slash in a password of a URL": "postgres://u:pa/ss@h",
    "an at in a password of a URL": "postgres://app:p@ss@db",
    "a password in a URL without user": "redis://:hunter2@cache:6379/0",
    "a password in a URL with port": "amqp://app:hunter2@mq:5672/%2F",
    "a token in a URL": "https://0a1b2c3d4e5f@git.example/x.git",
    "a Stripe key": "sk_" + "live_" + "a1B2c3D4e5F6g7H8i9J0k1L2",
    "a Stripe test key": "rk_" + "test_" + "a1B2c3D4e5F6g7H8i9J0k1L2",
    "an OpenAI key": "sk-" + "proj-" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4",
    "an npm token": "npm_" + "a1B2c3D4e5" * 3 + "F6g7H8",
    "a Vault token": "hvs." + "CAESIJ9s8d7f6a5s4d3f2g1h",
    "a GitHub token": "ghp_" + "a1B2" * 9,
    "a fine-grained GitHub token": "github_pat_" + "a1B2" * 10,
    "a GitLab token": "glpat-" + "a1B2c3D4e5F6g7H8i9J0",
    "a Slack token": "xoxb-" + "1234567890-abcdefghij",
    "a Slack webhook": "https://hooks.slack.com/" + "services/T000/B000/XXXXXXXX",
    "a SendGrid key": "SG." + "a" * 22 + "." + "b" * 43,
    "a Twilio key": "SK" + "0a1b" * 8,
    "a PyPI token": "pypi-" + "AgEIcHlwaS5vcmc" + "a" * 80,
    "an AWS access key": "AKIA" + "ABCDEFGHIJKLMNOP",
    "a Google key": "AIza" + "a1B2c" * 7,
    "a Grafana token": "glsa_" + "a1B2c3D4e5F6g7H8i9J0_0a1b2c3d",
    "a web token": "eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl",
    "a bearer token": "Authorization: Bearer abc123def456ghi789",
    "a basic authorization": "authorization: Basic " + encoded("app:hunter2"),
    "a private key": PEM,
    "a private key in base64": encoded(PEM),
    "a docker configuration": '{"auths": {"r.example": {"auth": "' + encoded("me:pass") + '"}}}',
    "a docker configuration in base64": encoded(
        json.dumps({"auths": {"r.example": {"auth": encoded("me:hunter2pass")}}})
    ),
    "a line of YAML": "host: db\npassword: correcthorse\n",
    "a nested line of YAML": "db:\n  user: app\n  password: 'correct horse battery'\n",
    "a block of YAML": "a: 1\nclient_secret: |\n  k3q9Zr71Lw\nb: 2",
    "a number as password": "pin: 1\npassword: 123456",
    "a line of a shell": "export DB_PASSWORD=correcthorse; run",
    "a flag": "run --password correcthorse --verbose",
    "a flag with a sign": "run --api-key=k3q9Zr71Lw",
    "an entry of JSON": '{"name": "DB_PASSWORD", "value": "correcthorse"}',
    "JSON in JSON": json.dumps({"body": json.dumps({"token": "correcthorse"})}),
    "a parameter of a URL": "https://example.org/x?access_token=k3q9Zr71Lw&y=1",
    "a line of properties": "spring.datasource.password = correcthorse",
    "a bcrypt hash": "admin:$2b$12$" + "a1B2c" * 10 + "abc",
    "a comment": "a: 1\n# password: correcthorse9\n",
}
OBJECTS = {
    "arguments": {"args": ["--user", "app", "--password", "x7"]},
    "one argument": {"args": ["--password=correcthorse"]},
    "a variable": {"env": [{"name": "DB_PASS", "value": "x7"}]},
    "values of a chart": {"values": {"auth": {"adminPassword": "correcthorse"}}},
    "a secret of words": {"clientSecret": "correct-horse"},
    "a list": {"tokens": ["k3q9Zr71Lw"]},
    "below a name": {"apiKey": {"value": "k3q9Zr71Lw"}},
}

UUID = "5f70bf18-a086-4070-9e94-8b04aed3b821"
HARMLESS = {
    "secretName": "mesh-certs", "secret": "mesh-certs", "secretRef": "slack-token",
    "existingSecret": "redis-auth0", "imagePullSecret": "regcred", "credentialName": "web-tls",
    "automountServiceAccountToken": "false", "tokenExpirationSeconds": "3600",
    "passwordPolicy": "strong", "TOKEN_FILE": "/var/run/secrets/slack/token",
    "password": "${DATABASE_PASSWORD}", "DB_PASSWORD": "$(DB_PASSWORD)", "PASSWORD": "<password>",
    "api_key": "{{ .Values.apiKey }}", "token": "none", "secretKey": "null",
    "checksum/secret": "0a1b2c3d" * 8, "secret-hash": "0a1b2c3d" * 8,
    "digest": "sha256:" + "0a1b2c3d" * 8, "image": "brisa/api@sha256:" + "0a1b2c3d" * 8,
    "id": UUID, "requestKey": UUID,
    "serviceAccount": "anomaly-detector", "serviceAccountName": "token-reviewer",
    "tokenAudience": "istio-ca", "publicKey": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE",
    "ssh_public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ4", "hashKey": "x-customer-id",
    "partitionKey": "customer1", "sortKey": "createdAt2", "cacheKey": "v2-AbCdEf",
    "labelKey": "app2", "auth": "basic", "AUTH_METHOD": "oauth2", "authorization": "required",
    "cookie": "lax",
    "cookieName": "JSESSIONID1", "max_tokens": "4096", "tokens": "4096", "secrets": "optional",
    "passwordMinLength": "12", "tokenUrl": "https://idp.example/token",
    "token_endpoint": "https://idp.example/oauth2/token", "resetPassword": "/account/reset",
    "keyAlgorithm": "RS256", "secretStoreKind": "ClusterSecretStore",
    "secretProviderClass": "azure1", "secretVersion": "v12", "pageToken": "CAoQAA12345",
    "compass": "north2west",
    "monkey": "Bananas42x", "url": "ssh://git@github.com/x/y",
    "repository": "oci://r.example:5000/a@1",
    "registry": "https://registry:5000/img@sha256:abc", "interval": "5m0s",
    "email": "platform@example.org", "clusterIdentifier": "brisa-prod",
    "certificate": "-----BEGIN CERTIFICATE-----", "query": 'sum(rate(x{token="a"}[5m]))',
    "note": "the secret is mounted by the chart", "author": "ada",
    "resourceVersion": "123456789", "uid": UUID,
    "passwordSecretKey": "password", "encryptionKeyPath": "/etc/keys/main",
}  # fmt: skip
HARMLESS_TEXTS = {
    "a volume": "secret:\n    secretName: mesh-certs\n",
    "a reference": "env:\n- name: SLACK_TOKEN\n  valueFrom:\n"
    "    secretKeyRef: {name: slack, key: token}\n",
    "a token that is projected": "serviceAccountToken:\n  path: token\n  expirationSeconds: 3600\n",
    "a schema": "properties:\n  password:\n    type: string\n    description: of the database\n",
    "prose": "Rotate the password: ask the team that owns it. Then the token: same again.",
    "a comment": "# the secret is mounted\nsecret_name: slack-token",
    "a switch": "auth:\n  enabled: true\n  password: required\n",
    "a limit": "rate_limit: {key: remote_address, tokens: 10, fill_interval: 1s}",
    "hashes": "checksum/secret: " + "0a1b2c3d" * 8,
    "a matcher": 'jwtRules:\n- issuer: "https://idp.example"\n  jwksUri: https://idp.example/keys\n',
    "Istio's cookie": "consistentHash:\n  httpCookie: {name: session, path: /, ttl: 0s}\n",
    "a template": "url: postgres://{{ user }}:{{ password }}@db/x",
    "variables in a URL": "postgres://$(DB_USER):$(DB_PASSWORD)@db/x",
    "a public certificate in base64": encoded("-----BEGIN CERTIFICATE-----\nMIIB\n"),
    "an external secret": "secretStoreRef: {name: vault, kind: ClusterSecretStore}\n"
    "target: {name: db}\ndata:\n- secretKey: password\n  remoteRef: {key: prod/db}\n",
}


NAMED |= secrets_in_use.NAMED
TEXTS |= secrets_in_use.TEXTS
HARMLESS |= secrets_in_use.HARMLESS
HARMLESS_TEXTS |= secrets_in_use.HARMLESS_TEXTS


@pytest.mark.parametrize("name", NAMED)
def test_a_value_under_a_secret_name_is_found_and_hidden(name):
    value = NAMED[name]
    assert list(found({name: value}))
    for line in (f"{name}={value}", f"a: 1\n{name}: {value}\n", json.dumps({name: value})):
        assert list(disclosed(line)), line
        assert value not in without(line), line


@pytest.mark.parametrize("what", TEXTS)
def test_a_secret_in_a_text_is_found(what):
    assert list(disclosed(TEXTS[what]))
    assert list(found({"data": {"x": TEXTS[what]}}))


@pytest.mark.parametrize("what", [name for name in TEXTS if "base64" not in name])
def test_a_secret_in_a_text_is_hidden(what):
    shown = without(TEXTS[what])
    assert HIDDEN in shown
    for part in ("hunter2", "pa/ss", "p@ss", "orrect", "ss@db", "k3q9Zr", "MHcCAQEE", LETTERS):
        assert part not in shown


@pytest.mark.parametrize("what", OBJECTS)
def test_a_secret_in_an_object_is_found_at_its_place(what):
    ((steps, _),) = found(OBJECTS[what])
    place = OBJECTS[what]
    for step in steps:
        place = place[step]
    assert any(value in place for value in ("x7", "correct", "k3q9Zr71Lw"))


@pytest.mark.parametrize(
    "command",
    [["mysql", "-uroot", "-phunter2"], ["curl", "-u", "admin:hunter2", "https://x.example"]],
)
def test_a_secret_that_words_of_a_command_are_together_is_found_and_hidden(command):
    assert [steps for steps, _ in found({"command": command})] == [("command",)]
    assert redacted({"command": command}) == {"command": HIDDEN}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_only_sounds_like_a_secret_is_none(name):
    value = HARMLESS[name]
    assert list(found({name: value})) == []
    for line in (f"a: 1\n{name}: {value}\n", json.dumps({name: value})):
        assert list(disclosed(line)) == [], line
        assert HIDDEN not in without(line)


@pytest.mark.parametrize("what", HARMLESS_TEXTS)
def test_a_text_about_secrets_holds_none(what):
    assert list(disclosed(HARMLESS_TEXTS[what])) == []
    assert HIDDEN not in without(HARMLESS_TEXTS[what])


@pytest.mark.parametrize("value", [True, False, None, 5, {}, [], ""])
def test_what_is_no_text_is_no_secret_under_the_name_of_a_token(value):
    assert list(found({"token": value})) == []


def test_an_object_is_shown_without_its_secrets_and_with_all_else():
    for given in OBJECTS.values():
        shown = json.dumps(redacted(given))
        assert HIDDEN in shown
        for value in ('"x7"', "correct", "k3q9Zr71Lw"):
            assert value not in shown
    assert redacted({"data": {"x": TEXTS["a private key in base64"]}}) == {"data": {"x": HIDDEN}}
    assert redacted(HARMLESS) == HARMLESS


@pytest.mark.parametrize(
    "text",
    ["token={" * 4_000, "token: " * 4_000, "token:\n" * 4_000, "://" + "a:" * 20_000,
     'token="' * 4_000, "-----BEGIN PRIVATE KEY" * 2_000, "password" * 10_000, "--token " * 4_000],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_no_text_takes_for_ever(text):
    begun = time.process_time()
    list(disclosed(text))
    assert time.process_time() - begun < 10
