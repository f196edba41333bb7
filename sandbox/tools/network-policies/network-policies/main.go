// network-policies enforces the NetworkPolicies of one node: kube-network-policies as a process of
// the node, told by a kubeconfig who it is, where its own main program runs in a pod.
package main

import (
	"context"
	"flag"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"
)

const patience = 500 * time.Millisecond

func main() {
	if err := run(); err != nil {
		klog.ErrorS(err, "network policies are not enforced")
		os.Exit(1)
	}
}

func run() error {
	klog.InitFlags(nil)
	kubeconfig := flag.String("kubeconfig", "", "who this is, and where the API server is")
	node := flag.String("node", "", "name of the node")
	health := flag.String("health", "", "where /healthz answers while policies are enforced")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	// The sandbox allows it once the API server is up. Informers would ask ever more seldom.
	allowed := func(ctx context.Context) (bool, error) {
		one := metav1.ListOptions{Limit: 1}
		_, err := client.NetworkingV1().NetworkPolicies("").List(ctx, one)
		return err == nil, nil
	}
	if err := wait.PollUntilContextCancel(ctx, patience, true, allowed); err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	controller, err := networkpolicy.NewController(
		client,
		factory.Networking().V1().NetworkPolicies(),
		factory.Core().V1().Namespaces(),
		factory.Core().V1().Pods(),
		nil, nil, nil, nil, // nodes and the APIs for administrators, which nobody uses here
		// NRI is not there, but saying so makes it ask nobody about packets of pods that are gone,
		// and end by it; not finding it is no more than a line in the log.
		networkpolicy.Config{NodeName: *node, NetfilterBug1766Fix: true},
	)
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	http.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
	go func() { klog.Fatal(http.ListenAndServe(*health, nil)) }()
	return controller.Run(ctx)
}
