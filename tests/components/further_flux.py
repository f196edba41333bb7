"""A GitOps area that uses everything Flux can look after."""

EVERYTHING = {
    "repository": "https://git.example/brisa/infrastructure",
    "branch": "main",
    "instance": {
        "components": [
            "source-controller",
            "kustomize-controller",
            "helm-controller",
            "notification-controller",
            "image-reflector-controller",
            "image-automation-controller",
        ]
    },
    "kustomizations": [
        {"name": "brisa", "path": "infra"},
        {
            "name": "apps",
            "path": "deploy",
            "source": "apps",
            "services": False,
            "decryption": {"secretName": "sops-age"},
            "postBuild": {
                "substitute": {"zone": "eu"},
                "substituteFrom": [{"kind": "Secret", "name": "keys", "optional": True}],
            },
        },
    ],
    "sources": [
        {
            "kind": "oci",
            "name": "apps",
            "url": "oci://registry.example/team/apps",
            "semver": ">=1.0.0 <2.0.0",
            "secretName": "registry",
            "verify": {"signers": [{"issuer": "^https://id.example$", "subject": "^ci$"}]},
        },
        {
            "kind": "bucket",
            "name": "archive",
            "bucketName": "manifests",
            "endpoint": "s3.example.com",
            "provider": "aws",
            "region": "eu-central-1",
        },
        {
            "kind": "git",
            "name": "shop",
            "url": "ssh://git@git.example/shop",
            "branch": "main",
            "secretName": "shop-key",
            "verifySecret": "shop-committers",
        },
    ],
    "receivers": [
        {"name": "push", "type": "github", "secretName": "hook", "events": ["ping", "push"]}
    ],
    "helmReleases": [
        {
            "name": "cert-manager",
            "namespace": "cert-manager",
            "repository": "https://charts.example.com",
            "chart": "cert-manager",
            "version": "1.18.2",
            "valuesSecret": "cert-manager-values",
        },
        {
            "name": "podinfo",
            "namespace": "apps",
            "repository": "oci://registry.example/charts/podinfo",
            "version": "6.7.1",
            "values": {"replicaCount": 2},
            "serviceAccountName": "apps",
        },
    ],
    "imageAutomation": {
        "images": [
            {"name": "web", "image": "registry.example/team/web", "semver": ">=1.0.0 <2.0.0"}
        ],
        "path": "infra",
        "pushBranch": "images",
        "email": "flux@example.com",
    },
}
