package v2

// Takes the place of the file `go/kubernetes/yaml/v2/kinds.go` of
// github.com/pulumi/pulumi-kubernetes/sdk/v4, which names 157 kinds with a Go type each: most of what
// there was to compile, for the outputs of objects that only Go programs look at. Here every kind is
// registered under the same name, without a type.

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// object is what the engine knows of any Kubernetes object: its name and its id.
type object struct {
	pulumi.CustomResourceState
}

// RegisterResource registers a Kubernetes object of any kind, as the components for YAML and charts do.
func RegisterResource(ctx *pulumi.Context, apiVersion, kind, name string, props pulumi.Input,
	opts ...pulumi.ResourceOption,
) (pulumi.CustomResource, error) {
	var registered object
	if err := ctx.RegisterResource(token(apiVersion, kind), name, props, &registered, opts...); err != nil {
		return nil, err
	}
	return &registered, nil
}

// token is the type that a kind has in Pulumi.
func token(apiVersion, kind string) string {
	if !strings.Contains(apiVersion, "/") {
		apiVersion = "core/" + apiVersion
	}
	return "kubernetes:" + apiVersion + ":" + kind
}
