package charts

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// The part of the Grafana operator's GrafanaDashboard that the chart may use. Its Go module isn't on the module proxy.
type GrafanaDashboard struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		AllowCrossNamespaceImport bool                 `json:"allowCrossNamespaceImport"`
		Folder                    string               `json:"folder"`
		ResyncPeriod              metav1.Duration      `json:"resyncPeriod"`
		InstanceSelector          metav1.LabelSelector `json:"instanceSelector"`
		ConfigMapRef              struct {
			Name string `json:"name"`
			Key  string `json:"key"`
		} `json:"configMapRef"`
	} `json:"spec"`
}

func (d *GrafanaDashboard) DeepCopyObject() runtime.Object {
	copied := *d
	d.ObjectMeta.DeepCopyInto(&copied.ObjectMeta)
	d.Spec.InstanceSelector.DeepCopyInto(&copied.Spec.InstanceSelector)
	return &copied
}

func addGrafana(all *runtime.Scheme) error {
	all.AddKnownTypeWithName(
		schema.GroupVersionKind{Group: "grafana.integreatly.org", Version: "v1beta1", Kind: "GrafanaDashboard"},
		&GrafanaDashboard{})
	return nil
}
