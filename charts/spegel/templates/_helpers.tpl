{{/* Names end where the longest suffix, -cleanup-wait, still leaves them a DNS label of 63 characters. */}}
{{- define "spegel.name" -}}
{{ default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "spegel.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains $name .Release.Name -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{- define "spegel.namespace" -}}
{{ default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{- define "spegel.serviceAccountName" -}}
{{ default (include "spegel.fullname" .) .Values.serviceAccount.name }}
{{- end }}

{{/* repository[:tag][@digest]; without either, the version that this chart was made for. */}}
{{- define "spegel.image" -}}
{{- $image := .Values.image -}}
{{- $tag := $image.tag | toString -}}
{{- if and (not $tag) (not $image.digest) }}{{ $tag = .Chart.AppVersion }}{{ end -}}
{{ $image.repository }}{{ with $tag }}:{{ . }}{{ end }}{{ with $image.digest }}@{{ . }}{{ end }}
{{- end }}

{{- define "spegel.releaseLabels" -}}
app.kubernetes.io/name: {{ include "spegel.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* What selects the agents; the pods of the clean-up have another name. A DaemonSet's selector can't be changed, so it is that of
     the Go implementation's chart: a release of either can be upgraded to the other. */}}
{{- define "spegel.selectorLabels" -}}
app.kubernetes.io/component: spegel
{{ include "spegel.releaseLabels" . }}
{{- end }}

{{- define "spegel.cleanupSelectorLabels" -}}
app.kubernetes.io/name: {{ include "spegel.name" . }}-cleanup
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Of every object, beside those that select it. */}}
{{- define "spegel.commonLabels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "spegel.labels" -}}
{{ include "spegel.releaseLabels" . }}
{{ include "spegel.commonLabels" . }}
{{- end }}

{{/* One agent as containerd reaches it. The address is put in by the kubelet; one of IPv6 has no brackets, which
     containerd before 2.0 can't read in hosts.toml. */}}
{{- define "spegel.mirrorTarget" -}}
http{{ if .Values.spegel.tls.secretName }}s{{ end }}://$(NODE_IP):{{ .Values.service.registry.nodePort }}
{{- end }}

{{/* What containerd is told of mirrors, beside the registries. */}}
{{- define "spegel.mirrorArgs" -}}
- {{ printf "--containerd-registry-config-path=%s" .Values.spegel.containerdRegistryConfigPath | quote }}
- {{ printf "--mirror-targets=%s" (include "spegel.mirrorTarget" .) | quote }}
{{- range .Values.spegel.additionalMirrorTargets }}
- {{ printf "--mirror-targets=%s" . | quote }}
{{- end }}
- --resolve-tags={{ .Values.spegel.resolveTags }}
- --prepend-existing={{ .Values.spegel.prependExisting }}
{{- end }}

{{/* The Secret's files, as docs/tls.md has them. */}}
{{- define "spegel.tlsMount" -}}
- name: tls
  mountPath: /etc/secrets/tls
  readOnly: true
{{- end }}

{{- define "spegel.nodeIpEnv" -}}
- name: NODE_IP
  {{- if .Values.service.registry.nodeIp }}
  value: {{ .Values.service.registry.nodeIp | quote }}
  {{- else }}
  valueFrom:
    fieldRef:
      fieldPath: status.hostIP
  {{- end }}
{{- end }}

{{/* Where pods go and what they may use: the same for the agents and for the clean-up. */}}
{{- define "spegel.placement" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.podSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- end }}

{{/* The rest of a container of ours: what it may do and use. SPEGEL_MEMORY is bytes, from which the heap follows. */}}
{{- define "spegel.container" -}}
image: {{ include "spegel.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- with .Values.securityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "spegel.memoryEnv" -}}
{{- if dig "limits" "memory" "" (.Values.resources | default dict) }}
- name: SPEGEL_MEMORY
  valueFrom:
    resourceFieldRef:
      resource: limits.memory
{{- end }}
{{- end }}
