package charts

import (
	"fmt"
	"slices"
	"strings"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
)

// rendered is a whole release as objects.
type rendered struct {
	objects []runtime.Object
}

func (r rendered) all(yield func(runtime.Object) bool) {
	for _, object := range r.objects {
		if !yield(object) {
			return
		}
	}
}

// pods are those that the release's workloads would make, by the name of the workload.
func (r rendered) pods() map[string]corev1.PodTemplateSpec {
	pods := map[string]corev1.PodTemplateSpec{}
	for object := range r.all {
		switch object := object.(type) {
		case *appsv1.DaemonSet:
			pods[object.Name] = object.Spec.Template
		case *corev1.Pod:
			pods[object.Name] = corev1.PodTemplateSpec{ObjectMeta: object.ObjectMeta, Spec: object.Spec}
		}
	}
	return pods
}

// selected are the names of the workloads whose pods have these labels.
func (r rendered) selected(selector map[string]string) []string {
	var names []string
	for name, pod := range r.pods() {
		if labels.SelectorFromSet(selector).Matches(labels.Set(pod.Labels)) {
			names = append(names, name)
		}
	}
	return names
}

func portNames(pod corev1.PodSpec) map[string]int32 {
	names := map[string]int32{}
	for _, container := range pod.Containers {
		for _, port := range container.Ports {
			names[port.Name] = port.ContainerPort
		}
	}
	return names
}

// faults are the breaches of what must hold for every release, whatever its values.
func (r rendered) faults(namespace string) []string {
	var faults []string
	fault := func(format string, arguments ...any) { faults = append(faults, fmt.Sprintf(format, arguments...)) }
	seen := map[string]bool{}
	for object := range r.all {
		about, err := meta.Accessor(object)
		if err != nil {
			fault("%T: %v", object, err)
			continue
		}
		kind := object.GetObjectKind().GroupVersionKind().Kind
		id := kind + "/" + about.GetName()
		if seen[id] {
			fault("%s is there twice", id)
		}
		seen[id] = true
		if about.GetNamespace() != namespace {
			fault("%s is in the namespace %q, not %q", id, about.GetNamespace(), namespace)
		}
		if strings.Contains(kind, "Role") {
			fault("%s: the agent asks nothing of Kubernetes, so no role is needed", id)
		}
		switch object := object.(type) {
		case *corev1.Service:
			faults = append(faults, r.serviceFaults(object)...)
		case *networkingv1.NetworkPolicy:
			if names := r.selected(object.Spec.PodSelector.MatchLabels); len(names) != 1 {
				fault("%s selects %v, not one workload", id, names)
			}
		case *monitoring.ServiceMonitor:
			faults = append(faults, r.monitorFaults(object)...)
		}
	}
	for name, pod := range r.pods() {
		faults = append(faults, r.podFaults(name, pod)...)
	}
	return faults
}

func (r rendered) serviceFaults(service *corev1.Service) []string {
	names := r.selected(service.Spec.Selector)
	if len(names) != 1 {
		return []string{fmt.Sprintf("service %s selects %v, not one workload", service.Name, names)}
	}
	var faults []string
	ports := portNames(r.pods()[names[0]].Spec)
	for _, port := range service.Spec.Ports {
		if ports[port.TargetPort.String()] != port.Port {
			faults = append(faults, fmt.Sprintf("service %s: port %d leads to %q of %v", service.Name, port.Port, port.TargetPort.String(), ports))
		}
	}
	return faults
}

func (r rendered) monitorFaults(monitor *monitoring.ServiceMonitor) []string {
	selector := labels.SelectorFromSet(monitor.Spec.Selector.MatchLabels)
	var scraped []string
	for object := range r.all {
		if service, isService := object.(*corev1.Service); isService && selector.Matches(labels.Set(service.Labels)) {
			for _, port := range service.Spec.Ports {
				if port.Name == monitor.Spec.Endpoints[0].Port {
					scraped = append(scraped, service.Name)
				}
			}
		}
	}
	if len(scraped) != 1 {
		return []string{fmt.Sprintf("the ServiceMonitor scrapes %v, not one service", scraped)}
	}
	return nil
}

func (r rendered) podFaults(name string, pod corev1.PodTemplateSpec) []string {
	var faults []string
	fault := func(format string, arguments ...any) {
		faults = append(faults, name+": "+fmt.Sprintf(format, arguments...))
	}
	spec := pod.Spec
	if spec.AutomountServiceAccountToken == nil || *spec.AutomountServiceAccountToken {
		fault("the pod gets a token that it has no use for")
	}
	if spec.HostNetwork || spec.HostPID || spec.HostIPC {
		fault("the pod is in a namespace of the host")
	}
	ports := portNames(spec)
	for _, container := range append(spec.InitContainers, spec.Containers...) {
		if container.Name == "foreign" { // an operator's own
			continue
		}
		if context := container.SecurityContext; context == nil || context.ReadOnlyRootFilesystem == nil || !*context.ReadOnlyRootFilesystem {
			fault("%s can write to its root", container.Name)
		} else if context.Capabilities == nil || len(context.Capabilities.Drop) != 1 || context.Capabilities.Drop[0] != "ALL" ||
			len(context.Capabilities.Add) > 0 || context.AllowPrivilegeEscalation == nil || *context.AllowPrivilegeEscalation {
			fault("%s has capabilities, or can get them", container.Name)
		}
		if container.Image == "" || strings.HasSuffix(container.Image, ":") {
			fault("%s has the image %q", container.Name, container.Image)
		}
		for _, probe := range []*corev1.Probe{container.StartupProbe, container.ReadinessProbe, container.LivenessProbe} {
			if probe != nil && ports[probe.HTTPGet.Port.String()] == 0 {
				fault("%s: a probe asks port %q", container.Name, probe.HTTPGet.Port.String())
			}
		}
		_, limited := container.Resources.Limits[corev1.ResourceMemory]
		told := false
		for _, variable := range container.Env {
			told = told || variable.Name == "SPEGEL_MEMORY"
		}
		if told != limited {
			fault("%s: there is a memory limit: %v; it is told: %v", container.Name, limited, told)
		}
		hasNodeIP := slices.ContainsFunc(container.Env, func(variable corev1.EnvVar) bool { return variable.Name == "NODE_IP" })
		if strings.Contains(strings.Join(container.Args, " "), "$(NODE_IP)") != hasNodeIP {
			fault("%s: it is told the node's address: %v; it has it: %v", container.Name, !hasNodeIP, hasNodeIP)
		}
		// A directory is mounted where the command line says it is, but for the secret's fixed place and an operator's own.
		for _, mount := range container.VolumeMounts {
			if mount.Name != "basic-auth" && mount.Name != "shared" && !strings.Contains(strings.Join(container.Args, " "), mount.MountPath) {
				fault("%s: nothing is told of what is mounted at %s", container.Name, mount.MountPath)
			}
		}
	}
	faults = append(faults, credentialsFaults(name, spec)...)
	return faults
}

// credentialsFaults tells where an agent can't keep the credentials in containerd's configuration in step with the secret: it has to be
// told the same as the init container, and be able to write there.
func credentialsFaults(name string, spec corev1.PodSpec) []string {
	hasSecret := slices.ContainsFunc(spec.Volumes, func(volume corev1.Volume) bool { return volume.Name == "basic-auth" })
	writes := func(container corev1.Container) bool {
		return slices.ContainsFunc(container.VolumeMounts, func(mount corev1.VolumeMount) bool {
			return mount.Name == "containerd-config" && !mount.ReadOnly
		})
	}
	var faults []string
	for _, init := range spec.InitContainers {
		if init.Name != "configuration" {
			continue
		}
		for _, container := range spec.Containers {
			if writes(container) != hasSecret {
				faults = append(faults, fmt.Sprintf("%s: %s has a secret: %v; it can write containerd's configuration: %v", name, container.Name, hasSecret, writes(container)))
			}
			for _, argument := range init.Args[1:] {
				if hasSecret && !slices.Contains(container.Args, argument) {
					faults = append(faults, fmt.Sprintf("%s: %s isn't told %s, as %s is", name, container.Name, argument, init.Name))
				}
			}
		}
	}
	return faults
}
