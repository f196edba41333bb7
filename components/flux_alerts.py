"""Who is told what Flux does: the Slack provider, its token, and the alert on source and paths."""

import base64
from typing import Any

import pulumi
from pulumi_kubernetes.core.v1 import Secret

from components.objects import TOKEN, custom_resource, metadata
from settings.gitops import GitOps, Slack
from vocabulary.kinds import ALERT, ALERT_PROVIDER, GIT_REPOSITORY, KUSTOMIZATION

_PART = "gitops"
_PROVIDER = "slack"


class FluxAlerts(pulumi.ComponentResource):
    """Messages about everything that the stack's GitOps objects go through."""

    channel: pulumi.Output[str | None]
    """Where they go; None when nobody is told."""

    def __init__(
        self,
        name: str,
        settings: GitOps,
        *,
        environment: str,
        token: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Register the component.

        Args:
            name: Pulumi name.
            settings: The area whose objects are watched, and who is told.
            environment: Said with every event: stacks share channels.
            token: Slack's bot token; None when the Secret that holds it is made elsewhere.
            opts: Pulumi options.
        """
        super().__init__(f"{TOKEN}:flux_alerts:FluxAlerts", name, None, opts)
        slack = settings.slack
        if slack:
            secret = [] if token is None else [self._secret(name, settings, slack, token)]
            provider = custom_resource(
                f"{name}-provider",
                ALERT_PROVIDER,
                metadata(_PROVIDER, settings.namespace, part=_PART),
                provider_spec(slack),
                pulumi.ResourceOptions(parent=self, depends_on=secret),
            )
            custom_resource(
                f"{name}-alert",
                ALERT,
                metadata("deployments", settings.namespace, part=_PART),
                alert_spec(settings, slack, environment),
                pulumi.ResourceOptions(parent=self, depends_on=[provider]),
            )
        self.channel = pulumi.Output.from_input(slack.channel if slack else None)
        self.register_outputs({"channel": self.channel})

    def _secret(
        self, name: str, settings: GitOps, slack: Slack, token: pulumi.Input[str]
    ) -> Secret:
        encoded = pulumi.Output.secret(token).apply(
            lambda text: base64.b64encode(text.encode()).decode()
        )
        return Secret(
            f"{name}-token",
            metadata=metadata(slack.secret_name, settings.namespace, part=_PART),
            data={"token": encoded},
            opts=pulumi.ResourceOptions(parent=self),
        )


def provider_spec(slack: Slack) -> dict[str, Any]:
    """The Provider's `spec`; the token is read from its Secret, never written here."""
    return {
        "type": "slack",
        "channel": slack.channel,
        "address": slack.address,
        "secretRef": {"name": slack.secret_name},
    }


def alert_spec(settings: GitOps, slack: Slack, environment: str) -> dict[str, Any]:
    """The Alert's `spec`, in fields that Flux 2.9 and 2.10 both know."""
    paths = [{"kind": KUSTOMIZATION.kind, "name": item.name} for item in settings.kustomizations]
    return {
        "providerRef": {"name": _PROVIDER},
        "eventSeverity": slack.severity,
        "eventMetadata": {"environment": environment},
        "eventSources": [{"kind": GIT_REPOSITORY.kind, "name": settings.source_name}, *paths],
    }
