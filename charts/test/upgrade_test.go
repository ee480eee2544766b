package charts

import (
	"flag"
	"maps"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

var against = flag.String("against", "", "the directory of another chart, whose release must be one that ours can upgrade, and the other way round")

// What Kubernetes lets nobody change, and what two objects can't have at the same time.
type fixed struct {
	selectors map[string]map[string]string // of DaemonSets, by name
	nodePorts map[int32]string             // whose they are
	headless  map[string]bool              // of Services, by name
}

func fixedOf(t *testing.T, loaded *chart.Chart, r release) fixed {
	t.Helper()
	documents, err := render(loaded, r)
	if err != nil {
		t.Fatal(err)
	}
	found := fixed{map[string]map[string]string{}, map[int32]string{}, map[string]bool{}}
	for _, document := range documents {
		object, err := admit(document.text)
		if err != nil {
			t.Fatalf("%s: %v", document.template, err)
		}
		switch object := object.(type) {
		case *appsv1.DaemonSet:
			if object.Annotations["helm.sh/hook"] == "" {
				found.selectors[object.Name] = object.Spec.Selector.MatchLabels
			}
		case *corev1.Service:
			if object.Annotations["helm.sh/hook"] == "" {
				found.headless[object.Name] = object.Spec.ClusterIP == corev1.ClusterIPNone
				for _, port := range object.Spec.Ports {
					if port.NodePort != 0 {
						found.nodePorts[port.NodePort] = object.Name
					}
				}
			}
		}
	}
	return found
}

// An operator changes from the Go implementation by `helm upgrade`, and back by `helm rollback`. These are the names and
// selectors of its chart.
func TestReleaseOfTheGoImplementationCanBeUpgraded(t *testing.T) {
	ours := fixedOf(t, loadChart(t), release{"spegel", "spegel", map[string]any{}})
	selector := map[string]string{
		"app.kubernetes.io/component": "spegel",
		"app.kubernetes.io/instance":  "spegel",
		"app.kubernetes.io/name":      "spegel",
	}
	if !maps.Equal(ours.selectors["spegel"], selector) {
		t.Errorf("the DaemonSet's selector is %v, not %v", ours.selectors["spegel"], selector)
	}
	if ours.nodePorts[30020] != "spegel-registry" {
		t.Errorf("the node port is that of %q", ours.nodePorts[30020])
	}
	for name, headless := range map[string]bool{"spegel": false, "spegel-registry": false, "spegel-bootstrap": true} {
		if is, there := ours.headless[name]; !there || is != headless {
			t.Errorf("service %s: there %t, headless %t", name, there, is)
		}
	}
}

// The same with the chart itself where it is at hand: with its defaults, and with these as values of ours.
func TestReleaseOfAnotherChartCanBeUpgraded(t *testing.T) {
	if *against == "" {
		t.Skip("no other chart; -against names one")
	}
	other, err := loader.Load(*against)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"spegel", "s"} {
		theirs := fixedOf(t, other, release{name, "spegel", map[string]any{}})
		ours := fixedOf(t, loadChart(t), release{name, "spegel", other.Values})
		for set, selector := range theirs.selectors {
			if there, is := ours.selectors[set]; is && !maps.Equal(there, selector) {
				t.Errorf("%s: DaemonSet %s selects %v there, %v here", name, set, selector, there)
			}
		}
		for port, service := range theirs.nodePorts {
			if here, is := ours.nodePorts[port]; is && here != service {
				t.Errorf("%s: node port %d is that of %s there, of %s here", name, port, service, here)
			}
		}
		for service, headless := range theirs.headless {
			if here, is := ours.headless[service]; is && here != headless {
				t.Errorf("%s: service %s: headless is %t there, %t here", name, service, headless, here)
			}
		}
	}
}
