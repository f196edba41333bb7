"""What is watched: Grafana dashboards, alerting rules, and the PromQL that both share."""
