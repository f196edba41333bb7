// Pulumi's own Kubernetes plugin, with a main of a few lines.
//
// The main package of the published module embeds a schema that only its release build generates.
// The schema is asked for by other languages than Python and by converters; a name and a version
// are enough for a Python program.
package main

import "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"

// version is the release of the Python package that the plugin serves; set by the linker.
var version string

func main() {
	schema := []byte(`{"name":"kubernetes","version":"` + version + `"}`)
	provider.Serve("kubernetes", version, schema, []byte("{}"))
}
