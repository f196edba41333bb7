// What Istio's own analysis says of manifests: YAML on standard input, findings as JSON on standard
// output. Needs no cluster.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"istio.io/istio/pkg/config/analysis/analyzers"
	"istio.io/istio/pkg/config/analysis/local"
	"istio.io/istio/pkg/config/resource"
	"istio.io/istio/pkg/log"
)

type finding struct {
	Code    string `json:"code"`
	Level   string `json:"level"`
	About   string `json:"about"`
	Message string `json:"message"`
}

func main() {
	root := flag.String("root", "istio-system", "Istio's root namespace")
	mesh := flag.String("mesh", "", "file with the mesh configuration")
	flag.Parse()
	options := log.DefaultOptions()
	options.OutputPaths = []string{"stderr"}
	if err := log.Configure(options); err != nil {
		panic(err)
	}
	found, err := analyze(*root, *mesh)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(found)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func analyze(root, mesh string) ([]finding, error) {
	source := local.NewIstiodAnalyzer(analyzers.AllCombined(), "", resource.Namespace(root), nil)
	if mesh != "" {
		if err := source.AddFileKubeMeshConfig(mesh); err != nil {
			return nil, err
		}
	}
	// The "test" reader also takes what is usually read from a cluster: namespaces, services, pods.
	input := []local.ReaderSource{{Name: "-", Reader: os.Stdin}}
	if err := source.AddTestReaderKubeSource(input); err != nil {
		return nil, err
	}
	stop := make(chan struct{})
	defer close(stop)
	result, err := source.Analyze(stop)
	if err != nil {
		return nil, err
	}
	found := []finding{}
	for _, message := range result.Messages {
		about := ""
		if message.Resource != nil {
			about = message.Resource.Origin.FriendlyName()
		}
		found = append(found, finding{
			Code:    message.Type.Code(),
			Level:   message.Type.Level().String(),
			About:   about,
			Message: fmt.Sprintf(message.Type.Template(), message.Parameters...),
		})
	}
	return found, nil
}
