module brisa-platform/sandbox/sources

go 1.26.0

// Read as files only: charts, CRDs, release manifests, and what is patched. Nothing of these modules is compiled here.
require (
	github.com/chaos-mesh/chaos-mesh v0.9.1-0.20260902003049-47411975a8cb
	github.com/controlplaneio-fluxcd/flux-operator v0.59.0
	github.com/google/nftables v0.3.0
	github.com/prometheus-operator/prometheus-operator v0.93.0
	github.com/pulumi/pulumi-kubernetes/sdk/v4 v4.24.0
	istio.io/istio v0.0.0-20260827124520-eed52ebb66ad
)
