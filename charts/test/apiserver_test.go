package charts

import (
	"fmt"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation/field"
	vpa "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/apis/autoscaling.k8s.io/v1"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	podapi "k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/apps"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	appsvalidation "k8s.io/kubernetes/pkg/apis/apps/validation"
	"k8s.io/kubernetes/pkg/apis/core"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/apis/networking"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	networkingvalidation "k8s.io/kubernetes/pkg/apis/networking/validation"
)

// As an API server with --validate=strict: unknown and repeated fields are errors.
var decoder = serializer.NewCodecFactory(scheme(), serializer.EnableStrict).UniversalDeserializer()

func scheme() *runtime.Scheme {
	all := legacyscheme.Scheme
	for _, add := range []func(*runtime.Scheme) error{monitoring.AddToScheme, vpa.AddToScheme, addGrafana} {
		if err := add(all); err != nil {
			panic(err)
		}
	}
	return all
}

// admit reads an object and applies the rules by which an API server accepts it. What comes back has the defaults.
func admit(text string) (runtime.Object, error) {
	object, _, err := decoder.Decode([]byte(text), nil, nil)
	if err != nil {
		return nil, err
	}
	legacyscheme.Scheme.Default(object)
	switch object := object.(type) {
	case *corev1.Service:
		if object.Spec.ClusterIP != "" && len(object.Spec.ClusterIPs) == 0 {
			object.Spec.ClusterIPs = []string{object.Spec.ClusterIP} // as the API server fills it in
		}
	case *monitoring.ServiceMonitor, *vpa.VerticalPodAutoscaler, *GrafanaDashboard:
		return object, nil // of custom resources the API server knows the types only
	}
	internal, err := legacyscheme.Scheme.ConvertToVersion(object, runtime.InternalGroupVersioner)
	if err != nil {
		return nil, err
	}
	if errors := breaches(internal); len(errors) > 0 {
		return nil, errors.ToAggregate()
	}
	return object, nil
}

func breaches(internal runtime.Object) field.ErrorList {
	switch object := internal.(type) {
	case *apps.DaemonSet:
		return appsvalidation.ValidateDaemonSet(object, podapi.GetValidationOptionsFromPodTemplate(&object.Spec.Template, nil))
	case *core.Pod:
		return corevalidation.ValidatePodCreate(object,
			podapi.GetValidationOptionsFromPodSpecAndMeta(&object.Spec, nil, &object.ObjectMeta, nil))
	case *core.Service:
		return corevalidation.ValidateServiceCreate(object)
	case *core.ServiceAccount:
		return corevalidation.ValidateServiceAccount(object)
	case *core.ConfigMap:
		return corevalidation.ValidateConfigMap(object)
	case *core.Namespace:
		return corevalidation.ValidateNamespace(object)
	case *networking.NetworkPolicy:
		return networkingvalidation.ValidateNetworkPolicy(object, networkingvalidation.NetworkPolicyValidationOptions{})
	default:
		return field.ErrorList{field.InternalError(field.NewPath("kind"), fmt.Errorf("the chart has no %T", internal))}
	}
}
