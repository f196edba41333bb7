"""A stand-in for the official Kubernetes plugin of Pulumi, for machines where that cannot be had.

It speaks the engine's protocol and the API server's, and behaves like version 4.34.2 of the
official plugin: the same objects, the same previews, the same replacements. It knows nothing of
any program.

Layers, each knowing only those below:

- ``server``: requests and answers of the engine
- ``check``, ``diff``, ``create``, ``read``, ``update``, ``delete``, ``render``, ``helm``: work
- ``awaiting``: when is an object ready, when is it gone
- ``instance``, ``cluster``, ``discovery``, ``openapi``, ``client``: one provider and its API server
- ``wire``, ``objects``, ``tokens``, ``checkpoint``, ``mergepatch``: pure functions over values
"""
