// Command coredns is CoreDNS with the plugins that a cluster's DNS needs, and no others: the rest
// (clouds' name services, tracing, etcd) is most of what there is to compile.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/health"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/log"
	_ "github.com/coredns/coredns/plugin/loop"
	_ "github.com/coredns/coredns/plugin/metrics"
	_ "github.com/coredns/coredns/plugin/ready"
	_ "github.com/coredns/coredns/plugin/template"
)

func main() {
	// The order in which a query passes them, as in upstream's plugin.cfg.
	dnsserver.Directives = []string{
		"ready", "health", "prometheus", "errors", "log", "cache", "template", "kubernetes", "loop", "forward",
	}
	coremain.Run()
}
