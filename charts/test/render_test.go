package charts

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// dimensions are values that operators set independently of each other: each line of one excludes the others of it.
var dimensions = map[string][]string{
	"image":      {"image: {repository: registry.lan/spegel, tag: 1.2.3}", "image: {repository: r, digest: 'sha256:" + strings.Repeat("0", 64) + "', pullPolicy: Always}", "image: {tag: 1.5}"},
	"pull":       {"imagePullSecrets: [{name: secret}]"},
	"name":       {"nameOverride: mirror", "fullnameOverride: a-name-of-63-characters-that-is-longer-than-any-suffix-allows-it", "nameOverride: x"},
	"namespace":  {"namespaceOverride: elsewhere"},
	"account":    {"serviceAccount: {name: other, annotations: {a: b}}"},
	"notes":      {"daemonsetAnnotations: {a: 'true'}\npodAnnotations: {b: '1'}\ncommonLabels: {team: infra}"},
	"pod":        {"podSecurityContext: {seccompProfile: {type: RuntimeDefault}}", "podSecurityContext: {seLinuxOptions: {type: spc_t}}"},
	"registry":   {"service: {registry: {port: 15000, nodePort: 31000}}", "service: {registry: {nodeIp: 10.0.0.1, annotations: {a: b}}}", "service: {registry: {internalTrafficLocal: true}}", "service: {registry: {port: 30020}}\nspegel: {mirrorResolveTimeout: 2s}"},
	"ports":      {"service: {router: {port: 15001}, metrics: {port: 19090, annotations: {a: b}}, cleanup: {port: 18080, annotations: {c: d}}, bootstrap: {annotations: {e: f}}}"},
	"resources":  {"resources: {limits: null, requests: null}", "resources: {limits: {memory: 256Mi, cpu: 1}}"},
	"placement":  {"nodeSelector: null\ntolerations: null\npriorityClassName: ''", "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: k, operator: Exists}]}]}}}"},
	"update":     {"updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 10%}}\nrevisionHistoryLimit: 0"},
	"dashboard":  {"grafanaDashboard: {enabled: true, labels: {a: b}, annotations: {folder: Nodes}}", "grafanaDashboard: {enabled: true, mode: GrafanaOperator, grafanaOperator: {folder: Nodes, matchLabels: {dashboards: grafana}}}"},
	"domain":     {"clusterDomain: cluster.example"},
	"monitor":    {"serviceMonitor: {enabled: true}", "serviceMonitor: {enabled: true, labels: {release: prometheus}, relabelings: [{action: labeldrop, regex: pod}], metricRelabelings: [{action: drop, sourceLabels: [__name__], regex: jvm_.*}]}"},
	"policy":     {"networkPolicy: {enabled: true}"},
	"auth":       {"basicAuthSecretName: credentials"},
	"tls":        {"spegel: {tls: {secretName: nodes}}", "spegel: {tls: {secretName: nodes, clientAuth: require, peerName: spegel.test}}"},
	"private":    {"preSharedKeySecretName: swarm"},
	"level":      {"spegel: {logLevel: DEBUG, debugWebEnabled: false}"},
	"data":       {"spegel: {persistence: {enabled: false}}", "spegel: {persistence: {path: /data, hostPath: /mnt/spegel}}"},
	"mirrors":    {"spegel: {mirroredRegistries: ['https://docker.io', 'http://registry.lan:5000'], additionalMirrorTargets: ['http://10.9.9.9:5000']}"},
	"resolve":    {"spegel: {mirrorResolveRetries: 5, mirrorResolveTimeout: 1.5s, resolveTags: false, prependExisting: true}"},
	"filters":    {"spegel: {registryFilters: ['^docker\\.io/library/[a-z]{1,3}:latest$', 'a,b']}"},
	"containerd": {"spegel: {containerdSock: /run/k3s/containerd/containerd.sock, containerdContentPath: /var/lib/rancher/k3s/agent/containerd/io.containerd.content.v1.content, containerdRegistryConfigPath: /var/lib/rancher/k3s/agent/etc/containerd/certs.d, containerdNamespace: other}", "spegel: {containerdContentPath: ''}", "spegel: {containerdMirrorAdd: false}"},
	"extra":      {"spegel: {extraArgs: ['--max-upload-rate=100MiB', '--mirror-mode=redirect']}"},
	"autoscaler": {"verticalPodAutoscaler: {enabled: true}", "verticalPodAutoscaler: {enabled: true, recommenders: [{name: r}], controlledResources: [memory], maxAllowed: {memory: 256Mi}, minAllowed: {memory: 128Mi}, updatePolicy: {updateMode: 'Off'}}"},
	"liveness":   {"livenessProbe: {enabled: true}"},
	"foreign":    {"extraVolumes: [{name: shared, emptyDir: {}}]\nextraVolumeMounts: [{name: shared, mountPath: /shared}]\nextraInitContainers: [{name: foreign, image: busybox, volumeMounts: [{name: shared, mountPath: /shared}]}]"},
}

// releases are all pairs of values of different dimensions, with the shortest and the longest name that Helm allows.
func releases(t *testing.T) map[string]release {
	all := map[string]release{}
	add := func(name string, over map[string]any) {
		for _, releaseName := range []string{"spegel", "s", strings.Repeat("long-", 10) + "end"} {
			namespace := "default"
			if _, elsewhere := over["namespaceOverride"]; elsewhere {
				namespace = "elsewhere"
			}
			all[fmt.Sprintf("%s as %s", name, releaseName)] = release{releaseName, namespace, over}
		}
	}
	add("defaults", map[string]any{})
	names := sortedKeys(dimensions)
	for i, one := range names {
		for _, oneText := range dimensions[one] {
			add(oneText, values(t, oneText))
			for _, other := range names[i+1:] {
				for _, otherText := range dimensions[other] {
					add(oneText+" + "+otherText, merge(values(t, oneText), values(t, otherText)))
				}
			}
		}
	}
	return all
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func admitted(loaded *chart.Chart, r release) (rendered, error) {
	documents, err := render(loaded, r)
	if err != nil {
		return rendered{}, err
	}
	var result rendered
	for _, document := range documents {
		object, err := admit(document.text)
		if err != nil {
			return rendered{}, fmt.Errorf("an API server would refuse this of %s: %w\n%s", document.template, err, document.text)
		}
		result.objects = append(result.objects, object)
	}
	return result, nil
}

func TestEveryPairOfValuesGivesWhatAClusterAccepts(t *testing.T) {
	loaded := loadChart(t)
	all := releases(t)
	t.Logf("%d releases", len(all))
	for _, name := range sortedKeys(all) {
		result, err := admitted(loaded, all[name])
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, fault := range result.faults(all[name].namespace) {
			t.Errorf("%s: %s", name, fault)
		}
		if t.Failed() {
			t.FailNow() // one is enough: the others would say the same
		}
	}
}

func TestLint(t *testing.T) {
	version, err := chartutil.ParseKubeVersion("1.37.0")
	if err != nil {
		t.Fatal(err)
	}
	result := lint.AllWithKubeVersion(chartDir, map[string]any{}, "default", version)
	for _, message := range result.Messages {
		if message.Severity > support.InfoSev {
			t.Error(message)
		}
	}
}

func TestNamesAndDefaultsAreTheGoImplementations(t *testing.T) {
	data, err := os.ReadFile("testdata/go-values.yaml")
	if err != nil {
		t.Fatal(err)
	}
	theirs := values(t, string(data))
	loaded := loadChart(t)
	// Ours differ in these, as the chart's README says.
	different := map[string]bool{"image.repository": true}
	compare(t, "", theirs, loaded.Values, different)
	if _, err := admitted(loaded, release{"spegel", "default", merge(theirs, values(t, "image: {repository: r}"))}); err != nil {
		t.Errorf("their values.yaml as it is: %v", err)
	}
}

func compare(t *testing.T, prefix string, theirs, ours map[string]any, different map[string]bool) {
	t.Helper()
	for _, key := range sortedKeys(theirs) {
		name := prefix + key
		mine, isThere := ours[key]
		if !isThere {
			t.Errorf("%s isn't in values.yaml", name)
			continue
		}
		if below, isTree := theirs[key].(map[string]any); isTree && len(below) > 0 {
			compare(t, name+".", below, mine.(map[string]any), different)
		} else if fmt.Sprint(theirs[key]) != fmt.Sprint(mine) && !different[name] {
			t.Errorf("%s is %v by default, not %v", name, mine, theirs[key])
		}
	}
}

func TestValuesThatCannotBeAreRefused(t *testing.T) {
	loaded := loadChart(t)
	for _, text := range []string{
		"spegel: {mirroredRegistry: []}",
		"mirroredRegistries: []",
		"spegel: {mirroredRegistries: ['https://*.example.com']}",
		"service: {registry: {nodePort: '30020'}}",
		"service: {registry: {port: 70000}}",
		"spegel: {mirrorResolveTimeout: 20}",
		"spegel: {containerdSock: containerd.sock}",
		"spegel: {logLevel: LOUD}",
		"spegel: {additionalMirrorTargets: ['10.0.0.1:5000']}",
		"spegel: {extraArgs: [serve]}",
		"image: {digest: latest}",
		"image: {repository: ''}",
		"grafanaDashboard: {mode: Other}",
		"verticalPodAutoscaler: {updatePolicy: {updateMode: Sometimes}}",
		"basicAuthSecretName: Not_A_Name",
		"preSharedKeySecretName: Not_A_Name",
		"spegel: {tls: {secretName: Not_A_Name}}",
		"spegel: {tls: {secretName: nodes, clientAuth: want}}",
		"spegel: {tls: {secretName: nodes, peerName: '*.test'}}",
		"spegel: {tls: {clientAuth: require}}",
		"spegel: {tls: {peerName: spegel.test}}",
	} {
		if _, err := render(loaded, release{"spegel", "default", values(t, text)}); err == nil {
			t.Errorf("this renders: %s", text)
		}
	}
}

func TestTheSchemaKnowsEveryValue(t *testing.T) {
	loaded := loadChart(t)
	schema := map[string]any{}
	if err := yaml.Unmarshal(loaded.Schema, &schema); err != nil {
		t.Fatal(err)
	}
	known := schema["properties"].(map[string]any)
	delete(known, "global")
	sameNames(t, "", known, loaded.Values)
}

func sameNames(t *testing.T, prefix string, schema, tree map[string]any) {
	t.Helper()
	for _, key := range sortedKeys(schema) {
		if _, isThere := tree[key]; !isThere && prefix != "resources." {
			t.Errorf("values.yaml doesn't show %s%s", prefix, key)
		}
		below, isTree := tree[key].(map[string]any)
		if properties, isClosed := schema[key].(map[string]any)["properties"].(map[string]any); isTree && isClosed {
			sameNames(t, prefix+key+".", properties, below)
		}
	}
}

// The checks themselves must be able to fail.
func TestWhatAClusterWouldRefuseIsRefused(t *testing.T) {
	for fault, text := range map[string]string{
		"unknown field":       "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 1}], prots: []}",
		"already set":         "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 1, port: 2}]}",
		"Required value":      "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: d}\nspec: {selector: {a: b}}",
		"Invalid value":       "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: d}\nspec: {ports: [{port: 70000}]}",
		"no kind \"Service\"": "apiVersion: v2\nkind: Service\nmetadata: {name: s}",
		"Not found":           "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: d}\nspec: {containers: [{name: c, image: i, volumeMounts: [{name: v, mountPath: /v}]}]}",
	} {
		if _, err := admit(text); err == nil || !strings.Contains(err.Error(), fault) {
			t.Errorf("not %q but %v: %s", fault, err, text)
		}
	}
}

func TestFaultsAreSeen(t *testing.T) {
	loaded := loadChart(t)
	for fault, change := range map[string]func(*rendered){
		"can write to its root": func(r *rendered) { agent(r).Spec.Containers[0].SecurityContext.ReadOnlyRootFilesystem = nil },
		"has capabilities":      func(r *rendered) { agent(r).Spec.Containers[0].SecurityContext.Capabilities.Drop = nil },
		"not one workload":      func(r *rendered) { agent(r).Labels["app.kubernetes.io/name"] = "other" },
		"leads to":              func(r *rendered) { agent(r).Spec.Containers[0].Ports[0].Name = "other" },
		"a probe asks":          func(r *rendered) { agent(r).Spec.Containers[0].Ports[0].Name = "other" },
		"it is told: false":     func(r *rendered) { agent(r).Spec.Containers[0].Env = nil },
		"nothing is told of":    func(r *rendered) { agent(r).Spec.Containers[0].Args = nil },
		"gets a token":          func(r *rendered) { agent(r).Spec.AutomountServiceAccountToken = nil },
		"is there twice":        func(r *rendered) { r.objects = append(r.objects, r.objects[0]) },
		"is in the namespace":   func(r *rendered) { service(r).Namespace = "other" },
		"namespace of the host": func(r *rendered) { agent(r).Spec.HostNetwork = true },
		"has the image":         func(r *rendered) { agent(r).Spec.Containers[0].Image = "" },
	} {
		result, err := admitted(loaded, release{"spegel", "default", map[string]any{}})
		if err != nil {
			t.Fatal(err)
		}
		change(&result)
		if faults := strings.Join(result.faults("default"), "\n"); !strings.Contains(faults, fault) {
			t.Errorf("not %q but %q", fault, faults)
		}
	}
}

func agent(r *rendered) *corev1.PodTemplateSpec {
	for _, object := range r.objects {
		if set, isSet := object.(*appsv1.DaemonSet); isSet && set.Name == "spegel" {
			return &set.Spec.Template
		}
	}
	panic("there is no agent")
}

func service(r *rendered) *corev1.Service {
	for _, object := range r.objects {
		if found, isService := object.(*corev1.Service); isService {
			return found
		}
	}
	panic("there is no service")
}
