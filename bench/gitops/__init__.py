"""How fast Flux is on the live sandbox: from a commit to the cluster, and back from what hands did.

Flux' own controllers, from a Git server in the cluster, beside everything else that runs there.
"""
