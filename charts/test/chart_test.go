// Package charts tests the Helm chart: it renders it with Helm's own engine, over many values, and looks at what comes
// out with the API server's own eyes.
package charts

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"sigs.k8s.io/yaml"
)

const chartDir = "../spegel"

// The dashboard, and where the chart has it: a chart can use no file from outside of its directory.
const (
	dashboard        = "../../docs/grafana/spegel.json"
	dashboardInChart = chartDir + "/dashboards/spegel.json"
)

// A release: what `helm install NAME --namespace NAMESPACE --set VALUES` is told.
type release struct {
	name      string
	namespace string
	values    map[string]any
}

// A document of the rendered chart.
type document struct {
	template string // the file that it comes from
	text     string
}

func loadChart(t *testing.T) *chart.Chart {
	t.Helper()
	loaded, err := loader.Load(chartDir)
	if err != nil {
		t.Fatalf("load the chart: %v", err)
	}
	if _, err := os.Stat(dashboardInChart); os.IsNotExist(err) {
		loaded.Files = append(loaded.Files, &chart.File{Name: "dashboards/spegel.json", Data: []byte("{\n}\n")})
	}
	return loaded
}

// render does what Helm does, the check against values.schema.json included. The documents are in the order of the
// files, and in them.
func render(loaded *chart.Chart, r release) ([]document, error) {
	options := chartutil.ReleaseOptions{Name: r.name, Namespace: r.namespace, Revision: 1, IsInstall: true}
	values, err := chartutil.ToRenderValues(loaded, r.values, options, chartutil.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	files, err := engine.Render(loaded, values)
	if err != nil {
		return nil, err
	}
	var documents []document
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if path.Ext(name) != ".yaml" {
			continue
		}
		for _, text := range strings.Split("\n"+files[name], "\n---\n") {
			if strings.Contains(text, "<no value>") {
				return nil, fmt.Errorf("%s uses a value that isn't there:\n%s", name, text)
			}
			if !isEmpty(text) {
				documents = append(documents, document{template: path.Base(name), text: strings.TrimSpace(text) + "\n"})
			}
		}
	}
	return documents, nil
}

func isEmpty(text string) bool {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			return false
		}
	}
	return true
}

// values reads YAML as it would stand in a values.yaml.
func values(t *testing.T, text string) map[string]any {
	t.Helper()
	read := map[string]any{}
	if err := yaml.UnmarshalStrict([]byte(text), &read); err != nil {
		t.Fatalf("these aren't values: %v\n%s", err, text)
	}
	return read
}

// merge lays one tree of values over another, as Helm does with several files. Neither is changed.
func merge(under, over map[string]any) map[string]any {
	copied := map[string]any{}
	data, err := json.Marshal(under)
	if err == nil {
		err = json.Unmarshal(data, &copied)
	}
	if err != nil {
		panic(err)
	}
	return chartutil.MergeTables(deepCopy(over), copied)
}

func deepCopy(tree map[string]any) map[string]any {
	copied := map[string]any{}
	for key, value := range tree {
		if below, isTree := value.(map[string]any); isTree {
			value = deepCopy(below)
		}
		copied[key] = value
	}
	return copied
}
