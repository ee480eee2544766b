package charts

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

var update = flag.Bool("update", false, "write the files that are made from the chart, instead of comparing them")

// The namespace of the plain manifests.
const manifestNamespace = "spegel"

// An invocation of our program by the chart. The agent's own tests read them from a file, and have the command line take
// them apart.
type invocation struct {
	Values    string   `json:"values"`
	Container string   `json:"container"`
	Arguments []string `json:"arguments"`
}

func TestArgumentsAreAsRecorded(t *testing.T) {
	loaded := loadChart(t)
	var all []invocation
	seen := map[string]bool{}
	record := func(text string) {
		result, err := admitted(loaded, release{"spegel", manifestNamespace, values(t, text)})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		pods := result.pods()
		for _, workload := range sortedKeys(pods) {
			spec := pods[workload].Spec
			for _, container := range append(append([]corev1.Container{}, spec.InitContainers...), spec.Containers...) {
				arguments := strings.Join(container.Args, "\x00")
				if container.Name != "foreign" && !seen[arguments] {
					seen[arguments] = true
					all = append(all, invocation{text, container.Name, container.Args})
				}
			}
		}
	}
	record("{}")
	for _, dimension := range sortedKeys(dimensions) {
		for _, text := range dimensions[dimension] {
			record(text)
		}
	}
	data, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "testdata/arguments.json", string(data)+"\n")
}

func TestPlainManifestsAreUpToDate(t *testing.T) {
	documents, err := render(loadChart(t), release{"spegel", manifestNamespace, map[string]any{}})
	if err != nil {
		t.Fatal(err)
	}
	agents := []string{"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: " + manifestNamespace + "\n"}
	var cleanup []string
	for _, document := range documents {
		if document.template == "cleanup.yaml" {
			cleanup = append(cleanup, plain(document.text))
		} else {
			agents = append(agents, plain(document.text))
		}
	}
	const made = "# Made from charts/spegel by bin/charts --update; change it there.\n"
	for name, texts := range map[string][]string{
		"spegel.yaml":  agents,
		"cleanup.yaml": cleanup,
	} {
		for _, text := range texts {
			if _, err := admit(text); err != nil {
				t.Errorf("%s: %v\n%s", name, err, text)
			}
		}
		same(t, filepath.Join("../../deploy/manifests", name), made+strings.Join(texts, "---\n"))
	}
}

// What only Helm needs.
var helmLines = regexp.MustCompile(`(?m)^ *(helm\.sh/[a-z-]+|app\.kubernetes\.io/managed-by):.*\n`)

// A field that has lost all of its lines.
var emptyAnnotations = regexp.MustCompile(`(?m)^( *)annotations:\n((?:[a-z]| {0,2}[a-z]))`)

func plain(text string) string {
	text = helmLines.ReplaceAllString(text, "")
	return emptyAnnotations.ReplaceAllString(text, "$2")
}

// same compares a file with what it should hold, or writes it.
func same(t *testing.T, path, want string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s isn't what the chart gives now; bin/charts --update writes it", path)
	}
}

func TestTheDashboardIsUpToDate(t *testing.T) {
	data, err := os.ReadFile(dashboard)
	if os.IsNotExist(err) {
		t.Skipf("there is no %s yet", dashboard)
	}
	if err != nil {
		t.Fatal(err)
	}
	same(t, dashboardInChart, string(data))
	documents, err := render(loadChart(t), release{"spegel", "default", values(t, "grafanaDashboard: {enabled: true}")})
	if err != nil {
		t.Fatal(err)
	}
	for _, document := range documents {
		if document.template == "dashboard.yaml" {
			object, err := admit(document.text)
			if err != nil {
				t.Fatal(err)
			}
			if held := object.(*corev1.ConfigMap).Data["spegel.json"]; held != strings.TrimSpace(string(data)) {
				t.Error("what the ConfigMap holds isn't the dashboard")
			}
			return
		}
	}
	t.Error("there is no dashboard")
}

func TestTheChartIsOfThisVersion(t *testing.T) {
	pom, err := os.ReadFile("../../pom.xml")
	if err != nil {
		t.Fatal(err)
	}
	version := loadChart(t).Metadata.AppVersion
	if !strings.Contains(string(pom), "<artifactId>spegel-parent</artifactId>\n  <version>"+version+"</version>") {
		t.Errorf("appVersion is %s, which isn't the version in pom.xml", version)
	}
}
