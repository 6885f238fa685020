{{/* The configuration with what the chart knows: the ports, the files of the certificate, and the own sidecar in Kyma. */}}
{{- define "peerproof.config" -}}
{{- include "peerproof.check" . -}}
{{- $doors := include "peerproof.doors" . | fromJsonArray -}}
{{- $listen := dict "grpc" (ternary "0.0.0.0:9001" "127.0.0.1:9001" (has "grpc" $doors)) "admin" "0.0.0.0:9003" -}}
{{- if has "http" $doors -}}{{- $_ := set $listen "http" "0.0.0.0:9002" -}}{{- end -}}
{{- if include "peerproof.servesMetadata" . -}}{{- $_ := set $listen "metadata" "0.0.0.0:9004" -}}{{- end -}}
{{- if include "peerproof.mints" . -}}{{- $_ := set $listen "keys" "0.0.0.0:9005" -}}{{- end -}}
{{- $config := deepCopy .Values.config -}}
{{- range $door, $address := $config.listen -}}
{{- if ne $address (get $listen $door) -}}
{{- fail (printf "config.listen.%s: remove it. The chart sets the addresses, because the Service, the probes and the policies name the same ports." $door) -}}
{{- end -}}
{{- end -}}
{{- $_ := set $config "listen" $listen -}}
{{- if and (eq .Values.flavour "kyma") (include "peerproof.hasSidecar" .) -}}
{{- $own := printf "spiffe://%s/ns/%s/sa/%s" .Values.trustDomain .Release.Namespace (include "peerproof.serviceAccount" .) -}}
{{- $_ := set $config "http" (mergeOverwrite (dict "xfcc" (dict "sidecar" $own)) ($config.http | default dict)) -}}
{{- end -}}
{{- if .Values.grpcTls.issuer.name -}}
{{- $tls := dict "certFile" "/etc/peerproof-tls/tls.crt" "keyFile" "/etc/peerproof-tls/tls.key" -}}
{{- if .Values.grpcTls.verifyClients -}}{{- $_ := set $tls "clientCaFile" "/etc/peerproof-tls/ca.crt" -}}{{- end -}}
{{- $_ := set $config "grpc" (mergeOverwrite ($config.grpc | default dict) (dict "tls" $tls)) -}}
{{- end -}}
{{- range .Values.trustBundles -}}
{{- $bundle := dict "bundle" (include "peerproof.bundleFile" .) -}}
{{- $domains := dict "trustDomains" (dict .trustDomain $bundle) -}}
{{- /* A trust domain without settings is null, and null would not be merged. */ -}}
{{- $peers := deepCopy ($config.peers | default dict) -}}
{{- $before := $peers.trustDomains | default dict -}}
{{- if not (get $before .trustDomain) -}}{{- $_ := set $peers "trustDomains" (omit $before .trustDomain) -}}{{- end -}}
{{- $_ := set $config "peers" (mergeOverwrite $peers $domains) -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{- define "peerproof.bundleFile" -}}
/etc/peerproof-trust/{{ .trustDomain }}/bundle.pem
{{- end -}}

{{/* The ports of the store. Sentinels name the master by themselves, usually at the usual port. */}}
{{- define "peerproof.storePorts" -}}
{{- $redis := dig "store" "redis" dict .Values.config -}}
{{- $nodes := concat (compact (list $redis.address)) ($redis.cluster | default list) -}}
{{- with $redis.sentinel -}}{{- $nodes = concat $nodes .nodes (list "master:6379") -}}{{- end -}}
{{- $ports := list -}}
{{- range $nodes -}}{{- $ports = append $ports (regexFind ":[0-9]+$" . | default ":6379" | trimPrefix ":" | int) -}}{{- end -}}
{{- $ports | uniq | toJson -}}
{{- end -}}

{{/* Whether a rule accepts something that holds only once, so that all replicas must know of it. */}}
{{- define "peerproof.remembers" -}}
{{- $rules := concat (.Values.config.rules | default list) (.Values.config.lastRules | default list) -}}
{{- range .Values.config.workloads | default dict -}}{{- $rules = concat $rules (.rules | default list) -}}{{- end -}}
{{- $promising := list -}}
{{- range $name, $issuer := .Values.config.issuers | default dict -}}
{{- if $issuer.singleUse -}}{{- $promising = append $promising $name -}}{{- end -}}
{{- end -}}
{{- $found := list -}}
{{- range $rules -}}
{{- $require := .require | default dict -}}
{{- if and $promising (eq ($require.credential | default "") "client-assertion") -}}{{- $found = append $found .name -}}{{- end -}}
{{- range $require.binding | default list -}}
{{- if not (has . (list "certificate" "workload" "none")) -}}{{- $found = append $found . -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- if $found -}}true{{- end -}}
{{- end -}}

{{/* What the schema of the values cannot say. Each text names the key, and what to do. */}}
{{- define "peerproof.check" -}}
{{- $existing := compact (list .Values.existingConfig.configMap .Values.existingConfig.secret) -}}
{{- if and (not .Values.config) (not $existing) -}}
{{- fail "config: write the configuration of Peerproof here, or name a ConfigMap or a Secret in existingConfig." -}}
{{- end -}}
{{- if gt (len (concat $existing (ternary (list "config") list (not (empty .Values.config))))) 1 -}}
{{- fail "config, existingConfig.configMap and existingConfig.secret: set one of them. The others would not be used." -}}
{{- end -}}
{{- $trusted := dict -}}
{{- range $at, $one := .Values.trustBundles -}}
{{- if hasKey $trusted $one.trustDomain -}}
{{- fail (printf "trustBundles[%d].trustDomain: %s is there twice. Put the certificates into one bundle." $at $one.trustDomain) -}}
{{- end -}}
{{- $_ := set $trusted $one.trustDomain true -}}
{{- if ne (len (compact (list $one.configMap $one.secret (ternary "one" "" (not (empty $one.clusterTrustBundle)))))) 1 -}}
{{- fail (printf "trustBundles[%d]: name one of configMap, secret and clusterTrustBundle." $at) -}}
{{- end -}}
{{- with $one.clusterTrustBundle -}}
{{- if eq (empty .name) (empty .signerName) -}}
{{- fail (printf "trustBundles[%d].clusterTrustBundle: set name, or signerName with labelSelector." $at) -}}
{{- end -}}
{{- if and .name .labelSelector -}}
{{- fail (printf "trustBundles[%d].clusterTrustBundle.labelSelector: remove it. It chooses among the bundles of a signer." $at) -}}
{{- end -}}
{{- end -}}
{{- $own := dig "peers" "trustDomains" $one.trustDomain dict $.Values.config | default dict -}}
{{- range list "bundle" "bundleEndpoint" -}}
{{- if get $own . -}}
{{- fail (printf "config.peers.trustDomains.%s.%s: remove it. The chart sets the bundle (trustBundles)." $one.trustDomain .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (not (kindIs "invalid" .Values.replicas)) -}}
{{- fail "replicas: remove it. The autoscaler sets the number (autoscaling.minReplicas), and each upgrade would set it back." -}}
{{- end -}}
{{- $isOne := and (not .Values.autoscaling.enabled) (not (kindIs "invalid" .Values.replicas)) (lt (int .Values.replicas) 2) -}}
{{- if and (include "peerproof.remembers" .) (not $isOne) (not .Values.config.store) -}}
{{- fail "config.store: name the Redis that the replicas share, or set replicas to 1. A rule accepts something that holds only once, and each replica would remember for itself." -}}
{{- end -}}
{{- if and .Values.doors (ne .Values.flavour "plain") -}}
{{- fail (printf "doors: remove it. The flavour %s has the door that its proxies can use. `doors` is for the flavour plain." .Values.flavour) -}}
{{- end -}}
{{- if and (eq .Values.flavour "ambient") (include "peerproof.hasSidecar" .) -}}
{{- fail "sidecar: remove it, or use the flavour istio. A pod of the flavour ambient has no sidecar." -}}
{{- end -}}
{{- if and (not (include "peerproof.isMesh" .)) (include "peerproof.hasSidecar" .) -}}
{{- fail (printf "sidecar: remove it, or use the flavour istio. The flavour %s has no policies for a sidecar." .Values.flavour) -}}
{{- end -}}
{{- $closed := or (include "peerproof.isEnforced" .) .Values.networkPolicy.enabled -}}
{{- if and $closed (not .Values.callers.namespaces) (not .Values.callers.gateways) -}}
{{- fail "callers: list the namespaces of the applications (callers.namespaces), or the gateways that ask (callers.gateways). Nobody else may ask Peerproof." -}}
{{- end -}}
{{- if and (eq .Values.flavour "envoy-gateway") .Values.networkPolicy.enabled (not .Values.callers.gateways) -}}
{{- fail "callers.gateways: name the namespace in which the Envoy proxies run, such as envoy-gateway-system. Only they may ask Peerproof." -}}
{{- end -}}
{{- if include "peerproof.isEnforced" . -}}
{{- range .Values.callers.gateways -}}
{{- if not .serviceAccount -}}
{{- fail (printf "callers.gateways: add the serviceAccount of the gateway in %s. In a mesh it says who asks." .namespace) -}}
{{- end -}}
{{- end -}}
{{- if not (include "peerproof.reader" . | fromJson).serviceAccount -}}
{{- fail "metrics.reader.serviceAccount: add it. In a mesh it says who reads." -}}
{{- end -}}
{{- end -}}
{{- if and (include "peerproof.isMesh" .) (not $closed) -}}
{{- fail "networkPolicy.enabled: set it to true, or give Peerproof a sidecar. Otherwise every program in the cluster may ask, and say anything about its peer." -}}
{{- end -}}
{{- if and .Values.monitoring.serviceMonitor.enabled (include "peerproof.isEnforced" .) -}}
{{- fail "monitoring.serviceMonitor.enabled: use monitoring.podMonitor. Port 9003 needs a certificate of the mesh here, and Prometheus has none." -}}
{{- end -}}
{{- if and .Values.monitoring.podMonitor.enabled (eq .Values.flavour "ambient") -}}
{{- fail "monitoring.podMonitor.enabled: it does not work in ambient mode. Let a Prometheus that is in the mesh read port 9003, and name it in metrics.reader." -}}
{{- end -}}
{{- if and .Values.grpcTls.issuer.name (ne .Values.flavour "plain") -}}
{{- fail "grpcTls.issuer.name: remove it. A certificate is for the flavour plain. In a mesh the proxies encrypt." -}}
{{- end -}}
{{- if and .Values.grpcTls.issuer.name (not (has "grpc" (include "peerproof.doors" . | fromJsonArray))) -}}
{{- fail "grpcTls.issuer.name: add grpc to doors. The certificate is for that door." -}}
{{- end -}}
{{- if and (hasKey (.Values.config.rulesFrom | default dict) "kubernetes") (not .Values.authorizationRules.enabled) -}}
{{- fail "authorizationRules.enabled: set it to true. config.rulesFrom.kubernetes reads objects of teams, and Peerproof needs the right to." -}}
{{- end -}}
{{- if and .Values.grpcTls.issuer.name $existing -}}
{{- fail "grpcTls.issuer.name: write the configuration in config. The chart cannot add grpc.tls to an existing one." -}}
{{- end -}}
{{- end -}}
