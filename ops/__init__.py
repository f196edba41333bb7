"""Day-2 operations: what people ask of a running platform, and what they change by hand.

Reads the cluster, Prometheus and Alertmanager; writes only what is an operator's to write: the
suspension of Flux objects, the pause of experiments, the weight of a canary. Everything the command
line (`python -m ops`) can do is a Python function here, in `ops.gitops`, `ops.mesh`, `ops.chaos`,
`ops.anomalies` and `ops.platform`.
"""
