"""The SDK reads a resource once for all policies."""

import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import EnforcementLevel, ResourceValidationPolicy
from pulumi_policy import policy as sdk

from policy.reading import read_once


@pytest.fixture
def judge(monkeypatch):
    """The SDK's servant of the engine, with policies that keep what they are given."""
    for name in ("json_format", "deserialize_properties", "unknown_checking_proxy"):
        monkeypatch.setattr(sdk, name, getattr(sdk, name))
    read_once()
    given = []
    policies = [
        ResourceValidationPolicy(name, name, lambda args, _: given.append(args.props))
        for name in ("first", "second")
    ]
    servant = sdk._PolicyAnalyzerServicer("pack", "1", policies, EnforcementLevel.MANDATORY, {})

    def analyze(**properties):
        given.clear()
        struct = struct_pb2.Struct()
        struct.update(properties)
        servant.Analyze(analyzer_pb2.AnalyzeRequest(properties=struct), None)
        return list(given)

    return analyze


def test_all_policies_are_given_the_same(judge):
    first, second = judge(kind="Pod")
    assert first is second
    assert dict(first) == {"kind": "Pod"}


def test_each_resource_is_its_own(judge):
    for number in range(100):
        assert [dict(each) for each in judge(number=number)] == [{"number": number}] * 2
